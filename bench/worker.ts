// A title's ladder on this machine with one item at a time, with as many slots as cores, and packed by what items need: wall time, cores
// busy, peak memory. The built product as a user has it; interleaved, medians over the rounds.
//
//   npm run bench worker [CODECS] [ROUNDS] [SOURCE]      x264,vp9,svtav1   3   the demo clip

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { TitleSummary } from '#core/title';
import { median } from '#analysis/quantile';
import { readEnvironment } from '#measure/environment';
import { createRunGroup } from '#measure/run-group';
import { monotonicUs } from '#system/clock';
import { runChild } from '#system/child-process';
import { BUNNY } from '../test/cli/run-cli.ts';

const RUNGS: Readonly<Record<string, object>> = {
  x264: { encoder: 'libx264', preset: 'medium', crf: 23 },
  vp9: { encoder: 'libvpx-vp9', crf: 36, b: 0, deadline: 'good', 'cpu-used': 3 },
  svtav1: { encoder: 'libsvtav1', crf: 38, preset: 8 },
};
const HEIGHTS = ['1280x720', '640x360', '320x180'];
const WAYS: readonly (readonly [name: string, args: readonly string[]])[] = [
  ['one at a time', ['--slots', '1']],
  [`${availableParallelism()} slots`, ['--slots', String(availableParallelism())]],
  ['packed', []],
];

const [names = Object.keys(RUNGS).join(), rounds = '3', path = BUNNY] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'encodelab-bench-worker-'));
const main = join(import.meta.dirname, '..', 'dist', 'cli', 'main.js');
const lab = join(folder, 'lab');

interface Took {
  readonly wallS: number;
  /** Share of all cores, over the whole command. */
  readonly busy: number;
  readonly memoryBytes: number;
}

async function encode(ladder: string, args: readonly string[]): Promise<Took> {
  const group = await createRunGroup(`bench${monotonicUs()}`);
  try {
    const command = ['encode', resolve(path), '--ladder', ladder, '--lab', lab, '--json', ...args];
    const began = performance.now();
    const { code, stdout, stderr } = await runChild(...group.enter(process.execPath, [main, ...command]), {
      tailBytes: 1 << 22,
    });
    const wallS = (performance.now() - began) / 1000;
    const { cpuS, memoryPeak } = group.read();
    if (code !== 0) throw new Error(stderr.slice(-2000));
    const { title } = JSON.parse(stdout.trim().split('\n').at(-1)!) as TitleSummary;
    await runChild(process.execPath, [main, 'titles', 'delete', title, '--lab', lab], {});
    return { wallS, busy: (cpuS ?? NaN) / (wallS * cpus().length), memoryBytes: memoryPeak ?? NaN };
  } finally {
    await group.remove();
  }
}

const { cpu } = await readEnvironment({});
console.log(`${cpu.model}, ${cpu.cores} cores; ${rounds} interleaved rounds; from the command's start to its end\n`);
console.log('| codec | way | wall, s | cores busy | peak memory | speed of one at a time |');
console.log('|---|---|---|---|---|---|');
try {
  for (const name of names.split(',')) {
    const ladder = join(folder, `${name}.yaml`);
    const rungs = HEIGHTS.map((resolution) => ({ ...RUNGS[name], resolution }));
    writeFileSync(ladder, JSON.stringify({ name, gop: '2s', rungs }));
    const took = WAYS.map((): Took[] => []);
    for (let round = 0; round < Number(rounds); round++)
      for (let i = 0; i < WAYS.length; i++) {
        const way = (i + round) % WAYS.length;
        took[way]!.push(await encode(ladder, WAYS[way]![1]));
      }
    for (const [i, [way]] of WAYS.entries()) {
      const of = (value: (one: Took) => number) => median(took[i]!.map(value));
      const ratio = median(took[i]!.map(({ wallS }, round) => took[0]![round]!.wallS / wallS));
      console.log(
        `| ${name} | ${way} | ${of(({ wallS }) => wallS).toFixed(1)} | ${(100 * of(({ busy }) => busy)).toFixed(1)} % | ${(of(({ memoryBytes }) => memoryBytes) / 1e6).toFixed(0)} MB | ${ratio.toFixed(2)} x |`,
      );
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

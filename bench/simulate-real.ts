// The simulator against this machine: a title is encoded, its measured shapes are simulated on one worker of this machine's size, and the
// makespan is compared with that of the next real encode of the same. Shapes of one item at a time, and of packed work.
//
//   npm run bench simulate-real [CODECS] [ROUNDS] [SOURCE]      x264,vp9,svtav1   3   the demo clip

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import type { TitleSummary } from '#core/title';
import { median } from '#analysis/quantile';
import type { ShapeRow } from '#core/shape';
import { CPU_OVER } from '#farm/packed-admission';
import { parseFleet } from '#farm/simulate/fleet';
import { simulate } from '#farm/simulate/simulate';
import { narrowed } from '#farm/simulate/narrow-shape';
import { inStages } from '#farm/simulate/title-stages';
import { usableShapes } from '#farm/simulate/usable-shapes';
import { measuredStages, type MeasuredItem } from '#farm/simulate/work';
import { openLab } from '#lab/lab';
import { compactShapes } from '#lab/shapes/compact-shapes';
import { readShapes, shapeRow } from '#lab/shapes/read-shapes';
import { readEnvironment } from '#measure/environment';
import { openTitles } from '#pipeline/titles';
import { runChild } from '#system/child-process';
import { BUNNY } from '../test/cli/run-cli.ts';

const RUNGS: Readonly<Record<string, object>> = {
  x264: { encoder: 'libx264', preset: 'medium', crf: 23 },
  vp9: { encoder: 'libvpx-vp9', crf: 36, b: 0, deadline: 'good', 'cpu-used': 3 },
  svtav1: { encoder: 'libsvtav1', crf: 38, preset: 8 },
};
const HEIGHTS = ['1280x720', '640x360', '320x180'];
const [names = Object.keys(RUNGS).join(), rounds = '3', path = BUNNY] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'encodelab-bench-simulate-'));
const main = join(import.meta.dirname, '..', 'dist', 'cli', 'main.js');
const labPath = join(folder, 'lab');
const machine = { cores: availableParallelism(), memoryBytes: totalmem() };
const fleet = parseFleet(`1*here:${machine.cores}cpu`);

interface Made {
  readonly shapes: readonly ShapeRow[];
  /** From the first item's beginning to the last one's end, by the queue's clock. */
  readonly makespanS: number;
}

async function encode(ladder: string, args: readonly string[]): Promise<Made> {
  const command = ['encode', resolve(path), '--ladder', ladder, '--lab', labPath, '--json', ...args];
  const { code, stdout, stderr } = await runChild(process.execPath, [main, ...command], { tailBytes: 1 << 22 });
  if (code !== 0) throw new Error(stderr.slice(-2000));
  const { title } = JSON.parse(stdout.trim().split('\n').at(-1)!) as TitleSummary;
  const lab = await openLab(labPath);
  const titles = await openTitles(lab);
  try {
    await compactShapes(lab);
    const columns = await readShapes(lab, { title });
    const attempts = await titles.queue.attempts(title, 10_000);
    await titles.delete(title);
    return {
      shapes: columns.id.map((_, row) => shapeRow(columns, row)),
      makespanS:
        (Math.max(...attempts.map(({ endedAt }) => endedAt!)) - Math.min(...attempts.map(({ beganAt }) => beganAt))) /
        1000,
    };
  } finally {
    await titles.close();
    await lab.close();
  }
}

function simulated(shapes: readonly ShapeRow[]): number {
  const measured = shapes.filter(({ durationS }) => durationS > 0);
  const encodes = measured.filter(({ kind }) => kind === 'encode').length;
  const stages = inStages(measured).map((stage) => stage.map((row) => itemOf(row, encodes)));
  return simulate(measuredStages(stages), fleet, { policy: 'throughput' }).makespanS;
}

/** Reserved as a worker does: a quarter of a core at least, and cores may be promised a little beyond what there is. */
function itemOf(row: ShapeRow, encodes: number): MeasuredItem {
  // What was too short for its CPU to be measured kept one core busy.
  const [shape] = usableShapes([{ ...row, cpuS: row.cpuS ?? row.durationS }], '');
  const { durationS, cores, memoryBytes } = narrowed(shape!, encodes, machine);
  const reserved = Math.min(machine.cores, Math.max(cores, 0.25) / CPU_OVER);
  return { durationS, cores: reserved, coresUsed: cores, memoryBytes };
}

const { cpu } = await readEnvironment({});
console.log(`${cpu.model}, ${cpu.cores} cores; ${rounds} rounds\n`);
console.log(
  '| codec | real makespan, s | simulated from items one at a time | off | simulated from packed items | off |',
);
console.log('|---|---|---|---|---|---|');
try {
  for (const name of names.split(',')) {
    const ladder = join(folder, `${name}.yaml`);
    const rungs = HEIGHTS.map((resolution) => ({ ...RUNGS[name], resolution }));
    writeFileSync(ladder, JSON.stringify({ name, gop: '2s', rungs }));
    const real: number[] = [];
    const alone: number[] = [];
    const packed: number[] = [];
    let before = await encode(ladder, []);
    for (let round = 0; round < Number(rounds); round++) {
      const single = await encode(ladder, ['--slots', '1']);
      const next = await encode(ladder, []);
      real.push(next.makespanS);
      alone.push(simulated(single.shapes));
      packed.push(simulated(before.shapes));
      before = next;
    }
    const off = (said: readonly number[]) =>
      `${(100 * (median(said.map((seconds, i) => seconds / real[i]!)) - 1)).toFixed(1)} %`;
    console.log(
      `| ${name} | ${median(real).toFixed(1)} | ${median(alone).toFixed(1)} s | ${off(alone)} | ${median(packed).toFixed(1)} s | ${off(packed)} |`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

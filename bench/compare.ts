// How sure comparisons and change points are: coverage of the intervals, changes found, false alarms; and what they take.
// node --conditions=encodelab-source bench/compare.ts [DRAWS]

import { changePoints } from '#analysis/e-divisive';
import { seededRandom } from '#analysis/random';
import { changeOfMedians } from '#analysis/ratio-of-medians';
import { compareSides } from '#explore/compare/compare-sides';
import type { Side } from '#explore/compare/side';

const draws = Number(process.argv[2] ?? 2000);
const random = seededRandom(8);
const uniform = () => (random() + 0.5) / 2 ** 32;
const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
const NOISES = {
  normal,
  'log-normal': () => Math.exp(normal()),
  'one in ten disturbed': () => (uniform() < 0.1 ? 5 : 1) * normal(),
};
const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
const times = (count: number, one: () => boolean) => Array.from({ length: count }, one).filter(Boolean).length / count;

console.log(`one cell, one metric, noise of 2 %, ${draws} draws\n`);
console.log('| repeats | noise | interval covers | 5 % slower is found | false alarms |');
console.log('|--:|---|--:|--:|--:|');
for (const repeats of [3, 4, 5, 10, 30])
  for (const [name, noise] of Object.entries(NOISES)) {
    const sample = (middle: number) => Array.from({ length: repeats }, () => middle * Math.exp(0.02 * noise()));
    const change = (factor: number) => changeOfMedians(sample(100), sample(100 * factor), 'ratio');
    const isTold = ({ p, interval }: ReturnType<typeof change>) => p <= 0.05 && (interval![0] > 1 || interval![1] < 1);
    const covered = times(draws, () => {
      const [low, high] = change(0.95).interval!;
      return low <= 0.95 && 0.95 <= high;
    });
    const found = times(draws, () => isTold(change(0.95)));
    const alarms = times(draws, () => isTold(change(1)));
    console.log(`| ${repeats} | ${name} | ${percent(covered)} | ${percent(found)} | ${percent(alarms)} |`);
  }

function side(cells: number, metrics: number, factor: number): Side {
  const names = Array.from({ length: metrics }, (_, i) => `m${i}`);
  return {
    title: 'side',
    facts: {},
    metrics: names.map((name) => ({ name, unit: 's', better: 'lower' })),
    cells: Array.from({ length: cells }, (_, cell) => ({
      settings: { cell: String(cell) },
      values: Object.fromEntries(
        names.map((name, i) => [
          name,
          Array.from({ length: 5 }, () => (i === 0 ? factor : 1) * (cell + 1) * Math.exp(0.02 * normal())),
        ]),
      ),
      failed: 0,
      reason: null,
      runs: [],
    })),
  };
}

console.log(`\nwhole comparisons: 5 repeats, noise of 2 %, ${draws / 10} draws; one metric is 5 % worse\n`);
console.log('| cells | metrics | found over all | any row of noise is called a change |');
console.log('|--:|--:|--:|--:|');
for (const [cells, metrics] of [
  [1, 1],
  [1, 30],
  [4, 1],
  [4, 30],
  [12, 30],
] as const) {
  const compare = (factor: number) => compareSides(side(cells, metrics, 1), side(cells, metrics, factor));
  const found = times(draws / 10, () =>
    compare(1.05).overall.some(({ metric, verdict }) => metric === 'm0' && verdict === 'worse'),
  );
  const alarms = times(draws / 10, () => {
    const { overall, cells: rows } = compare(1);
    return [...overall, ...rows].some(({ verdict }) => verdict !== 'same');
  });
  console.log(`| ${cells} | ${metrics} | ${percent(found)} | ${percent(alarms)} |`);
}

console.log(`\nchange points, noise of 2 %, ${draws / 5} series\n`);
console.log('| series | what | share |');
console.log('|---|---|--:|');
const series = (...parts: readonly (readonly [count: number, level: number])[]) =>
  parts.flatMap(([count, level]) => Array.from({ length: count }, () => level * (1 + 0.02 * normal())));
for (const length of [20, 50, 200])
  console.log(
    `| ${length} runs of noise | false alarm | ${percent(times(draws / 5, () => changePoints(series([length, 100])).length > 0))} |`,
  );
for (const [after, level] of [
  [5, 95],
  [10, 95],
  [20, 95],
  [5, 90],
  [10, 98],
  [40, 98],
] as const) {
  const found = times(draws / 5, () =>
    changePoints(series([40, 100], [after, level])).some(({ at }) => Math.abs(at - 40) <= 3),
  );
  console.log(`| 40 runs, then ${after} that are ${100 - level} % lower | found within 3 runs | ${percent(found)} |`);
}

const timed = (what: string, run: () => void) => {
  const before = process.cpuUsage();
  run();
  console.log(`${what}: ${((process.cpuUsage(before).user / 1e3) | 0).toString()} ms of CPU`);
};
console.log();
const [a, b] = [side(1000, 30, 1), side(1000, 30, 1.05)];
timed('compare 10,000 runs with 30 metrics (1,000 pairs of cells)', () => void compareSides(a, b));
for (const length of [500, 2000, 5000]) {
  const values = series([length / 2, 100], [length / 2, 98]);
  timed(`change points of ${length} runs`, () => void changePoints(values));
}

import { expect, test } from 'vitest';
import { seededRandom } from '#analysis/random';
import { madeDataset } from '../../../test/explore/made-dataset.ts';
import { baselineSide, makeBaseline } from './baseline.ts';
import { compareSides } from './compare-sides.ts';
import { comparisonNotes } from './comparison-words.ts';
import { matchCells } from './match-cells.ts';
import { settingsInTheWay } from './settings-in-the-way.ts';
import { sideOf, type Side, type SideCell } from './side.ts';

const METRICS = [
  { name: 'encode.fps', unit: 'frame/s', better: 'higher' },
  { name: 'cpu.time', unit: 's', better: 'lower' },
  { name: 'bitrate', unit: 'bit/s', better: null },
  { name: 'quality.psnr', unit: 'dB', better: 'higher' },
] as const;

function noisy(seed: number): (middle: number) => number[] {
  const random = seededRandom(seed);
  const uniform = () => (random() + 0.5) / 2 ** 32;
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  return (middle) => Array.from({ length: 5 }, () => middle * Math.exp(0.02 * normal()));
}

/** Six cells; `factors` are on the speed of each metric. */
function side(title: string, seed: number, factors: Partial<Record<string, number>> = {}): Side {
  const draw = noisy(seed);
  const cells = ['fast', 'medium', 'slow'].flatMap((preset, i) =>
    ['1M', '2M'].map((bitrate): SideCell => ({
      settings: { preset, bitrate },
      values: Object.fromEntries(
        METRICS.map(({ name }) => [name, draw(100 * (i + 1) * (factors[`${name} ${preset}`] ?? factors[name] ?? 1))]),
      ),
      failed: 0,
      reason: null,
      runs: [],
    })),
  );
  return { title, cells, metrics: METRICS, facts: {} };
}

test('a planted regression of 5 % in one metric is told over all cells and first, and the other metrics are not', () => {
  const { overall } = compareSides(side('a', 1), side('b', 2, { 'encode.fps': 0.95 }));
  expect(overall.map(({ metric, verdict }) => `${metric} ${verdict}`)).toEqual([
    'encode.fps worse',
    expect.stringContaining('same'),
    expect.stringContaining('same'),
    expect.stringContaining('same'),
  ]);
  const [low, high] = overall[0]!.interval!;
  expect(low).toBeLessThan(0.95);
  expect(high).toBeGreaterThan(0.95);
  expect(high).toBeLessThan(1);
});

test('better and worse follow the metric, and what has no better side has changed', () => {
  const b = side('b', 2, { 'encode.fps': 1.2, 'cpu.time': 1.3, bitrate: 0.7 });
  const told = compareSides(side('a', 1), b).overall.map(({ metric, verdict }) => `${metric} ${verdict}`);
  // By how far they changed for sure.
  expect(told.slice(0, 3).toSorted()).toEqual(['bitrate changed', 'cpu.time worse', 'encode.fps better']);
});

test('a cell that changed alone is the first row, with its factor', () => {
  const { cells } = compareSides(side('a', 1), side('b', 2, { 'cpu.time slow': 1.5 }));
  expect(cells.slice(0, 2).map(({ metric, cell, verdict }) => [metric, cell!.split(' ')[0], verdict])).toEqual([
    ['cpu.time', 'preset=slow', 'worse'],
    ['cpu.time', 'preset=slow', 'worse'],
  ]);
  expect(cells.filter(({ verdict }) => verdict !== 'same')).toHaveLength(2);
});

test('of 100 comparisons of noise, 28 rows each, a few at most tell a change', () => {
  let alarms = 0;
  for (let seed = 0; seed < 100; seed++) {
    const { overall, cells } = compareSides(side('a', 2 * seed), side('b', 2 * seed + 1));
    if ([...overall, ...cells].some(({ verdict }) => verdict !== 'same')) alarms++;
  }
  expect(alarms).toBeLessThanOrEqual(10);
});

test('a change that is smaller than was asked for is told as small', () => {
  const options = { minEffect: 0.1, metrics: ['encode.fps'] };
  expect(compareSides(side('a', 1), side('b', 2, { 'encode.fps': 0.95 }), options).overall[0]!.verdict).toBe('small');
});

test('decibels are compared by their difference, and so is what is zero', () => {
  const [a, b] = [side('a', 1), side('b', 2)];
  (b.cells[0]!.values as Record<string, number[]>)['cpu.time'] = [0, 0, 0, 0, 0];
  const scales = compareSides(a, b).overall.map(({ metric, scale }) => `${metric} ${scale}`);
  expect(scales.toSorted()).toEqual([
    'bitrate ratio',
    'cpu.time difference',
    'encode.fps ratio',
    'quality.psnr difference',
  ]);
});

test('a metric with another unit is not compared, and that is told', () => {
  const a = side('a', 1);
  const b = { ...side('b', 2), metrics: METRICS.map((metric) => ({ ...metric, unit: 'ms' })) };
  const comparison = compareSides(a, b, { metrics: ['cpu.time', 'no.such'] });
  expect(comparison.overall).toEqual([]);
  expect(comparisonNotes(comparison).slice(1)).toEqual([
    'no run has no.such',
    'cpu.time is in s on one side and in ms on the other: not compared',
  ]);
});

test('what one side alone has is one line, however much it is', () => {
  const more = Array.from({ length: 40 }, (_, i) => ({ name: `old ${i}`, unit: '1', better: null }));
  const a = { ...side('a', 1), metrics: [...METRICS, ...more] };
  const b = { ...side('b', 2), metrics: [...METRICS, more[0]!, { name: 'new', unit: '1', better: null }] };
  expect(comparisonNotes(compareSides(a, b)).filter((note) => note.startsWith('only'))).toEqual([
    'only a has 39 metrics: old 1, old 2, old 3, old 4, old 5 and 34 more',
    'only b has new',
  ]);
});

test('runs on both sides are counted, and a baseline of the same runs is told by its values', () => {
  const named = (from: Side, runs: (cell: number) => string[]): Side => ({
    ...from,
    cells: from.cells.map((cell, i) => ({ ...cell, runs: runs(i) })),
  });
  const a = named(side('a', 1), (i) => [`one ${i}`, `two ${i}`]);
  const partly = compareSides(
    a,
    named(side('b', 2), (i) => (i < 2 ? [`one ${i}`, `new ${i}`] : [`new ${i}`])),
  );
  expect(partly.sharedRuns).toEqual({ shared: 2, all: 18, isEqual: false });
  expect(comparisonNotes(partly)).toContain(
    '2 of 18 runs are on both sides: they were measured once and show no change',
  );
  expect(compareSides(a, a).sharedRuns).toEqual({ shared: 12, all: 12, isEqual: false });
  const old = baselineSide(makeBaseline(a, { name: 'old', benchmark: 'a', savedAt: '', encodelab: '' }));
  expect(compareSides(old, a).sharedRuns).toEqual({ shared: 0, all: 12, isEqual: true });
  expect(comparisonNotes(compareSides(old, a)).join()).toContain('every value is the same on both sides');
  expect(compareSides(old, { ...side('a', 3), cells: side('a', 3).cells }).sharedRuns.isEqual).toBe(false);
});

test('where nothing pairs, the settings that have other values on both sides are named', () => {
  const of = (title: string, cells: readonly Readonly<Record<string, string>>[]): Side => ({
    title,
    cells: cells.map((settings) => ({ settings, values: {}, failed: 0, reason: null, runs: [] })),
    metrics: [],
    facts: {},
  });
  const grid = (presets: readonly string[], rates: readonly string[]) =>
    presets.flatMap((preset) => rates.map((rate) => ({ preset, rate })));
  const a = of('a', grid(['fast', 'slow'], ['1M', '2M']));
  expect(settingsInTheWay(a, of('b', grid(['8', '10'], ['1M', '2M'])))).toEqual(['preset']);
  expect(settingsInTheWay(a, of('b', grid(['8', '10'], ['3M', '4M'])))).toEqual(['preset', 'rate']);
  expect(settingsInTheWay(a, of('b', grid(['8', '10'], ['3M', '4M'])), ['rate'])).toEqual(['preset']);
  expect(settingsInTheWay(a, of('b', grid(['fast', '10'], ['1M'])))).toEqual([]);
});

test('cells match by what both sides have; what differs as a whole, and what has no match, is told', () => {
  const cell = (settings: Record<string, string>): SideCell => ({
    settings: { codec: 'x264', ...settings },
    values: {},
    failed: 0,
    reason: null,
    runs: [],
  });
  const of = (title: string, cells: SideCell[]): Side => ({ title, cells, metrics: [], facts: {} });
  const a = of('a', [
    cell({ threads: '1', preset: 'fast' }),
    cell({ threads: '2', preset: 'fast' }),
    cell({ threads: '4', preset: 'fast' }),
  ]);
  const b = of('b', [
    cell({ preset: 'slow', threads: '2', tune: 'psnr' }),
    cell({ preset: 'slow', threads: '1', tune: 'psnr' }),
    cell({ preset: 'slow', threads: '1', tune: 'ssim' }),
    cell({ preset: 'slow', threads: '8', tune: 'ssim' }),
  ]);
  const match = matchCells(a, b);
  expect(match.pairs.map(({ label }) => label)).toEqual(['threads=1', 'threads=2']);
  expect(match.onlyA).toEqual(['threads=4']);
  expect(match.onlyB).toEqual(['threads=8']);
  expect(match.differing).toEqual([{ name: 'preset', a: 'fast', b: 'slow' }]);
  expect(match.by.toSorted()).toEqual(['codec', 'threads']);
  expect(match.unshared).toEqual(['tune']);
  expect(match.pooled).toBe(1);
  expect(matchCells(a, b, ['threads']).pairs).toHaveLength(1);
});

test('cells pair in whatever spelling, and names that look like numbers only where they are the same', () => {
  const of = (title: string, cells: readonly Readonly<Record<string, string>>[]): Side => ({
    title,
    cells: cells.map((settings, i) => ({ settings, values: { fps: [i] }, failed: 0, reason: null, runs: [] })),
    metrics: [],
    facts: {},
  });
  const rates = (...all: string[]) => all.map((bitrate) => ({ bitrate, codec: 'x264' }));
  const one = matchCells(of('a', rates('1000000')), of('b', rates('1M')));
  expect([one.pairs.map(({ label }) => label), one.differing]).toEqual([['all'], []]);
  const two = matchCells(of('a', rates('1M', '1000k', '2M')), of('b', rates('2000k', '1000000')));
  expect(two.pairs.map(({ label, a }) => [label, a.values['fps']])).toEqual([
    ['bitrate=1M', [0, 1]],
    ['bitrate=2M', [2]],
  ]);
  expect([two.onlyA, two.onlyB, two.pooled]).toEqual([[], [], 0]);
  const versions = (...all: string[]) => all.map((version) => ({ version }));
  const apart = matchCells(of('a', versions('3.1', '1')), of('b', versions('3.10', '01')));
  expect([apart.pairs, apart.onlyA]).toEqual([[], ['version=3.1', 'version=1']]);
  expect(settingsInTheWay(of('a', rates('1M', '3M')), of('b', rates('1000k', '4M')))).toEqual([]);
});

test('a side counts runs that went well and were not left out, and a failed run only until it was tried again', () => {
  const dataset = madeDataset({ preset: ['fast', 'slow'] }, 3, {
    fps: { unit: 'frame/s', better: 'higher', of: (_, repeat) => repeat },
  });
  const failed = Uint8Array.from(dataset.outcomes);
  failed.set([1, 1], 0);
  const repeats = Int32Array.from(dataset.repeats);
  // The third run of the first cell is another try of its first.
  repeats[2] = 1;
  const made = { ...dataset, outcomes: failed, repeats, excluded: new Map([[4, 'the fan stood still']]) };
  const taken = sideOf(made, [0, 1, 2, 3, 4, 5], 'all');
  expect(taken.cells.map(({ settings, values, failed: count, runs }) => [settings, values, count, runs])).toEqual([
    [{ preset: 'fast' }, { fps: [3] }, 1, ['run-1', 'run-2']],
    [{ preset: 'slow' }, { fps: [1, 3] }, 0, ['run-3', 'run-5']],
  ]);
  expect(sideOf(made, [3, 5], 'slow', 'preset').cells[0]!.settings).toEqual({});
});

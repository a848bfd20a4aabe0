import { expect, test } from 'vitest';
import { madeDataset } from '../../../test/explore/made-dataset.ts';
import { plotInput } from '../../../test/explore/plot-input.ts';
import { PLOT_KINDS, type Placed, type PlotKind } from '../view.ts';
import { makePlot } from './make-plot.ts';

const metric = (unit: string, better: 'higher' | 'lower') => ({
  unit,
  better,
  of: ({ threads, preset, bitrate }: Readonly<Record<string, string>>, repeat: number) =>
    Number(threads) * 10 + preset!.length + Number.parseInt(bitrate!) + repeat / 10,
});
const runs = madeDataset({ threads: ['1', '2', '4'], preset: ['fast', 'medium'], bitrate: ['1M', '2M'] }, 2, {
  'quality.psnr': metric('dB', 'higher'),
  bitrate: metric('bit/s', 'higher'),
  'encode.fps': metric('frame/s', 'higher'),
  'encode.time': metric('ms', 'lower'),
  'cpu.time per frame': metric('ms', 'lower'),
});

function pooledIn(kind: PlotKind, placed: Partial<Placed>, options: Readonly<Record<string, string>> = {}): string[] {
  const plot = makePlot(kind, plotInput(runs, placed, { options }));
  if (!plot.ok) throw new Error(plot.why);
  return plot.notes.filter((note) => note.startsWith('runs that differ'));
}

/** Each cell is a point there, or everything has an axis; along a curve of rate and quality bitrates do not count together. */
const APART: Partial<Record<PlotKind, string[]>> = {
  scatter: [],
  pareto: [],
  parallel: [],
  'rate-quality': ['runs that differ in preset count together in one point'],
  regression: ['runs that differ in preset, bitrate count together in one line'],
};

test.each(PLOT_KINDS)('%s says what it pools, and nothing where all stands somewhere', (kind) => {
  expect(pooledIn(kind, { x: 'threads' })).toEqual(
    APART[kind] ?? ['runs that differ in preset, bitrate count together'],
  );
  expect(pooledIn(kind, { x: 'threads', color: 'preset', shape: 'bitrate' })).toEqual([]);
});

test('a regression against a metric pools what stands at x', () => {
  const against = (placed: Partial<Placed>) => pooledIn('regression', placed, { against: 'encode.time' });
  expect(against({ x: 'threads', color: 'preset', shape: 'bitrate' })).toEqual([
    'runs that differ in threads count together in one line',
  ]);
  expect(against({ column: 'threads', color: 'preset', shape: 'bitrate' })).toEqual([]);
});

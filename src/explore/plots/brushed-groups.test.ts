import { expect, test } from 'vitest';
import { madeDataset } from '../../../test/explore/made-dataset.ts';
import { brushOver, plotInput } from '../../../test/explore/plot-input.ts';
import type { PlotKind } from '../view.ts';
import { makePlot } from './make-plot.ts';
import { PALE } from './arranged.ts';

/** Of a the five runs have 10 to 50, of b 60 to 100. */
const of = ({ codec }: Readonly<Record<string, string>>, repeat: number) => 10 * repeat + (codec === 'b' ? 50 : 0);
const runs = madeDataset({ codec: ['a', 'b'] }, 5, {
  'encode.fps': { unit: 'frame/s', better: 'higher', of },
  bitrate: { unit: 'bit/s', better: 'lower', of: (settings, repeat) => 1e6 * of(settings, repeat) },
  'encode.time': { unit: 'ms', better: 'lower', of: (settings, repeat) => 1 / of(settings, repeat) },
});

/** Rows behind what is drawn strongly. */
function vivid(kind: PlotKind, [low, high]: readonly [number, number], options: Readonly<Record<string, string>> = {}) {
  const plot = makePlot(
    kind,
    plotInput(runs, { x: 'codec' }, { options, brushed: brushOver(runs, 'encode.fps', low, high) }),
  );
  if (!plot.ok) throw new Error(plot.why);
  const strong = plot.scene.marks.flatMap((mark) =>
    mark.kind !== 'texts' && mark.behind !== null && (mark.opacity ?? 1) > PALE ? [...mark.behind.rows] : [],
  );
  return [...new Set(strong)].toSorted((a, b) => a - b);
}

const [A, B] = [
  [0, 1, 2, 3, 4],
  [5, 6, 7, 8, 9],
];

test.each([
  'bars',
  'lines',
  'scatter',
  'distribution',
  'heatmap',
  'stack',
  'rate-quality',
  'pareto',
  'parallel',
] as const)('%s: what stands for several runs is pale where its median lies outside of the brush', (kind) => {
  expect(vivid(kind, [45, 75])).toEqual([]);
  expect(vivid(kind, [25, 35])).toEqual(A);
  expect(vivid(kind, [25, 80])).toEqual([...A, ...B]);
});

test('a point of one run is brushed by its own number', () => {
  expect(vivid('distribution', [45, 75], { show: 'strip' })).toEqual([4, 5, 6]);
  expect(vivid('regression', [45, 75], { against: 'encode.time' })).toEqual([4, 5, 6]);
});

test('a cell is brushed by every brush', () => {
  const one = brushOver(runs, 'encode.fps', 25, 80)!;
  const other = brushOver(runs, 'bitrate', 7e7, 9e7)!;
  const brushed = { rows: one.rows.map((row, i) => row & other.rows[i]!), ranges: [...one.ranges, ...other.ranges] };
  const plot = makePlot('scatter', plotInput(runs, {}, { brushed }));
  const strong = plot.ok ? plot.scene.marks.filter((mark) => mark.kind === 'points' && mark.opacity === 1) : [];
  expect(strong.map((mark) => (mark.kind === 'points' ? [...mark.behind!.rows] : []))).toEqual([B]);
});

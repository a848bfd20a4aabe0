import fc from 'fast-check';
import { expect, test } from 'vitest';
import { madeDataset } from '../../../test/explore/made-dataset.ts';
import { brushOver, plotInput } from '../../../test/explore/plot-input.ts';
import type { Mark, Panel, Scene } from '../scene/scene.ts';
import { widthOfText } from '../scene/text-width.ts';
import { choosePlot, makePlot } from './make-plot.ts';
import type { Plot } from './plot.ts';

const SETTINGS = {
  codec: ['x264', 'x265', 'svtav1 with a name that is rather long'],
  preset: ['ultrafast', 'medium', 'veryslow'],
  bitrate: ['1M', '2M', '4M', '8M', '16M'],
  gop: ['1', '60', 'inf'],
  threads: ['1', '2'],
};
const PRESETS: Readonly<Record<string, number>> = { ultrafast: 90, medium: 30, veryslow: 4 };

/** Numbers that fall with the preset; one cell in seven has none, and some are below zero. */
const runs = madeDataset(SETTINGS, 2, {
  'encode.fps': {
    unit: 'frame/s',
    better: 'higher',
    of: ({ codec, preset, bitrate, threads }, repeat) =>
      codec === 'x265' && preset === 'veryslow' && bitrate !== '1M'
        ? NaN
        : PRESETS[preset!]! * Number(threads) - Number.parseInt(bitrate!) + repeat,
  },
});

const KINDS = ['bars', 'lines', 'scatter', 'distribution', 'heatmap'] as const;
const properties = Object.keys(SETTINGS);

const inputs = fc
  .record({
    kind: fc.constantFrom(...KINDS),
    order: fc.shuffledSubarray(properties, { minLength: properties.length }),
    places: fc.subarray(['column', 'row', 'color', 'shape'] as const),
    legend: fc.boolean(),
    options: fc.record({
      show: fc.constantFrom('box', 'violin', 'strip'),
      scale: fc.constantFrom('linear', 'log'),
      text: fc.constantFrom('on', 'off'),
    }),
    width: fc.integer({ min: 240, max: 1_600 }),
    height: fc.integer({ min: 160, max: 900 }),
    brush: fc.boolean(),
  })
  .map(({ kind, order, places, legend, options, width, height, brush }) => {
    const placed = {
      x: order[0]!,
      ...Object.fromEntries(places.slice(0, 3).map((place, i) => [place, order[i + 1]!])),
      legend: legend ? [order[4]!] : [],
    };
    const brushed = brush ? brushOver(runs, 'encode.fps', 10.5, 40.5) : null;
    return { kind, input: plotInput(runs, placed, { options, width, height, brushed }) };
  });

test('what is drawn lies in its panel, panels lie beside each other in the scene, and texts are not cut', () => {
  fc.assert(
    fc.property(inputs, ({ kind, input }) => {
      const plot = made(makePlot(kind, input));
      const { scene } = plot;
      for (const [i, panel] of scene.panels.entries()) {
        expect(panel.x >= 0 && panel.x + panel.width <= scene.width + 0.5).toBe(true);
        expect(panel.y >= 0 && panel.y + panel.height <= scene.height + 0.5).toBe(true);
        for (const other of scene.panels.slice(i + 1)) expect(apart(panel, other)).toBe(true);
      }
      for (const mark of scene.marks) {
        for (const [x, y] of placesOf(mark)) expect(isInside(x, y, scene.panels[mark.panel], scene)).toBe(true);
        if (mark.kind === 'texts') for (const text of mark.texts) expectUncut(text, scene);
        else for (const look of mark.looks) expect(scene.looks[look]).toBeDefined();
      }
    }),
    { numRuns: 60 },
  );
});

test('behind the items stands every run that has a value, and none twice', () => {
  const measured = [...runs.metrics[0]!.values.entries()].flatMap(([row, value]) => (Number.isNaN(value) ? [] : [row]));
  fc.assert(
    fc.property(inputs, ({ kind, input }) => {
      // A box has its outliers again as points of their own, to be opened one by one.
      if (kind === 'distribution' && input.options['show'] !== 'strip') return;
      const { scene } = made(makePlot(kind, input));
      const behind = scene.marks.flatMap((mark) => {
        if (mark.kind === 'texts' || mark.behind === null) return [];
        expect(mark.behind.first.at(-1)).toBe(mark.behind.rows.length);
        return [...mark.behind.rows];
      });
      expect(behind.toSorted((a, b) => a - b)).toEqual(measured);
    }),
    { numRuns: 40 },
  );
});

test('the table has a line for each group, all columns as long', () => {
  fc.assert(
    fc.property(inputs, ({ kind, input }) => {
      const { table } = made(makePlot(kind, input));
      const lengths = new Set(table.map(({ values }) => values.length));
      expect(lengths.size).toBe(1);
      const counts = table.find(({ title }) => title === 'runs')!.values as readonly number[];
      const measured = runs.metrics[0]!.values.filter((value) => !Number.isNaN(value)).length;
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(measured);
    }),
    { numRuns: 40 },
  );
});

test('bars stand on zero and end at the median; a group without a value has no bar', () => {
  const { scene, table } = made(makePlot('bars', plotInput(runs, { x: 'preset', color: 'codec', column: 'bitrate' })));
  const bars = scene.marks.filter((mark) => mark.kind === 'rects');
  const [panel] = scene.panels;
  const { yAxis } = panel!;
  if (yAxis.kind !== 'linear') throw new Error('not linear');
  const place = (value: number) => panel!.y + panel!.height * (1 - (value - yAxis.low) / (yAxis.high - yAxis.low));
  for (const bar of bars) {
    for (const [i, median] of bar.read!.values.entries()) {
      expect(bar.y[i]).toBeCloseTo(Math.min(place(median), place(0)), 2);
      // A pixel at least: a median of nearly zero is not absent.
      expect(bar.height[i]).toBeCloseTo(Math.max(1, Math.abs(place(median) - place(0))), 2);
    }
  }
  // 5 bitrates, 3 presets, 3 codecs, less the 4 that x265 veryslow did not do.
  expect(bars.flatMap((bar) => [...bar.x])).toHaveLength(41);
  expect(table[0]!.values).toHaveLength(41);
});

test('a line goes on between numbers and ends at a name that no run has', () => {
  const of = (gap: string) =>
    madeDataset({ at: ['1', '2', '3', gap] }, 1, {
      m: { unit: '1', better: null, of: ({ at }) => (at === '2' ? NaN : 1) },
    });
  const lines = (gap: string) => {
    const { scene } = made(makePlot('lines', plotInput(of(gap), { x: 'at' })));
    return scene.marks.find((mark) => mark.kind === 'lines')!;
  };
  expect([...lines('8').first]).toEqual([0, 3]);
  // Without a number it keeps its place among names: the line ends before it.
  expect([...lines('last').first]).toEqual([0, 1, 3]);
  const two = madeDataset({ at: ['a', 'b', 'c'], codec: ['x', 'y'] }, 1, {
    m: { unit: '1', better: null, of: ({ at, codec }) => (at === 'b' && codec === 'x' ? NaN : 1) },
  });
  const { scene } = made(makePlot('lines', plotInput(two, { x: 'at', color: 'codec' })));
  expect([...scene.marks.find((mark) => mark.kind === 'lines')!.first]).toEqual([0, 1, 2, 5]);
});

test('a heatmap hatches the pairs that no run has, and no others', () => {
  const { scene } = made(makePlot('heatmap', plotInput(runs, { x: 'preset', color: 'codec', column: 'bitrate' })));
  const hatched = scene.marks.filter((mark) => mark.kind === 'rects' && mark.hatched === true);
  expect(hatched.flatMap((mark) => (mark.kind === 'rects' ? [...mark.x] : []))).toHaveLength(4);
});

test('a violin of a bimodal cell has two bellies', () => {
  const bimodal = madeDataset({ codec: ['x264'] }, 400, {
    m: { unit: 'ms', better: 'lower', of: (_, repeat) => (repeat % 2 === 0 ? 10 : 20) + (repeat % 17) / 10 },
  });
  const { scene } = made(makePlot('distribution', plotInput(bimodal, {}, { options: { show: 'violin' } })));
  const slices = scene.marks.find((mark) => mark.kind === 'rects' && mark.behind === null)!;
  if (slices.kind !== 'rects') throw new Error('no slices');
  const widths = [...slices.width];
  const middle = widths[Math.floor(widths.length / 2)]!;
  expect(Math.max(...widths.slice(0, 20))).toBeGreaterThan(3 * middle);
  expect(Math.max(...widths.slice(-20))).toBeGreaterThan(3 * middle);
});

test('the same data makes the same strip', () => {
  const strip = () => makePlot('distribution', plotInput(runs, { x: 'preset' }, { options: { show: 'strip' } }));
  expect(made(strip()).scene).toEqual(made(strip()).scene);
});

test('the scatter shows each cell once, ascending', () => {
  const { scene, table } = made(makePlot('scatter', plotInput(runs, { color: 'codec' })));
  const points = scene.marks.filter((mark) => mark.kind === 'points');
  const values = points.flatMap(({ read }) => [...read!.values]);
  expect(values).toEqual(values.toSorted((a, b) => a - b));
  expect(values).toHaveLength(table[0]!.values.length);
});

test.each(KINDS)('%s of no runs, of none with a value, of one, says so or draws it', (kind) => {
  const one = madeDataset({ preset: ['medium'] }, 1, { m: { unit: 'ms', better: null, of: () => 3 } });
  const none = madeDataset({ preset: ['medium'] }, 3, { m: { unit: 'ms', better: null, of: () => NaN } });
  const input = plotInput(one, { x: 'preset' });
  expect(makePlot(kind, input).ok).toBe(true);
  expect(makePlot(kind, plotInput(none, { x: 'preset' }))).toMatchObject({ ok: false, todo: 'Choose another metric.' });
  expect(makePlot(kind, { ...input, rows: new Uint32Array(0) })).toMatchObject({
    ok: false,
    why: 'The filters leave no run that ended well.',
  });
});

test('the kind follows from how many properties vary still', () => {
  expect([0, 1, 2, 3, 4, 5, 9].map(choosePlot)).toEqual([
    'bars',
    'bars',
    'bars',
    'lines',
    'lines',
    'scatter',
    'scatter',
  ]);
});

function made(plot: ReturnType<typeof makePlot>): Plot {
  if (!plot.ok) throw new Error(plot.why);
  return plot;
}

function apart(a: Panel, b: Panel): boolean {
  return a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
}

/** Corners and points of a mark that has a panel. */
function placesOf(mark: Mark): (readonly [number, number])[] {
  const pairs = (x: ArrayLike<number>, y: ArrayLike<number>) => Array.from(x, (at, i) => [at, y[i]!] as const);
  switch (mark.kind) {
    case 'points':
    case 'lines':
      return pairs(mark.x, mark.y);
    case 'bands':
      return [...pairs(mark.x, mark.low), ...pairs(mark.x, mark.high)];
    case 'rects':
      return [
        ...pairs(mark.x, mark.y),
        ...pairs(
          mark.x.map((x, i) => x + mark.width[i]!),
          mark.y.map((y, i) => y + mark.height[i]!),
        ),
      ];
    case 'segments':
      return [...pairs(mark.x1, mark.y1), ...pairs(mark.x2, mark.y2)].filter(([x, y]) => !Number.isNaN(x + y));
    case 'texts':
      return [];
  }
}

/** A hair more: places are rounded to single precision. */
const HAIR = 1.1;

function isInside(x: number, y: number, panel: Panel | undefined, { width, height }: Scene): boolean {
  const within = panel ?? { x: 0, y: 0, width, height };
  return (
    x >= within.x - HAIR &&
    x <= within.x + within.width + HAIR &&
    y >= within.y - HAIR &&
    y <= within.y + within.height + HAIR
  );
}

function expectUncut(
  text: { x: number; y: number; text: string; size: number; anchor: string; rotate?: number | undefined },
  { width, height }: Scene,
) {
  const length = widthOfText(text.text, text.size);
  const from = text.anchor === 'start' ? 0 : text.anchor === 'middle' ? -length / 2 : -length;
  const angle = ((text.rotate ?? 0) * Math.PI) / 180;
  for (const along of [from, from + length]) {
    const [x, y] = [text.x + along * Math.cos(angle), text.y + along * Math.sin(angle)];
    expect(x, text.text).toBeGreaterThan(-8);
    expect(x, text.text).toBeLessThan(width + 8);
    expect(y, text.text).toBeGreaterThan(-4);
    expect(y, text.text).toBeLessThan(height + 4);
  }
}

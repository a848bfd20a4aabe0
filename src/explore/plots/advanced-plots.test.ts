import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { highStackNotes } from './stack-periods.ts';
import { bdRate } from '#analysis/bd-rate';
import { fitLine } from '#analysis/regression';
import { madeDataset } from '../../../test/explore/made-dataset.ts';
import { brushOver, plotInput } from '../../../test/explore/plot-input.ts';
import type { Mark, Scene } from '../scene/scene.ts';
import type { PlotKind } from '../view.ts';
import { makePlot } from './make-plot.ts';
import type { Plot, PlotInput } from './plot.ts';

const SETTINGS = {
  codec: ['x264', 'x265', 'an encoder whose name is rather long'],
  preset: ['fast', 'slow'],
  bitrate: ['500k', '1M', '2M', '4M', '8M'],
  framerate: ['30', '60'],
};
const NEED: Readonly<Record<string, number>> = { x264: 1, x265: 0.7, 'an encoder whose name is rather long': 0.5 };
const bits = (text: string) => Number.parseFloat(text) * (text.endsWith('M') ? 1e6 : 1e3);

const ms = (of: (settings: Readonly<Record<string, string>>, repeat: number) => number) => ({
  unit: 'ms',
  better: 'lower' as const,
  of,
});
const rate = (of: (settings: Readonly<Record<string, string>>, repeat: number) => number) => ({
  unit: 'frame/s',
  better: 'higher' as const,
  of,
});

/** Streams whose numbers follow from their settings; one codec has no quality at its lowest rate. */
const runs = madeDataset(SETTINGS, 3, {
  'quality.xpsnr': {
    unit: 'dB',
    better: 'higher',
    of: ({ codec, preset, bitrate }) =>
      codec === 'x265' && bitrate === '500k' && preset === 'fast'
        ? NaN
        : 30 + 3 * Math.log2(bits(bitrate!) / 5e5 / NEED[codec!]!) + (preset === 'slow' ? 1 : 0),
  },
  bitrate: { unit: 'bit/s', better: null, of: ({ bitrate }, repeat) => bits(bitrate!) * (1 + 0.01 * repeat) },
  'capture.time': ms(() => 2),
  'encode.time': ms(({ preset }, repeat) => (preset === 'slow' ? 20 : 5) + repeat),
  'encode.time p95': ms(({ preset }) => (preset === 'slow' ? 40 : 10)),
  'send.time': ms(() => 1),
  'network.time': ms(({ codec }) => (codec === 'x264' ? 4 : 0.5)),
  'decode.time': ms(() => 3),
  'present.time': ms(() => 7),
  'stream.rate requested': { ...rate(({ framerate }) => Number(framerate)), better: null },
  'stream.rate captured': rate(({ framerate }) => Number(framerate)),
  'stream.rate presented': rate(({ framerate, preset }) => (preset === 'slow' ? 25 : Number(framerate) * 0.99)),
  'guest.cpu.busy': { unit: 'core', better: null, of: ({ preset }) => (preset === 'slow' ? 4 : 1) },
  'client.cpu.busy': {
    unit: 'core',
    better: null,
    of: ({ framerate }, repeat) => Number(framerate) / 100 + repeat / 50,
  },
});
const metric = (name: string) => runs.metrics.find((one) => one.name === name)!;

function drawn(kind: PlotKind, input: PlotInput): Plot {
  const plot = makePlot(kind, input);
  if (!plot.ok) throw new Error(plot.why);
  return plot;
}

function column(plot: Plot, title: string): readonly (string | number | null)[] {
  return plot.table.find((one) => one.title === title)!.values;
}

const KINDS = ['regression', 'stack', 'frame-rate', 'report', 'rate-quality', 'pareto', 'parallel'] as const;

const looks = fc.record({
  kind: fc.constantFrom(...KINDS),
  order: fc.shuffledSubarray(Object.keys(SETTINGS), { minLength: 4 }),
  places: fc.subarray(['x', 'column', 'row', 'color', 'shape'] as const, { maxLength: 3 }),
  legend: fc.boolean(),
  options: fc.record({
    fit: fc.constantFrom('linear', 'log', 'power'),
    against: fc.constantFrom('', 'bitrate', 'encode.time'),
    time: fc.constantFrom('mean', 'p95'),
    metrics: fc.constantFrom('one', 'all'),
    hull: fc.constantFrom('on', 'off'),
  }),
  width: fc.integer({ min: 240, max: 1_600 }),
  height: fc.integer({ min: 160, max: 900 }),
  every: fc.constantFrom(1, 1, 7, 59),
  brush: fc.boolean(),
});

function inputOf({
  order,
  places,
  legend,
  options,
  width,
  height,
  every,
  brush,
}: typeof looks extends fc.Arbitrary<infer Look> ? Look : never): PlotInput {
  const placed = {
    ...Object.fromEntries(places.map((place, i) => [place, order[i]!])),
    legend: legend ? [order[3]!] : [],
  };
  const rows = Uint32Array.from({ length: runs.count }, (_, row) => row).filter((row) => row % every === 0);
  const brushed = brush ? brushOver(runs, 'encode.time', 6.5, 22.5) : null;
  return plotInput(runs, placed, { options, width, height, rows, brushed });
}

test('whatever is looked at, marks are whole, lie in the scene, and stand for runs that were given', () => {
  fc.assert(
    fc.property(looks, (look) => {
      const input = inputOf(look);
      const plot = makePlot(look.kind, input);
      if (!plot.ok) {
        expect(plot.why).toMatch(/\.$/);
        return;
      }
      for (const mark of plot.scene.marks) checkMark(mark, plot.scene, new Set(input.rows));
      expect(new Set(plot.table.map(({ values }) => values.length)).size).toBe(1);
      for (const option of plot.options) expect(option.values.map(({ value }) => value)).toContain(option.chosen);
    }),
    { numRuns: 100 },
  );
});

function checkMark(mark: Mark, scene: Scene, rows: ReadonlySet<number>): void {
  expect(mark.panel).toBeLessThan(scene.panels.length);
  if (mark.kind === 'texts') {
    const odd = mark.texts.filter(
      ({ x, y, text }) => !Number.isFinite(x + y) || y > scene.height + 1 || /NaN|undefined|Infinity/.test(text),
    );
    expect(odd).toEqual([]);
    return;
  }
  const items = 'first' in mark ? mark.first.length - 1 : mark.looks.length;
  expect(mark.looks.length).toBe(items);
  expect(mark.looks.every((look) => look < scene.looks.length)).toBe(true);
  const places = mark.kind === 'segments' ? [mark.x1, mark.x2] : [mark.x];
  for (const x of places) expect(x.every((at) => at >= -1 && at <= scene.width + 1)).toBe(true);
  if (mark.behind === null) return;
  expect(mark.behind.first.length).toBe(items + 1);
  expect(mark.behind.first.at(-1)).toBe(mark.behind.rows.length);
  expect(mark.behind.rows.every((row) => rows.has(row))).toBe(true);
}

test('with no run left each kind says so and what helps', () => {
  for (const kind of KINDS) {
    const plot = makePlot(kind, plotInput(runs, { x: 'bitrate' }, { rows: new Uint32Array(0) }));
    expect(plot).toMatchObject({ ok: false, todo: expect.stringMatching(/\.$/) });
  }
});

describe('a regression', () => {
  it('says what the fit of the runs says, for each series', () => {
    const plot = drawn(
      'regression',
      plotInput(runs, { x: 'framerate', color: 'preset' }, { metric: metric('client.cpu.busy') }),
    );
    const rows = [...runs.ids.keys()].filter((row) => runs.properties[1]!.codes[row] === 0);
    const fit = fitLine(
      rows.map((row) => (runs.properties[3]!.codes[row] === 0 ? 30 : 60)),
      rows.map((row) => metric('client.cpu.busy').values[row]!),
    )!;
    expect(column(plot, 'slope, as fitted')[0]).toBeCloseTo(fit.slope, 12);
    expect(column(plot, 'p')[0]).toBeCloseTo(fit.p, 12);
    expect(column(plot, 'cells')).toEqual([30, 30]);
    expect(plot.notes[0]).toMatch(
      /^fast: \+0\.01 core for each step of 1 in framerate, r² 0\.9\d*, p < 0\.001 \(90 runs\)$/,
    );
  });

  it('of a logarithm tells what a doubling brings, and draws a straight line on a logarithmic axis', () => {
    const plot = drawn(
      'regression',
      plotInput(runs, { x: 'bitrate', color: 'codec', legend: ['preset'] }, { options: { fit: 'log' } }),
    );
    expect(column(plot, 'slope')[0]).toBe('+3.00 dB with each doubling of bitrate');
    expect(plot.notes[0]).toMatch(/^6 fits, r² from .* to .*; 6 of the slopes differ from 0/);
    expect(plot.scene.panels[0]!.xAxis.kind).toBe('log');
  });

  it('tells of series with too few runs', () => {
    const plot = drawn('regression', plotInput(runs, { x: 'bitrate', color: 'codec' }, { rows: Uint32Array.of(0, 1) }));
    expect(plot.notes[0]).toBe('x264: 2 runs are too few for a line: at least 3 are needed');
    expect(column(plot, 'slope')).toEqual([null]);
  });
});

describe('an encoding stack', () => {
  const plot = drawn('stack', plotInput(runs, { x: 'preset', color: 'codec' }));

  it('is the sum of its steps, of which sending is taken out of the way of a frame', () => {
    const steps = ['capture', 'encode', 'send', 'receive', 'decode', 'wait to present'];
    for (const [line, sum] of column(plot, 'sum').entries())
      expect(sum).toBeCloseTo(
        steps.reduce((all, step) => all + Number(column(plot, step)[line]), 0),
        12,
      );
    expect(column(plot, 'receive')).toEqual([3, 0, 0, 3, 0, 0]);
    expect(column(plot, 'encode')).toEqual([7, 7, 7, 22, 22, 22]);
    expect(plot.notes).toContainEqual(expect.stringContaining('in 4 stacks sending and relaying took longer'));
  });

  it('draws each step as high as it lasts, from where the step below it ends', () => {
    const rects = plot.scene.marks.filter((mark) => mark.kind === 'rects' && mark.read !== undefined);
    const [{ y, height, read }] = rects as unknown as [
      { y: Float32Array; height: Float32Array; read: { values: Float64Array } },
    ];
    const perMs = (height[1]! + 1) / read.values[1]!;
    expect(y[0]! - y[1]!).toBeCloseTo(read.values[1]! * perMs, 2);
    expect(read.values[0]! * perMs).toBeCloseTo(height[0]! + 1, 2);
  });

  it('has the periods of the requested and the presented rate', () => {
    const byRate = drawn('stack', plotInput(runs, { x: 'framerate', color: 'preset' }));
    expect(column(byRate, 'frame period, target')).toEqual([1000 / 30, 1000 / 30, 1000 / 60, 1000 / 60]);
    expect(column(byRate, 'frame period, actual')).toEqual([1000 / 29.7, 40, 1000 / 59.4, 40]);
  });
});

test('a stack higher than the target period is said to keep up only where its frames came in time', () => {
  const high = (actual: number, asked = 30, sum = 40) =>
    highStackNotes(Float64Array.of(sum), Float64Array.of(1000 / asked), Float64Array.of(1000 / actual));
  expect(high(26)).toEqual([
    '1 of 1 stack is higher than the target period, and can’t keep up: a frame came every 38.5 ms in place of 33.3 ms',
  ]);
  expect(high(29.8)).toEqual(['1 of 1 stack is higher than the target period, and keeps up: its steps overlap']);
  expect(high(NaN)).toEqual([
    '1 of 1 stack is higher than the target period: only steps that overlap could keep up with it',
  ]);
  expect(high(26, 30, 20)).toEqual([]);
  expect(high(26, NaN)).toEqual([]);
  const notes = highStackNotes(Float64Array.of(40, 41, 42), new Float64Array(3).fill(33), Float64Array.of(33, 38, 39));
  expect(notes).toHaveLength(2);
});

test('the frame-rate table holds every station against what was requested', () => {
  const plot = drawn('frame-rate', plotInput(runs, { x: 'framerate', color: 'preset' }));
  expect(column(plot, 'requested')).toEqual([30, 30, 60, 60]);
  expect(column(plot, 'presented')).toEqual([29.7, 25, 59.4, 25]);
  expect(column(plot, 'presented, of requested')[3]).toBeCloseTo(25 / 60, 12);
  expect(plot.notes).toContain('2 of 4 groups stay below 98 % of the requested rate somewhere');
});

test('a report has a plot for each role that was measured, and tells what was not', () => {
  const plot = drawn('report', plotInput(runs, { x: 'bitrate', color: 'codec' }));
  expect(plot.scene.panels.map(({ yMetric }) => yMetric)).toEqual(['guest.cpu.busy', 'client.cpu.busy', 'decode.time']);
  expect(plot.notes[0]).toContain('GPU busy');
  const small = drawn('report', plotInput(runs, { x: 'codec' }, { width: 240, height: 160 }));
  for (const mark of small.scene.marks) checkMark(mark, small.scene, new Set(runs.ids.keys()));
  const decode = drawn('report', plotInput(runs, {}, { options: { report: 'decode' } }));
  expect(decode.scene.panels).toHaveLength(1);
  expect(makePlot('report', plotInput(runs, {}, { options: { report: 'gpu' } }))).toMatchObject({ ok: false });
});

describe('rate-quality curves', () => {
  const placed = { x: 'bitrate', color: 'codec', shape: 'preset' };

  it('have the BD-rate of the analysis, against the series that was chosen', () => {
    const plot = drawn('rate-quality', plotInput(runs, placed, { options: { reference: 'x264, slow' } }));
    const points = (codec: string, preset: string) =>
      [...column(plot, 'codec').keys()]
        .filter((line) => column(plot, 'codec')[line] === codec && column(plot, 'preset')[line] === preset)
        .map((line) => ({
          rate: Number(plot.table[4]!.values[line]),
          quality: Number(column(plot, 'quality.xpsnr')[line]),
        }));
    const expected = bdRate(points('x264', 'slow'), points('x265', 'slow'));
    const line = [...column(plot, 'codec').keys()].find(
      (at) => column(plot, 'codec')[at] === 'x265' && column(plot, 'preset')[at] === 'slow',
    )!;
    expect(expected.ok && column(plot, 'BD-rate of the curve')[line] === expected.value).toBe(true);
    expect(expected.ok && expected.value).toBeCloseTo(-0.3, 6);
    expect(plot.notes).toContainEqual(expect.stringContaining('x265, slow: −30.0 % bits for the same quality.xpsnr'));
  });

  it('are compared in each facet, with the chosen one where a facet has it, and else with its first', () => {
    const rows = Uint32Array.from({ length: runs.count }, (_, row) => row).filter(
      (row) => runs.properties[0]!.codes[row] !== 1 || runs.properties[1]!.codes[row] !== 0,
    );
    const facets = drawn(
      'rate-quality',
      plotInput(runs, { column: 'preset', color: 'codec' }, { rows, options: { reference: 'x265' } }),
    );
    const why = column(facets, 'why not');
    const references = [...why.keys()].filter((line) => why[line] === 'the reference');
    expect(
      new Set(references.map((line) => `${column(facets, 'preset')[line]} ${column(facets, 'codec')[line]}`)),
    ).toEqual(new Set(['fast x264', 'slow x265']));
    expect(facets.notes.join()).toContain('against one curve in each facet');
  });

  it('say that nothing is compared where each facet has one curve', () => {
    const notes = drawn('rate-quality', plotInput(runs, { column: 'codec', row: 'preset' })).notes.join();
    expect(notes).toContain('each facet has one curve, and nothing is compared');
    expect(drawn('rate-quality', plotInput(runs, placed)).notes.join()).not.toContain('nothing is compared');
  });

  it('say why two can not be compared', () => {
    const rows = Uint32Array.from({ length: runs.count }, (_, row) => row).filter(
      (row) => runs.properties[0]!.codes[row] !== 1 || runs.properties[2]!.codes[row]! < 3,
    );
    const plot = drawn('rate-quality', plotInput(runs, { color: 'codec' }, { rows }));
    expect(plot.notes).toContainEqual(expect.stringMatching(/^x265: no BD-rate: .*3 points/));
  });

  it('refuse what is no quality', () => {
    expect(makePlot('rate-quality', plotInput(runs, placed, { metric: metric('encode.time') }))).toMatchObject({
      ok: false,
      why: 'encode.time is no quality: of a quality more is better.',
      todo: 'Choose quality.xpsnr.',
    });
  });
});

describe('a Pareto front', () => {
  const input = plotInput(runs, { color: 'codec' }, { options: { against: 'encode.time' } });
  const plot = drawn('pareto', input);

  it('names its cells in the table, first, and counts those that are dominated', () => {
    const front = column(plot, 'on the front').filter((number) => number !== null);
    // Of all cells at 8M the best codec, fast and slow, for both frame rates: equal points stand together.
    expect(front).toEqual([1, 2, 3, 4]);
    expect(column(plot, 'codec').slice(0, 4)).toEqual(Array(4).fill('an encoder whose name is rather long'));
    expect(column(plot, 'preset').slice(0, 4)).toEqual(['fast', 'fast', 'slow', 'slow']);
    expect(plot.notes[0]).toMatch(/^4 of 58 cells are on the front of lower encode\.time and higher quality\.xpsnr/);
  });

  it('takes a metric without a direction as the option says', () => {
    const options = { against: 'bitrate', 'better-bitrate': 'x' };
    const lower = drawn('pareto', plotInput(runs, {}, { options }));
    const higher = drawn('pareto', plotInput(runs, {}, { options: { ...options, 'better-x': 'higher' } }));
    expect(lower.notes[1]).toBe('taken as better, as the metric does not say: lower bitrate');
    expect(column(higher, 'on the front').filter(Number)).toHaveLength(2);
  });

  it('marks cells whose runs overlap with those of the front', () => {
    const noisy = madeDataset({ preset: ['a', 'b', 'c'] }, 5, {
      'encode.fps': rate(({ preset }, repeat) => (preset === 'c' ? 1 : 50) + (preset === 'b' ? 6 - repeat : repeat)),
      'cpu.time': { unit: 's', better: 'lower', of: ({ preset }) => (preset === 'b' ? 1.001 : 1) },
    });
    const { notes, scene } = drawn('pareto', plotInput(noisy, {}, { options: { against: 'cpu.time' } }));
    expect(notes).toContainEqual(expect.stringMatching(/^1 cell is not sure to be on the front/));
    expect(scene.legend.at(-1)!.title).toBe('not sure to be on the front');
  });
});

describe('parallel coordinates', () => {
  it('draw one line for each combination, at its medians, and brushed ones in a mark of their own', () => {
    const brushed = brushOver(runs, 'encode.time', 20.1, Infinity);
    const plot = drawn(
      'parallel',
      plotInput(runs, { x: 'bitrate', color: 'codec' }, { brushed, options: { metrics: 'one' } }),
    );
    const lines = plot.scene.marks.filter((mark) => mark.kind === 'lines');
    expect(lines.map(({ looks }) => looks.length).reduce((a, b) => a + b)).toBe(60);
    expect(lines).toHaveLength(2);
    expect(lines[0]!.opacity! < lines[1]!.opacity!).toBe(true);
    expect(column(plot, 'runs')).toEqual(Array(60).fill(3));
    expect(plot.scene.panels.map(({ title }) => title)).toEqual([
      'bitrate',
      'codec',
      'preset',
      'framerate',
      'quality.xpsnr',
    ]);
  });

  it('end a line where a run has no number, and put names and numbers where the table says', () => {
    const plot = drawn('parallel', plotInput(runs, { x: 'codec' }, { options: { metrics: 'one' } }));
    const absent = column(plot, 'quality.xpsnr').flatMap((value, line) => (value === null ? [line] : []));
    expect(absent.length).toBe(2);
    for (const line of absent)
      expect([column(plot, 'codec')[line], column(plot, 'preset')[line], column(plot, 'bitrate')[line]]).toEqual([
        'x265',
        'fast',
        '500k',
      ]);
  });
});

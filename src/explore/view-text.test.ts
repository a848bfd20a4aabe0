import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readViewText, viewText } from './view-text.ts';
import { EMPTY_VIEW, PLOT_KINDS, type View } from './view.ts';

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: fc.constantFrom('~', ',', '.', '_', '-', 'a', '1', 'M', '+', '%', '&', '=', ' ') }),
);
const number = fc
  .oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }))
  .filter((n) => !Object.is(n, -0));
const name = fc.option(text, { nil: null });
const anyView: fc.Arbitrary<View> = fc.record({
  version: fc.constant(1 as const),
  benchmarks: fc.array(text, { maxLength: 3 }),
  filters: fc.array(
    fc.oneof(
      fc.record({ kind: fc.constant('values' as const), property: text, values: fc.array(text, { minLength: 1 }) }),
      fc.record({
        kind: fc.constant('values' as const),
        property: text,
        values: fc.array(text, { maxLength: 2 }),
        absent: fc.constant(true as const),
      }),
      fc.record({
        kind: fc.constant('range' as const),
        property: text,
        low: fc.option(number, { nil: null }),
        high: fc.option(number, { nil: null }),
      }),
    ),
    { maxLength: 4 },
  ),
  placed: fc.option(
    fc.record({ column: name, row: name, x: name, color: name, shape: name, legend: fc.array(text, { maxLength: 3 }) }),
    { nil: null },
  ),
  stats: fc.uniqueArray(text, { maxLength: 3 }),
  plot: fc.option(fc.constantFrom(...PLOT_KINDS), { nil: null }),
  options: fc.dictionary(text, text, { maxKeys: 3, noNullPrototype: true }),
  showInvalid: fc.boolean(),
  brushes: fc.array(fc.record({ metric: text, low: number, high: number }), { maxLength: 3 }),
});

test('a view that was written reads back the same, whatever its names and values are', () => {
  fc.assert(
    fc.property(anyView, (view) => {
      expect(readViewText(viewText(view))).toEqual({ view, problems: [] });
    }),
    { numRuns: 120 },
  );
});

test('runs without the property are a value of their own in an address', () => {
  const { view } = readViewText('?f.preset=12,~-&f.crf=~-');
  expect(view.filters).toEqual([
    { kind: 'values', property: 'preset', values: ['12'], absent: true },
    { kind: 'values', property: 'crf', values: [], absent: true },
  ]);
});

test('an address is short and readable', () => {
  const view: View = {
    ...EMPTY_VIEW,
    benchmarks: ['bunny'],
    filters: [
      { kind: 'values', property: 'codec', values: ['x264', 'vp9'] },
      { kind: 'range', property: 'bitrate', low: 1e6, high: 2.5e6 },
    ],
    placed: { column: null, row: null, x: 'bitrate', color: 'codec', shape: null, legend: [] },
    stats: ['encode.fps p5', 'cpu.busy[0]'],
    plot: 'lines',
    options: { text: 'off' },
    brushes: [{ metric: 'cpu.time', low: 0.25, high: 4 }],
  };
  expect(viewText(view)).toBe(
    '?v=1&b=bunny&f.codec=x264,vp9&f.bitrate=1M..2.5M&x=bitrate&color=codec&stat=encode.fps+p5,cpu.busy[0]&plot=lines&o.text=off&brush.cpu.time=0.25..4',
  );
  expect(viewText(EMPTY_VIEW)).toBe('');
});

test('what an address says and cannot be read is told, and the rest is shown', () => {
  const { view, problems } = readViewText('?v=2&b=bunny&f.bitrate=low..high&plot=pie&stat=a,b,c,d&brush.x=1&sort=-a');
  expect(view).toEqual({
    ...EMPTY_VIEW,
    benchmarks: ['bunny'],
    filters: [{ kind: 'values', property: 'bitrate', values: ['low..high'] }],
    stats: ['a', 'b', 'c'],
  });
  expect(problems).toEqual([
    'The link was made by another version (2) of the explorer: what this one understands of it is shown',
    'The link says sort, which the explorer does not know',
    'The brush over x is no range: 1',
    'Only 3 of 4 stats are shown',
    'There is no kind of plot pie',
  ]);
});

test('what stands twice in an address, and a switch that is none, is told', () => {
  const { view, problems } = readViewText('?v=1&col=codec&col=preset&stat=fps,fps&invalid=7&zzz=4&f.a=1&f.b=2');
  expect(view.placed?.column).toBe('codec');
  expect(view.stats).toEqual(['fps']);
  expect(view.showInvalid).toBe(false);
  expect(problems).toEqual([
    'The link says zzz, which the explorer does not know',
    'The link says col more than once: the first is taken',
    'A stat that is named twice is shown once',
    'invalid is 1 or missing, not 7',
  ]);
  expect(readViewText('?v=1&invalid=0&o.runs=-m:fps&legend=').problems).toEqual([]);
});

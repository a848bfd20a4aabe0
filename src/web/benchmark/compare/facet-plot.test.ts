import { expect, test } from 'vitest';
import { facetPlot, MAX_POINTS, type FacetInput } from './facet-plot.ts';
import { MAX_SERIES, seriesStyles } from './series-styles.ts';

const styles = Array.from({ length: MAX_SERIES }, () => ({ stroke: '#000', dash: [], shape: 'circle' as const }));

/** Every combination of the values, the first property varying slowest. */
function input(
  properties: FacetInput['properties'],
  repeats: FacetInput['repeats'],
  choice: FacetInput['choice'],
): FacetInput {
  let rows: string[][] = [[]];
  for (const { values } of properties) rows = rows.flatMap((row) => values.map((value) => [...row, value]));
  return {
    metric: { name: 'encode.fps', unit: 'frame/s' },
    properties,
    values: properties.map((_, i) => rows.map((row) => row[i])),
    labels: rows.map((row) => row.join(' ')),
    cells: rows.map((_, i) => i),
    repeats,
    choice,
    styles,
  };
}

const codec = { name: 'codec', values: ['x264', 'av1'] };
const threads = { name: 'threads', values: ['4', '1', '2'] };
const choice = { x: 'threads', color: 'codec', column: null, row: null };

test('points are medians with their intervals, on an axis of numbers, and lines join them in its order', () => {
  const plot = facetPlot(input([codec, threads], (cell) => [90 + cell, 100 + cell, 120 + cell], choice))!;
  expect(plot.spec.x.kind).toBe('log');
  expect(plot.spec.points).toHaveLength(6);
  expect(plot.spec.points[0]).toMatchObject({ x: 4, y: 100, series: 0, yInterval: [90, 120] });
  expect(plot.spec.points[0].title).toBe(
    'x264\n4\nencode.fps 100 frame/s\nrange of the runs 90 frame/s to 120 frame/s\n3 runs',
  );
  expect(plot.spec.lines).toMatchObject([
    { series: 0, x: [1, 2, 4], y: [101, 102, 100], faint: false },
    { series: 1, x: [1, 2, 4], y: [104, 105, 103] },
  ]);
  expect(plot.notes).toEqual([]);
});

test('a single run has no interval, and a cell without runs no point', () => {
  const plot = facetPlot(input([codec, threads], (cell) => (cell < 2 ? [50] : []), choice))!;
  expect(plot.spec.points.map(({ yInterval }) => yInterval)).toEqual([null, null]);
  expect(plot.spec.series.map(({ name }) => name)).toEqual(['x264', 'av1']);
  expect(facetPlot(input([codec, threads], () => [], choice))).toBeNull();
});

test('between names a line only leads the eye, and does not leap over a hole', () => {
  const preset = { name: 'preset', values: ['fast', 'medium', 'slow', 'slower'] };
  const chosen = { x: 'preset', color: null, column: null, row: null };
  const plot = facetPlot(input([preset], (cell) => (cell === 1 ? [] : [cell]), chosen))!;
  // The name without a value keeps its place.
  expect(plot.spec.points.map(({ x }) => x)).toEqual([0, 2, 3]);
  expect(plot.spec.lines).toMatchObject([{ x: [2, 3], faint: true }]);
});

test('properties that have no place still part the lines', () => {
  const plot = facetPlot(input([codec, threads], () => [50], { ...choice, color: null }))!;
  expect(plot.spec.lines).toHaveLength(2);
  expect(plot.spec.series).toHaveLength(1);
});

test('facets stand in the order of the file', () => {
  const plot = facetPlot(
    input([codec, threads], (cell) => [cell], { x: 'threads', color: null, column: 'codec', row: null }),
  )!;
  expect(plot.spec.columns).toEqual({ label: 'codec', names: ['x264', 'av1'] });
  expect(plot.spec.points.map(({ column }) => column)).toEqual([0, 0, 0, 1, 1, 1]);
});

test('of ten thousand cells so many are drawn as an SVG can hold, whole lines of them, and it is said', () => {
  const many = { name: 'bitrate', values: Array.from({ length: 250 }, (_, i) => `${(i + 1) * 100}k`) };
  const presets = { name: 'preset', values: Array.from({ length: 40 }, (_, i) => `p${i}`) };
  const chosen = { x: 'bitrate', color: 'preset', column: null, row: null };
  const plot = facetPlot(input([presets, many], () => [1, 2, 3], chosen))!;
  expect(plot.spec.points.length).toBeLessThanOrEqual(MAX_POINTS);
  expect(plot.spec.points.length).toBeGreaterThan(MAX_POINTS / 2);
  expect(plot.spec.lines).toHaveLength(MAX_SERIES);
  expect(new Set(plot.spec.lines.map(({ x }) => x.length)).size).toBe(1);
  expect(plot.notes).toEqual([
    `the first ${MAX_SERIES} of 40 values of preset are drawn`,
    `${plot.spec.points.length} of 5250 cells are drawn: filter, or split by more`,
  ]);
});

test('no two looks share both colour and shape, or both colour and dash', () => {
  const looks = seriesStylesWithoutPage();
  expect(new Set(looks.map(({ hue, shape }) => `${hue} ${shape}`)).size).toBe(MAX_SERIES);
  expect(new Set(looks.map(({ hue, dash }) => `${hue} ${dash}`)).size).toBe(MAX_SERIES);
});

/** Colours are the page's: here the position in the palette stands for them. */
function seriesStylesWithoutPage() {
  const page = { documentElement: {} };
  const style = { getPropertyValue: (name: string) => name };
  const global = globalThis as unknown as { document?: unknown; getComputedStyle?: unknown };
  Object.assign(global, { document: page, getComputedStyle: () => style });
  try {
    return seriesStyles().map(({ stroke, dash, shape }) => ({ hue: stroke, dash: dash.join(), shape }));
  } finally {
    delete global.document;
    delete global.getComputedStyle;
  }
}

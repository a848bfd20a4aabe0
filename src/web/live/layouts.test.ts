import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  EMPTY_LAYOUT,
  isLayoutName,
  MOST_CHARTS,
  movedChart,
  parseLayout,
  toggledSeries,
  withChart,
  withoutChart,
} from './layouts.ts';

const chart = (title: string, ...series: string[]) => ({ title, series });
const layout = { ...EMPTY_LAYOUT, charts: [chart('a', 'guest/cpu.busy'), chart('b'), chart('c')] };
const titles = ({ charts }: typeof layout) => charts.map(({ title }) => title).join('');

test('a saved layout comes back as it was', () => {
  const series = fc.uniqueArray(fc.string({ minLength: 1 }), { maxLength: 8 });
  const charts = fc.array(fc.record({ title: fc.string(), series }), { maxLength: MOST_CHARTS });
  fc.assert(
    fc.property(charts, (all) => {
      const saved = { version: 1 as const, charts: all };
      expect(parseLayout(JSON.parse(JSON.stringify(saved)))).toEqual(saved);
    }),
  );
});

test('what is no layout is refused, and what is none of a chart is left out', () => {
  for (const value of [null, 4, 'x', [], {}, { version: 2, charts: [] }, { version: 1 }])
    expect(parseLayout(value)).toBeNull();
  expect(parseLayout({ version: 1, charts: [3, { title: 'a', series: [1, 'x', 'x'] }, { title: 5 }] })).toEqual({
    version: 1,
    charts: [chart('a', 'x')],
  });
});

test('charts are added up to a bound, moved and removed', () => {
  let full = EMPTY_LAYOUT;
  for (let i = 0; i < MOST_CHARTS + 5; i++) full = withChart(full, chart(`${i}`));
  expect(full.charts).toHaveLength(MOST_CHARTS);
  expect(titles(movedChart(layout, 2, -1) as typeof layout)).toBe('acb');
  expect(movedChart(layout, 0, -1)).toBe(layout);
  expect(movedChart(layout, 2, 1)).toBe(layout);
  expect(titles(withoutChart(layout, 1) as typeof layout)).toBe('ac');
});

test('a series is put into a chart and taken out by the same press', () => {
  const more = toggledSeries(layout, 0, 'client/cpu.busy');
  expect(more.charts[0]!.series).toEqual(['guest/cpu.busy', 'client/cpu.busy']);
  expect(toggledSeries(more, 0, 'client/cpu.busy')).toEqual(layout);
});

test('a name may have blanks, and leads to no other folder', () => {
  expect(['mine', 'Frames of the guest', 'Größe 2.1'].every(isLayoutName)).toBe(true);
  expect(['', ' x', '../x', 'a/b', '.x', 'x'.repeat(65)].some(isLayoutName)).toBe(false);
});

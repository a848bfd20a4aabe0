import { expect, test } from 'vitest';
import { madeDataset } from '../../test/explore/made-dataset.ts';
import { NOTHING_PLACED } from './arrange.ts';
import { checkView } from './check-view.ts';
import { readViewText } from './view-text.ts';
import { EMPTY_VIEW, type View } from './view.ts';

const data = madeDataset({ codec: ['x264', 'vp9'], source: ['clip'] }, 1, {
  fps: { unit: 'frame/s', better: 'higher', of: () => 1 },
});

test('what is gone is told one by one, and the rest stays', () => {
  const view: View = {
    ...EMPTY_VIEW,
    benchmarks: ['bunny', 'lost'],
    filters: [
      { kind: 'values', property: 'codec', values: ['vp9', 'av1'] },
      { kind: 'values', property: 'codec', values: ['hevc'] },
      { kind: 'range', property: 'bitrate', low: 1, high: null },
    ],
    placed: { ...NOTHING_PLACED, x: 'preset', color: 'codec', legend: ['tune', 'source'] },
    stats: ['fps', 'vmaf'],
    brushes: [{ metric: 'psnr', low: 1, high: 2 }],
  };
  const { view: shown, gone } = checkView(view, data, data.metrics, ['lost']);
  expect(shown).toEqual({
    ...view,
    filters: [{ kind: 'values', property: 'codec', values: ['vp9'] }],
    placed: { ...NOTHING_PLACED, color: 'codec', legend: ['source'] },
    stats: ['fps'],
    brushes: [],
  });
  expect(gone).toEqual([
    'The benchmark lost is not in this lab',
    'No run has codec av1: the other values are kept',
    'No run has codec hevc: the filter is left out',
    'No run has the property bitrate: its filter is left out',
    'No run has the property preset: its place is empty',
    'No run has the property tune: its place is empty',
    'No run has the metric vmaf: its plot is left out',
    'No run has the metric psnr: its brush is left out',
  ]);
});

test('of a filter whose values are gone the runs without the property stay', () => {
  const filters = [{ kind: 'values' as const, property: 'codec', values: ['hevc'], absent: true as const }];
  const { view, gone } = checkView({ ...EMPTY_VIEW, filters }, data, data.metrics);
  expect(view.filters).toEqual([{ kind: 'values', property: 'codec', values: [], absent: true }]);
  expect(gone).toEqual(['No run has codec hevc: the other values are kept']);
});

test('a value is shown in the spelling that the runs have, once; a name that looks like it is none', () => {
  const rates = madeDataset({ bitrate: ['1M', '2M'], version: ['3.1', '3.2'] });
  const filters = [
    { kind: 'values' as const, property: 'bitrate', values: ['1000k', '1M', '2000000'] },
    { kind: 'values' as const, property: 'version', values: ['3.10', '3.2'] },
  ];
  const { view, gone } = checkView({ ...EMPTY_VIEW, filters }, rates, []);
  expect(view.filters.map((filter) => filter.kind === 'values' && filter.values)).toEqual([['1M', '2M'], ['3.2']]);
  expect(gone).toEqual(['No run has version 3.10: the other values are kept']);
});

test('of a filter that looks like a range and is none one thing is told, and nothing where a value is written so', () => {
  const told = (search: string) => {
    const { view, problems } = readViewText(search);
    const branches = madeDataset({ branch: ['old..new', 'main'] });
    return [...problems, ...checkView(view, branches, []).gone];
  };
  expect(told('?v=1&f.branch=abc..def')).toEqual(['No run has branch abc..def: the filter is left out']);
  expect(told('?v=1&f.branch=old..new')).toEqual([]);
});

test('a property that stands at two places is left at the first of them', () => {
  const placed = { ...NOTHING_PLACED, x: 'codec', color: 'codec', legend: ['codec'] };
  const { view, gone } = checkView({ ...EMPTY_VIEW, placed }, data, data.metrics);
  expect(view.placed).toEqual({ ...NOTHING_PLACED, x: 'codec' });
  expect(gone).toEqual(Array(2).fill('codec stands at two places: it is left at the first'));
  expect(checkView({ ...EMPTY_VIEW, placed: { ...NOTHING_PLACED, x: 'codec' } }, data, data.metrics).gone).toEqual([]);
});

test('before the first run nothing is gone', () => {
  const view: View = { ...EMPTY_VIEW, stats: ['fps'] };
  expect(checkView(view, madeDataset({ codec: [] }), [])).toEqual({ view, gone: [] });
});

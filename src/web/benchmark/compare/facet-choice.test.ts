import { expect, test } from 'vitest';
import { choosePlace, facetChoice, scalingChoice } from './facet-choice.ts';

const ladder = [
  { name: 'codec', values: ['x264', 'av1'] },
  { name: 'preset', values: ['fast', 'slow'] },
  { name: 'bitrate', values: ['1M', '2M', '4M'] },
  { name: 'source', values: ['clip.mp4'] },
];
const choose = (query: string, properties = ladder) => facetChoice(new URLSearchParams(query), properties);

test('without a word in the address the numbers go along x, the first property makes colours, the next columns', () => {
  expect(choose('')).toEqual({ x: 'bitrate', color: 'codec', column: 'preset', row: null });
});

test('what the address says counts, and none leaves a place empty', () => {
  expect(choose('x=codec&by=none&down-facets=bitrate')).toEqual({
    x: 'codec',
    color: null,
    column: 'preset',
    row: 'bitrate',
  });
});

test('a property that the benchmark does not vary is not believed', () => {
  expect(choose('x=tune&by=source')).toMatchObject({ x: 'bitrate', color: 'codec' });
});

test('where nothing is a number, the property with the most values goes along x', () => {
  expect(choose('', ladder.slice(0, 2))).toMatchObject({ x: 'preset', color: 'codec', column: null });
  expect(choose('', [])).toEqual({ x: null, color: null, column: null, row: null });
});

test('a property with too many values for columns makes colours, or nothing by itself', () => {
  const names = (count: number) => Array.from({ length: count }, (_, i) => `s${i}`);
  const many = (count: number) => [ladder[0], { name: 'seed', values: names(count) }, ladder[2]];
  expect(choose('', many(12))).toEqual({ x: 'bitrate', color: 'seed', column: 'codec', row: null });
  expect(choose('', many(40))).toEqual({ x: 'bitrate', color: 'codec', column: null, row: null });
});

test('a property put where it was not changes places with what was there', () => {
  const choice = choose('');
  expect(choosePlace(choice, 'x', 'codec')).toEqual({
    x: 'codec',
    by: 'bitrate',
    'across-facets': 'preset',
    'down-facets': 'none',
  });
  expect(choosePlace(choice, 'column', null)).toMatchObject({ 'across-facets': 'none' });
});

test('scaling is offered where threads and encodes at once vary', () => {
  const scaling = [
    { name: 'codec', values: ['x264', 'av1'] },
    { name: 'threads', values: ['1', '2'] },
    { name: 'concurrent', values: ['1', '2'] },
  ];
  expect(scalingChoice(scaling)).toEqual({
    x: 'threads',
    by: 'concurrent',
    'across-facets': 'codec',
    'down-facets': 'none',
  });
  expect(scalingChoice(ladder)).toBeNull();
  expect(scalingChoice([...scaling.slice(0, 2), { name: 'concurrent', values: ['2'] }])).toBeNull();
});

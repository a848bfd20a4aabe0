import fc from 'fast-check';
import { expect, test } from 'vitest';
import { madeDataset } from '../../test/explore/made-dataset.ts';
import {
  SLOTS,
  defaultPlaced,
  freeProperties,
  moveProperty,
  NOTHING_PLACED,
  placedCount,
  slotOf,
  stepProperty,
} from './arrange.ts';
import type { Dataset } from './data/dataset.ts';

const all = ({ count }: Dataset) => Uint32Array.from({ length: count }, (_, row) => row);

test('what does not vary is not free, nor what another property tells already', () => {
  const data = madeDataset({ codec: ['x264', 'vp9'], bitrate: ['1M', '2M'], engine: ['bundled'] });
  const codec = data.properties[0]!;
  const withEncoder = {
    ...data,
    properties: [...data.properties, { ...codec, name: 'encoder', values: ['libx264', 'libvpx-vp9'] }],
  };
  expect(freeProperties(withEncoder, all(data)).map(({ name }) => name)).toEqual(['codec', 'bitrate']);
  expect(freeProperties(withEncoder, Uint32Array.of(0, 2)).map(({ name }) => name)).toEqual(['bitrate']);
});

test('where runs were made arranges them once it is known of all, and not before', () => {
  const data = madeDataset({ codec: ['x264', 'vp9'], build: ['one', 'two'] });
  const build = { ...data.properties[1]!, origin: 'fact' as const };
  const known = { ...data, properties: [data.properties[0]!, build] };
  expect(freeProperties(known, all(data)).map(({ name }) => name)).toEqual(['codec', 'build']);
  const codes = build.codes.slice().fill(-1, 0, 1);
  const unknown = { ...data, properties: [data.properties[0]!, { ...build, codes }] };
  expect(freeProperties(unknown, all(data)).map(({ name }) => name)).toEqual(['codec']);
});

test('numbers go along x, few names into colour; what has no place left is in the legend and never pooled', () => {
  const values = (count: number) => Array.from({ length: count }, (_, i) => `v${i}`);
  const data = madeDataset({
    codec: ['x264', 'vp9'],
    source: values(9),
    bitrate: ['1M', '2M', '4M'],
    preset: values(3),
    tune: values(2),
    profile: values(2),
  });
  const placed = defaultPlaced(data, all(data));
  expect(placed).toEqual({
    x: 'bitrate',
    color: 'codec',
    column: 'tune',
    row: 'profile',
    shape: 'preset',
    legend: ['source'],
  });
  expect(placedCount(placed)).toBe(6);
});

test('presets of which each codec has its own are colours in the facets of the codecs', () => {
  const data = madeDataset({
    codec: ['x264', 'av1'],
    bitrate: ['1M', '2M', '4M'],
    preset: ['fast', 'slow', '8', '10'],
  });
  const [codec, bitrate, preset] = data.properties;
  const rows = all(data).filter((row) => codec!.codes[row] === (preset!.codes[row]! < 2 ? 0 : 1));
  expect(defaultPlaced(data, rows)).toEqual({
    ...NOTHING_PLACED,
    x: bitrate!.name,
    column: 'codec',
    color: 'preset',
  });
});

test('what compares codecs has them in one panel, and what is drawn of each has facets', () => {
  const data = madeDataset({
    codec: ['x264', 'av1'],
    bitrate: ['1M', '2M', '4M'],
    preset: ['fast', 'slow', '8', '10'],
  });
  const [codec, , preset] = data.properties;
  const rows = all(data).filter((row) => codec!.codes[row] === (preset!.codes[row]! < 2 ? 0 : 1));
  for (const plot of ['rate-quality', 'pareto'] as const)
    expect(defaultPlaced(data, rows, plot)).toEqual({
      ...NOTHING_PLACED,
      x: 'bitrate',
      color: 'codec',
      shape: 'preset',
    });
  expect(defaultPlaced(data, rows, 'lines')).toEqual(defaultPlaced(data, rows));
});

test('a property that moves onto another changes places with it', () => {
  const placed = { ...NOTHING_PLACED, x: 'bitrate', color: 'codec', legend: ['preset', 'tune'] };
  expect(moveProperty(placed, 'codec', 'x')).toEqual({ ...placed, x: 'codec', color: 'bitrate' });
  expect(moveProperty(placed, 'preset', 'x')).toEqual({ ...placed, x: 'preset', legend: ['bitrate', 'tune'] });
  expect(moveProperty(placed, 'engine', 'x')).toEqual({ ...placed, x: 'engine' });
  expect(moveProperty(placed, 'tune', 'pooled')).toEqual({ ...placed, legend: ['preset'] });
});

test('whatever moves, no property is in two places, and the moved one is where it was put', () => {
  const names = ['a', 'b', 'c', 'd'];
  const move = fc.tuple(fc.constantFrom(...names), fc.constantFrom(...SLOTS));
  fc.assert(
    fc.property(fc.array(move, { maxLength: 12 }), (moves) => {
      let placed = NOTHING_PLACED;
      for (const [name, slot] of moves) {
        placed = moveProperty(placed, name, slot);
        expect(slotOf(placed, name)).toBe(slot);
        const { legend, ...places } = placed;
        const standing = [...Object.values(places), ...legend].filter((one) => one !== null);
        expect(new Set(standing).size).toBe(standing.length);
      }
    }),
    { numRuns: 100 },
  );
});

test('arrow keys move sideways between places and up and down in the legend, and stop at the ends', () => {
  const placed = { ...NOTHING_PLACED, x: 'bitrate', legend: ['preset', 'tune'] };
  expect(stepProperty(placed, 'bitrate', 'ArrowRight')).toEqual({ ...placed, x: null, color: 'bitrate' });
  expect(stepProperty(placed, 'tune', 'ArrowUp')).toEqual({ ...placed, legend: ['tune', 'preset'] });
  expect(stepProperty(placed, 'tune', 'ArrowDown')).toBeNull();
  expect(stepProperty(placed, 'bitrate', 'ArrowDown')).toBeNull();
  expect(stepProperty(placed, 'engine', 'ArrowRight')).toBeNull();
});

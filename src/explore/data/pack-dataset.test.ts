// Packed runs: what comes out is what went in, and what are no packed runs is refused.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OUTCOMES } from '#core/run';
import type { Dataset } from './dataset.ts';
import { packDataset } from './pack-dataset.ts';
import { DatasetError, unpackDataset } from './unpack-dataset.ts';

const text = fc.string({ unit: 'binary', maxLength: 12 });

/** Texts of any characters, lone halves included; columns of any numbers. */
const datasets: fc.Arbitrary<Dataset> = fc.nat({ max: 9 }).chain((count) => {
  const row = fc.nat({ max: Math.max(0, count - 1) });
  const told = count === 0 ? fc.constant(new Map()) : fc.array(fc.tuple(row, text)).map((pairs) => new Map(pairs));
  const numbers = (length: number) =>
    fc.array(fc.double(), { minLength: length, maxLength: length }).map((values) => Float64Array.from(values));
  const integers = (low: number, high: number) =>
    fc.array(fc.integer({ min: low, max: high }), { minLength: count, maxLength: count });
  const property = fc.array(text, { maxLength: 5 }).chain((values) =>
    fc.record({
      name: text,
      origin: fc.constantFrom('setting' as const, 'fact' as const),
      values: fc.constant(values),
      numbers: fc.option(numbers(values.length)),
      codes: integers(-1, values.length - 1).map((codes) => Int32Array.from(codes)),
    }),
  );
  return fc.record({
    count: fc.constant(count),
    ids: fc.array(text, { minLength: count, maxLength: count }),
    outcomes: integers(0, OUTCOMES.length - 1).map((codes) => Uint8Array.from(codes)),
    startedAtMs: numbers(count),
    repeats: integers(1, 1000).map((repeats) => Int32Array.from(repeats)),
    cells: integers(0, 6).map((cells) => Int32Array.from(cells)),
    cellCount: fc.constant(7),
    excluded: told,
    reasons: told,
    properties: fc.array(property, { maxLength: 4 }),
    metrics: fc.array(
      fc.record({ name: text, unit: text, better: fc.constantFrom('higher', 'lower', null), values: numbers(count) }),
      { maxLength: 4 },
    ),
  });
});

test('what comes out is what went in, with what was said besides', () => {
  fc.assert(
    fc.property(datasets, fc.json(), (dataset, json) => {
      const more: unknown = JSON.parse(json);
      const packed = packDataset(dataset, more).buffer;
      expect(unpackDataset(packed)).toEqual({ dataset, more });
      // As a browser reads it.
      expect(unpackDataset(packed, (utf16) => new TextDecoder('utf-16le').decode(utf16))).toEqual({ dataset, more });
    }),
    { numRuns: 60 },
  );
});

const SMALL: Dataset = {
  count: 2,
  ids: ['a', 'b'],
  outcomes: Uint8Array.of(0, 1),
  startedAtMs: Float64Array.of(1, 2),
  repeats: Int32Array.of(1, 2),
  cells: Int32Array.of(0, 0),
  cellCount: 1,
  excluded: new Map(),
  reasons: new Map([[1, 'no encoder']]),
  properties: [
    { name: 'gop', origin: 'setting', values: ['24'], numbers: Float64Array.of(24), codes: Int32Array.of(0, -1) },
  ],
  metrics: [{ name: 'bitrate', unit: 'bit/s', better: null, values: Float64Array.of(1e6, NaN) }],
};

test('what is cut off anywhere is refused', () => {
  const packed = packDataset(SMALL);
  for (let length = 0; length < packed.length; length++)
    expect(() => unpackDataset(packed.slice(0, length).buffer)).toThrow(DatasetError);
});

test.each<[string, (words: Uint32Array) => void, RegExp]>([
  ['another file', (words) => (words[0] = 1), /no packed runs/],
  ['a newer version', (words) => (words[1] = 2), /version 2; this encodelab reads version 1/],
  ['texts that go on beyond the end', (words) => (words[2] = 2 ** 31), /cut off/],
])('%s is refused', (_, change, message) => {
  const packed = packDataset(SMALL);
  change(new Uint32Array(packed.buffer, 0, 4));
  expect(() => unpackDataset(packed.buffer)).toThrow(message);
});

test.each<[string, Partial<Dataset>]>([
  ['value of gop', { properties: [{ ...SMALL.properties[0]!, codes: Int32Array.of(0, 1) }] }],
  ['outcome', { outcomes: Uint8Array.of(0, 9) }],
  ['cell', { cells: Int32Array.of(0, 1) }],
])('a %s that does not exist is refused', (what, wrong) => {
  expect(() => unpackDataset(packDataset({ ...SMALL, ...wrong }).buffer)).toThrow(what);
});

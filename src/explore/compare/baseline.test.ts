import { expect, test } from 'vitest';
import { baselineSide, makeBaseline, parseBaseline } from './baseline.ts';
import type { Side } from './side.ts';

const SIDE: Side = {
  title: 'bunny',
  metrics: [{ name: 'encode.fps', unit: 'frame/s', better: 'higher' }],
  facts: { machine: ['a'] },
  cells: [{ settings: { preset: 'fast' }, values: { 'encode.fps': [1, 2] }, failed: 1, reason: 'why', runs: ['x'] }],
};
const ORIGIN = { name: 'main', benchmark: 'bunny', savedAt: '2026-11-21T00:00:00.000Z', encodelab: '0.1.0' };
const BASELINE = makeBaseline(SIDE, ORIGIN);

test('a baseline comes back from its file as the side that it was', () => {
  const read = parseBaseline(JSON.stringify(BASELINE), 'main.json');
  expect(read).toEqual(BASELINE);
  const { reason: _, runs: __, ...cell } = SIDE.cells[0]!;
  expect(baselineSide(read)).toEqual({
    ...SIDE,
    title: 'baseline main',
    cells: [{ ...cell, reason: null, runs: [] }],
  });
});

test.each([
  ['{"version":1,', /damaged: it is no JSON/],
  ['[]', /no baseline of encodelab/],
  ['{"version":1}', /no baseline of encodelab/],
  [JSON.stringify({ ...BASELINE, version: 2 }), /made by a newer encodelab \(its version is 2, ours 1\)/],
  [JSON.stringify({ ...BASELINE, version: 0 }), /the baseline is damaged/],
  [JSON.stringify({ ...BASELINE, cells: null }), /the baseline is damaged/],
  [JSON.stringify({ ...BASELINE, metrics: [{ name: 'encode.fps' }] }), /the baseline is damaged/],
  [JSON.stringify({ ...BASELINE, cells: [{ ...BASELINE.cells[0], values: { other: [1] } }] }), /is damaged/],
  [JSON.stringify({ ...BASELINE, cells: [{ ...BASELINE.cells[0], values: { 'encode.fps': ['1'] } }] }), /is damaged/],
  [JSON.stringify({ ...BASELINE, facts: { machine: 'a' } }), /is damaged/],
])('%s is told and not taken', (text, message) => {
  expect(() => parseBaseline(text, 'main.json')).toThrow(message);
});

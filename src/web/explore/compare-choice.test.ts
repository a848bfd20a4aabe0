import { expect, test } from 'vitest';
import { madeDataset } from '../../../test/explore/made-dataset.ts';
import { BY_BASELINE, choiceNotes, comparable, readChoice, sidesOf } from './compare-choice.ts';

const DATASET = madeDataset({ preset: ['fast', 'medium', 'slow'], codec: ['x264'] }, 2, {
  fps: { unit: 'frame/s', better: 'higher', of: () => 1 },
});
const ALL = Uint32Array.from({ length: DATASET.count }, (_, row) => row);

test('only what has two values among the rows can be compared', () => {
  expect(comparable(DATASET, ALL).map(({ name }) => name)).toEqual(['preset']);
  expect(comparable(DATASET, ALL.subarray(0, 2))).toEqual([]);
});

test('a choice is completed with values that occur, and never compares a value with itself', () => {
  expect(readChoice({}, DATASET, ALL).by).toBeNull();
  expect(readChoice({ 'compare-by': 'preset' }, DATASET, ALL)).toMatchObject({ a: 'fast', b: 'medium' });
  const same = { 'compare-by': 'preset', 'compare-a': 'medium', 'compare-b': 'medium' };
  expect(readChoice(same, DATASET, ALL)).toMatchObject({ a: 'medium', b: 'fast' });
  // The filters leave medium and slow.
  expect(readChoice({ 'compare-by': 'preset', 'compare-a': 'fast' }, DATASET, ALL.subarray(2))).toMatchObject({
    a: 'medium',
    b: 'slow',
  });
  expect(readChoice({ 'compare-by': 'gone' }, DATASET, ALL).by).toBeNull();
});

test('that a benchmark is the runs that it made itself is told where benchmarks are compared', () => {
  const choice = { by: 'benchmark', a: 'one', b: 'two', metric: null };
  expect(choiceNotes(choice).join()).toContain('the benchmark that made it');
  expect(choiceNotes({ ...choice, by: 'preset' })).toEqual([]);
});

test('the sides are the runs with each value, without that property', () => {
  const [a, b] = sidesOf(readChoice({ 'compare-by': 'preset' }, DATASET, ALL), DATASET, ALL, null)!;
  expect([a.title, b.title]).toEqual(['preset=fast', 'preset=medium']);
  expect(a.cells.map(({ settings, runs }) => [settings, runs])).toEqual([[{ codec: 'x264' }, ['run-0', 'run-1']]]);
  expect(sidesOf({ by: BY_BASELINE, a: 'main', b: null, metric: null }, DATASET, ALL, null)).toBeNull();
});

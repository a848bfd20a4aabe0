import { expect, test } from 'vitest';
import { narrowed } from './narrow-shape.ts';
import type { UsableShape } from './usable-shapes.ts';

const MACHINE = { cores: 4, memoryBytes: 16e9 };
/** Alone on four threads it kept three cores busy for ten seconds. */
const WIDE: UsableShape = {
  title: 't',
  kind: 'encode',
  durationS: 10,
  cores: 3,
  threads: 4,
  memoryBytes: 1e9,
  diskBytes: 5,
  network: 60,
};

test('many encodes get a thread each, at the same CPU time and the same bytes', () => {
  expect(narrowed(WIDE, 40, MACHINE)).toEqual({ ...WIDE, durationS: 30, cores: 1, network: 20 });
});

test('an encode that is alone keeps the threads that it was measured with', () => {
  expect(narrowed(WIDE, 1, MACHINE)).toEqual(WIDE);
});

test('where memory is for two, two are given two threads each', () => {
  expect(narrowed({ ...WIDE, memoryBytes: 7e9 }, 40, MACHINE)).toMatchObject({ durationS: 15, cores: 2 });
});

test('what works beside its encoder is not taken for its threads', () => {
  expect(narrowed({ ...WIDE, cores: 5 }, 1, MACHINE)).toMatchObject({ durationS: 10, cores: 5 });
  const large = { ...MACHINE, cores: 16 };
  expect(narrowed({ ...WIDE, cores: 5, memoryBytes: 0 }, 1000, large)).toMatchObject({ durationS: 40, cores: 1.25 });
});

test('what waits more than it works is not made longer', () => {
  expect(narrowed({ ...WIDE, cores: 0.8 }, 40, MACHINE)).toMatchObject({ durationS: 10, cores: 0.8 });
});

test.each([null, 1])('work with %s threads stays as it was measured, whatever it kept busy', (threads) => {
  expect(narrowed({ ...WIDE, threads }, 40, MACHINE)).toEqual({ ...WIDE, threads });
});

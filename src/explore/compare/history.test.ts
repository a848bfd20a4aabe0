import { expect, test } from 'vitest';
import { seededRandom } from '#analysis/random';
import type { Property } from '../data/dataset.ts';
import { madeDataset } from '../../../test/explore/made-dataset.ts';
import { histories } from './history.ts';

const random = seededRandom(11);
const NOISE = Array.from({ length: 41 }, () => (4 * random()) / 2 ** 32 - 2);

/** 20 runs of each preset, the fast ones 10 % slower from the 13th on, when the build is another. */
function dataset() {
  const made = madeDataset({ preset: ['fast', 'slow'] }, 20, {
    fps: {
      unit: 'frame/s',
      better: 'higher',
      of: ({ preset }, repeat) =>
        (preset === 'fast' && repeat > 12 ? 90 : 100) + NOISE[repeat + (preset === 'fast' ? 0 : 20)]!,
    },
  });
  const build: Property = {
    name: 'build',
    origin: 'fact',
    values: ['8.0', '8.1'],
    numbers: null,
    codes: made.repeats.map((repeat) => (repeat > 12 ? 1 : 0)),
  };
  return { ...made, properties: [...made.properties, build] };
}

test('a change of one cell is found where it is, with what else changed there', () => {
  const data = dataset();
  const rows = Array.from({ length: data.count }, (_, row) => row);
  const found = histories(data, rows, 'fps');
  expect(found.map(({ cell, changes }) => [cell, changes.length])).toEqual([
    ['preset=fast', 1],
    ['preset=slow', 0],
  ]);
  const [change] = found[0]!.changes;
  expect(change).toMatchObject({ at: 12, verdict: 'worse', facts: [{ name: 'build', before: '8.0', after: '8.1' }] });
  expect(change!.share).toBeCloseTo(-0.1, 1);
  expect(change!.timeMs).toBe(data.startedAtMs[12]);
});

test('failed runs, runs that were left out and other metrics are no part of it', () => {
  const data = dataset();
  const rows = Array.from({ length: data.count }, (_, row) => row);
  const outcomes = Uint8Array.from(data.outcomes);
  outcomes[0] = 1;
  const [fast] = histories({ ...data, outcomes, excluded: new Map([[1, 'why']]) }, rows, 'fps');
  expect(fast!.rows).toHaveLength(18);
  expect(histories(data, rows, 'other')).toEqual([]);
});

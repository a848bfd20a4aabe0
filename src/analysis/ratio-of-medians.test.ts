// The promises of a comparison, by simulation with a fixed seed: intervals cover, changes are found, noise is not.

import { expect, test } from 'vitest';
import { changeOfMedians, changeOverCells } from './ratio-of-medians.ts';
import { seededRandom } from './random.ts';

const random = seededRandom(2026);
const uniform = () => (random() + 0.5) / 2 ** 32;
const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
/** A run is disturbed now and then, and then it is slower. */
const skewed = () => Math.abs(normal()) + (uniform() < 0.1 ? 3 * uniform() : 0);

function sample(count: number, middle: number, noise: () => number): number[] {
  return Array.from({ length: count }, () => middle * Math.exp(0.02 * noise()));
}

test.each([
  [3, 'normal', normal],
  [5, 'normal', normal],
  [5, 'skewed', skewed],
  [10, 'normal', normal],
  [10, 'skewed', skewed],
  [30, 'normal', normal],
])('the 95 %% interval of %i repeats with %s noise covers the true ratio in 92 to 99 of 100 draws', (n, _, noise) => {
  let covered = 0;
  for (let draw = 0; draw < 800; draw++) {
    const [low, high] = changeOfMedians(sample(n, 100, noise), sample(n, 95, noise), 'ratio').interval!;
    if (low <= 0.95 && 0.95 <= high) covered++;
  }
  expect(covered / 800).toBeGreaterThan(0.92);
  expect(covered / 800).toBeLessThan(0.99);
});

test.each([
  [4, 5],
  [8, 5],
  [8, 1],
  [12, 2],
])('over %i cells with %i repeats the interval covers, too', (cells, n) => {
  let covered = 0;
  for (let draw = 0; draw < 400; draw++) {
    const pairs = Array.from({ length: cells }, (_, i) => ({
      a: sample(n, 10 ** i, normal),
      b: sample(n, 0.97 * 10 ** i, normal),
    }));
    const [low, high] = changeOverCells(pairs, 'ratio').interval!;
    if (low <= 0.97 && 0.97 <= high) covered++;
  }
  expect(covered / 400).toBeGreaterThan(0.92);
  expect(covered / 400).toBeLessThanOrEqual(0.99);
});

test('5 % less with 2 % noise is found with 5 repeats of one cell in eight of ten, and nothing is found in noise more often than promised', () => {
  let found = 0;
  let alarms = 0;
  for (let draw = 0; draw < 400; draw++) {
    const a = sample(5, 100, normal);
    if (isTold(changeOfMedians(a, sample(5, 95, normal), 'ratio'))) found++;
    if (isTold(changeOfMedians(a, sample(5, 100, normal), 'ratio'))) alarms++;
  }
  expect(found / 400).toBeGreaterThan(0.8);
  expect(alarms / 400).toBeLessThan(0.05);
});

function isTold({ p, interval }: ReturnType<typeof changeOfMedians>): boolean {
  return p <= 0.05 && (interval![0] > 1 || interval![1] < 1);
}

test('the ratio of medians lies within its own interval', () => {
  for (let draw = 0; draw < 300; draw++) {
    const n = 3 + (draw % 8);
    const { effect, interval } = changeOfMedians(sample(n, 10, skewed), sample(n, 11, skewed), 'ratio');
    expect(effect).toBeGreaterThanOrEqual(interval![0]);
    expect(effect).toBeLessThanOrEqual(interval![1]);
  }
});

test('what never varies has changed as soon as it differs, however little, and is no test where it does not', () => {
  const same = Array<number>(5).fill(0.1);
  const other = Array<number>(5).fill(0.1 * (1 + 1e-9));
  const changed = changeOfMedians(same, other, 'ratio');
  expect(changed).toMatchObject({ method: 'constant', p: 2 ** -9 });
  expect(changed.interval).toEqual([changed.effect, changed.effect]);
  expect(changeOfMedians(same, same, 'ratio')).toEqual({ effect: 1, interval: [1, 1], method: 'constant', p: NaN });
  expect(
    changeOverCells(
      [
        { a: same, b: same },
        { a: other, b: other },
      ],
      'difference',
    ).p,
  ).toBeNaN();
});

test('one or two repeats have a ratio and no interval, and 3 have one by t', () => {
  expect(changeOfMedians([10, 11], [12, 13], 'ratio')).toEqual({
    effect: 12.5 / 10.5,
    interval: null,
    method: null,
    p: NaN,
  });
  expect(changeOfMedians([10, 11, 12], [12, 13, 15], 'ratio').method).toBe('t');
  expect(
    changeOverCells(
      [
        { a: [1], b: [2] },
        { a: [2], b: [5] },
      ],
      'ratio',
    ).interval,
  ).toBeNull();
});

test('differences take zero and less', () => {
  const { effect, interval } = changeOfMedians([0, 0, 1, 0, -1], [2, 3, 2, 2, 1], 'difference');
  expect(effect).toBe(2);
  expect(interval![0]).toBeGreaterThan(0);
});

import { expect, test } from 'vitest';
import { changePoints } from './e-divisive.ts';
import { seededRandom } from './random.ts';

function noise(seed: number): () => number {
  const random = seededRandom(seed);
  const uniform = () => (random() + 0.5) / 2 ** 32;
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** Levels, one after the other, each `length` values long, with noise of 2 %. */
function series(levels: readonly number[], length: number, seed: number): number[] {
  const next = noise(seed);
  return levels.flatMap((level) => Array.from({ length }, () => level * (1 + 0.02 * next())));
}

test('planted steps of 5 to 10 % are found within four runs of where they are, and seldom anything else', () => {
  let others = 0;
  for (let seed = 1; seed <= 10; seed++) {
    const found = changePoints(series([100, 95, 104, 104], 30, seed));
    for (const [place, isMore] of [
      [30, false],
      [60, true],
    ] as const) {
      const change = found.find(({ at }) => Math.abs(at - place) <= 4)!;
      expect(change.meanAfter > change.meanBefore).toBe(isMore);
    }
    others += found.length - 2;
  }
  expect(others).toBeLessThanOrEqual(1);
});

test('noise has a change in fewer than 5 of 100 series', () => {
  let alarms = 0;
  for (let seed = 1; seed <= 200; seed++) if (changePoints(series([100], 40, seed)).length > 0) alarms++;
  expect(alarms / 200).toBeLessThan(0.05);
});

test('the same series always changes at the same places', () => {
  const values = series([100, 97, 100], 20, 5);
  expect(changePoints(values)).toEqual(changePoints(values));
});

test('a step without noise is found to the run, and a series that never varies has none', () => {
  expect(changePoints([...Array<number>(10).fill(5), ...Array<number>(10).fill(6)])).toEqual([
    { at: 10, meanBefore: 5, meanAfter: 6, p: 0 },
  ]);
  expect(changePoints(Array<number>(50).fill(7))).toEqual([]);
});

test('one run that stands apart is no change, and too few runs have none', () => {
  const values = series([100], 40, 3);
  values[20] = 300;
  expect(changePoints(values)).toEqual([]);
  expect(changePoints([1, 1, 1, 9, 9])).toEqual([]);
  expect(changePoints([])).toEqual([]);
});

test('a change whose sides the t test does not tell apart is taken out', () => {
  const values = series([100, 99], 15, 2);
  const places = (tSignificance: number) => changePoints(values, { significance: 1, tSignificance }).length;
  expect(places(1)).toBeGreaterThan(places(1e-3));
});

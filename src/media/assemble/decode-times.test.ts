import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DecodeTimes } from './decode-times.ts';

function decodeTimes(pts: readonly number[], reordering: number, step = 1): (number | null)[] {
  const times = new DecodeTimes(reordering, step);
  return pts.map((each) => times.next(each));
}

test('without reordering packets are decoded when they are shown', () => {
  expect(decodeTimes([0, 1, 2, 3], 0)).toEqual([0, 1, 2, 3]);
});

test('a pyramid of B-frames is decoded evenly, over a seam too', () => {
  expect(decodeTimes([0, 4, 2, 1, 3, 5, 9, 7, 6, 8], 2)).toEqual([-2, -1, 0, 1, 2, 3, 4, 5, 6, 7]);
});

test('frames that are reordered more deeply than was said are found out', () => {
  expect(decodeTimes([0, 4, 2, 1, 3], 1)).toContain(null);
});

/** Times that grow unevenly, in an order in which an encoder with so deep a reordering may code a closed GOP. */
const coded = fc
  .record({
    steps: fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 60 }),
    picks: fc.array(fc.nat(), { minLength: 61, maxLength: 61 }),
    reordering: fc.integer({ min: 0, max: 5 }),
  })
  .map(({ steps, picks, reordering }) => {
    let at = 0;
    const shown = steps.map((step) => (at += step));
    // A frame is coded when at most `reordering` frames that are shown later went before it.
    const order = [shown[0]!];
    const left = shown.slice(1).map((pts) => ({ pts, passed: 0 }));
    while (left.length > 0) {
      const choice = left[0]!.passed < reordering ? picks[order.length]! % left.length : 0;
      for (let i = 0; i < choice; i++) left[i]!.passed++;
      order.push(left.splice(choice, 1)[0]!.pts);
    }
    return { shown, order, reordering };
  });

test('law: decode times grow, are never behind presentation, and are those of the frames shown so many places before', () => {
  fc.assert(
    fc.property(coded, ({ shown, order, reordering }) => {
      const times = decodeTimes(order, reordering, 7);
      for (const [i, dts] of times.entries()) {
        expect(dts).not.toBeNull();
        expect(dts!).toBeLessThanOrEqual(order[i]!);
        if (i > 0) expect(dts!).toBeGreaterThan(times[i - 1]!);
        if (i >= reordering) expect(dts).toBe(shown[i - reordering]);
      }
    }),
  );
});

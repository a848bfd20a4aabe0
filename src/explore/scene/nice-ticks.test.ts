import fc from 'fast-check';
import { expect, test } from 'vitest';
import { niceTicks, tickTexts } from './nice-ticks.ts';

test('ticks are numbers that people count in', () => {
  expect(niceTicks(0, 1.05, 5)).toEqual([0, 0.5, 1]);
  expect(niceTicks(0, 183, 6)).toEqual([0, 50, 100, 150]);
  expect(niceTicks(97.2, 98.1, 4)).toEqual([97.5, 98]);
});

test('there are never many more than were wished for, and all lie in the range', () => {
  fc.assert(
    fc.property(
      fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
      fc.integer({ min: 1, max: 20 }),
      (low, span, count) => {
        const ticks = niceTicks(low, low + span, count);
        expect(ticks.length).toBeLessThanOrEqual(count + 1);
        for (const tick of ticks) {
          expect(tick).toBeGreaterThanOrEqual(low - span * 1e-6);
          expect(tick).toBeLessThanOrEqual(low + span * (1 + 1e-6));
        }
      },
    ),
  );
});

test('texts of one axis have the same decimals', () => {
  expect(tickTexts([0, 0.5, 1, 1.5])).toEqual(['0', '0.5', '1.0', '1.5']);
  expect(tickTexts([0, 50, 100])).toEqual(['0', '50', '100']);
  expect(tickTexts([-0.25, 0])).toEqual(['−0.25', '0']);
});

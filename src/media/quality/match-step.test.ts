import fc from 'fast-check';
import { expect, test } from 'vitest';
import { matchStep } from './match-step.ts';

/** Output frames by number with the expected frame that each is paired with. */
function matchAll(expected: readonly number[], outputs: readonly number[], rounding: number): Map<number, number> {
  const pairs = new Map<number, number>();
  let [e, o] = [0, 0];
  while (e < expected.length && o < outputs.length) {
    const step = matchStep({
      previous: e > 0 ? expected[e - 1]! : null,
      expected: expected[e]!,
      next: expected[e + 1] ?? null,
      output: outputs[o]!,
      rounding,
    });
    if (step === 'pair') pairs.set(o, e);
    if (step !== 'missing') o++;
    if (step !== 'surplus') e++;
  }
  return pairs;
}

test('whatever frames are lost behind the first, the others are matched with their own', () => {
  const rates = fc.constantFrom(10, 24, 24_000 / 1001, 29.97, 60, 120, 240);
  fc.assert(
    fc.property(rates, fc.array(fc.boolean(), { minLength: 1, maxLength: 300 }), (rate, kept) => {
      const expected = Array.from({ length: kept.length + 1 }, (_, i) => i / rate);
      const shown = expected.flatMap((_, i) => (i === 0 || kept[i - 1] === true ? [i] : []));
      // As Matroska writes them.
      const outputs = shown.map((i) => Math.round(expected[i]! * 1000) / 1000);
      expect([...matchAll(expected, outputs, 0.001).values()]).toEqual(shown);
    }),
  );
});

test('variable times are matched with their own, too', () => {
  const gaps = fc.array(fc.tuple(fc.integer({ min: 3, max: 900 }), fc.boolean()), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(gaps, (each) => {
      const expected = [0];
      for (const [ms] of each) expected.push(expected.at(-1)! + ms / 1000 + 0.0003);
      const shown = expected.flatMap((_, i) => (i === 0 || each[i - 1]![1] ? [i] : []));
      const outputs = shown.map((i) => Math.round(expected[i]! * 1000) / 1000);
      expect([...matchAll(expected, outputs, 0.001).values()]).toEqual(shown);
    }),
  );
});

test.each([
  ['at its time', 0.04, 'pair'],
  ['a little early', 0.025, 'pair'],
  ['nearer to the one before, which has its frame', 0.01, 'surplus'],
  ['nearer to the one behind', 0.07, 'missing'],
] as const)('an output frame %s', (_what, output, step) => {
  expect(matchStep({ previous: 0, expected: 0.04, next: 0.08, output, rounding: 0.001 })).toBe(step);
});

test('frames behind the end belong to nothing', () => {
  const last = { previous: 0, expected: 0.04, next: null, rounding: 0.001 };
  expect(matchStep({ ...last, output: 0.055 })).toBe('pair');
  expect(matchStep({ ...last, output: 0.08 })).toBe('surplus');
});

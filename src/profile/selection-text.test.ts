import fc from 'fast-check';
import { expect, test } from 'vitest';
import { UserError } from '#core/user-error';
import type { FrameChoice } from './frame-ranges-text.ts';
import { normalRanges, rectangleRanges } from './selection-ranges.ts';
import {
  parseRanges,
  parseSelection,
  printRanges,
  printSelection,
  selectionOfOptions,
  SELECTION_OF_ALL,
  type SelectionText,
} from './selection-text.ts';

const names = fc.array(fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme' }), { maxLength: 3 });
const percent = fc.integer({ min: 1, max: 1000 }).map((n) => n / 10);
const seconds = fc.integer({ min: 0, max: 1e9 }).map((us) => us / 1e6);
const frames: fc.Arbitrary<FrameChoice | null> = fc.oneof(
  fc.constant(null),
  fc.constantFrom({ kind: 'keyframes' } as const, { kind: 'others' } as const, { kind: 'type', type: 'B' } as const),
  fc.record({ kind: fc.constantFrom('slowest' as const, 'largest' as const), percent }),
  fc.record({ kind: fc.constant('around' as const), timeS: seconds, withinS: seconds }),
  fc.record({
    kind: fc.constant('numbers' as const),
    ranges: fc.array(
      fc.tuple(fc.nat(99), fc.nat(9)).map(([from, more]) => [from, from + more] as const),
      {
        minLength: 1,
        maxLength: 3,
      },
    ),
  }),
);
const pairs = fc.array(fc.tuple(seconds, fc.integer({ min: 1, max: 1e6 })), { minLength: 1, maxLength: 6 });
const selections: fc.Arbitrary<SelectionText> = fc.record({
  rangesS: fc.option(
    pairs.map((list) =>
      // As a text has them: whole microseconds, not joined to the next by rounding.
      normalRanges(list.flatMap(([from, us]) => [from, (Math.round(from * 1e6) + us) / 1e6])),
    ),
  ),
  cpus: fc.array(fc.nat(64), { maxLength: 3 }),
  threads: names,
  processes: names,
  phases: names,
  frames,
});

test('a selection that is printed and parsed again is the same', () => {
  fc.assert(
    fc.property(selections, (selection) => {
      expect(parseSelection(printSelection(selection))).toEqual(selection);
    }),
    { numRuns: 100 },
  );
});

test('a rectangle of a minute is a short text', () => {
  const rectangle = rectangleRanges({ fromColumn: 3, toColumn: 62, fromRow: 10, toRow: 14 }, 0, 1, 50);
  expect(printRanges(rectangle)).toBe('3.2-3.3*60/1');
  const again = parseRanges('3.2-3.3*60/1');
  expect(again.length).toBe(120);
  expect(again[118]).toBe(62.2);
});

test('all of a profile is an empty text, and no time at all is a word', () => {
  expect(printSelection(SELECTION_OF_ALL)).toBe('');
  expect(parseSelection('')).toEqual(SELECTION_OF_ALL);
  expect(printRanges(parseRanges('none'))).toBe('none');
});

test('what is no selection is told with its place', () => {
  for (const text of ['5-1', 'x', '1-2*9999999/1', 'cpu=a', 'cpu=', 'threat=x264', 'frames=slow', 'frames=slowest:0%'])
    expect(() => parseSelection(text), text).toThrow(UserError);
});

test('options of a command line make the same selection as its text', () => {
  const options = { from: 1.5, thread: 'x264,123', frames: 'keyframes' };
  expect(printSelection(selectionOfOptions(options))).toBe('1.5-end;thread=x264,123;frames=keyframes');
  expect(parseSelection('1.5-end;thread=x264,123;frames=keyframes')).toEqual(selectionOfOptions(options));
  expect(() => selectionOfOptions({ from: 2, to: 1 })).toThrow(/--from/);
});

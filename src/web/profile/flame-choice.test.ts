import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CALL_GROUPINGS } from '#profile/call-groups';
import {
  FIRST_FLAME,
  FLAME_COLORS,
  FLAME_ORDERS,
  FLAME_WIDTHS,
  formatFlameChoice,
  parseFlameChoice,
  unknownFlameWords,
} from './flame-choice.ts';

test('a choice is as it was after it went through the address', () => {
  const anyText = fc.string({ maxLength: 40 });
  const anyChoice = fc.record({
    form: fc.constantFrom('icicle' as const, 'flame' as const),
    direction: fc.constantFrom('callees' as const, 'callers' as const),
    widths: fc.constantFrom(...FLAME_WIDTHS),
    order: fc.constantFrom(...FLAME_ORDERS),
    group: fc.constantFrom(null, ...CALL_GROUPINGS),
    color: fc.constantFrom(null, ...FLAME_COLORS),
    isAbsolute: fc.boolean(),
    withIdle: fc.boolean(),
    focus: fc.option(anyText),
    node: fc.nat(),
    search: anyText,
  });
  fc.assert(
    fc.property(anyChoice, (choice) => {
      expect(parseFlameChoice(formatFlameChoice(choice))).toEqual(choice);
      expect(unknownFlameWords(formatFlameChoice(choice))).toEqual([]);
    }),
  );
});

test('the first choice takes no room, and what is not understood is as at first', () => {
  expect(formatFlameChoice(FIRST_FLAME)).toBeNull();
  expect(parseFlameChoice('bogus,node:-3,by:nothing,color:')).toEqual(FIRST_FLAME);
  expect(formatFlameChoice({ ...FIRST_FLAME, search: 'a,b%2C' })).toBe('find:a%2Cb%252C');
});

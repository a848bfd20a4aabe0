import { expect, test } from 'vitest';
import { z } from 'zod';
import { requestProblems, wordsOf } from './request-words.ts';

const schema = z.strictObject({
  name: z.string().max(3),
  count: z.int().min(1).max(9),
  kinds: z.array(z.enum(['a', 'b'])).min(1),
  on: z.boolean().optional(),
});

const told = (value: unknown) => {
  const parsed = schema.safeParse(value, { error: wordsOf });
  return parsed.success ? [] : requestProblems(parsed.error, 'x').map(({ where, what }) => `${where} ${what}`);
};

test.each([
  [{ count: 1, kinds: ['a'] }, 'name is missing'],
  [{ name: 'long', count: 1, kinds: ['a'] }, 'name takes 3 characters at most'],
  [{ name: 'n', count: 0, kinds: ['a'] }, 'count takes 1 at least, not 0'],
  [{ name: 'n', count: 10, kinds: ['a'] }, 'count takes 9 at most, not 10'],
  [{ name: 'n', count: 1.5, kinds: ['a'] }, 'count takes a whole number, not 1.5'],
  [{ name: 'n', count: 1, kinds: [] }, 'kinds takes 1 of them at least'],
  [{ name: 'n', count: 1, kinds: ['c'] }, 'kinds.0 takes a, b, not "c"'],
  [{ name: 'n', count: 1, kinds: ['a'], on: 'yes' }, 'on takes true or false, not "yes"'],
  [{ name: 'n', count: 1, kinds: ['a'], off: 1, of: 2 }, 'the request "off", "of" are not understood here'],
  ['text', 'the request takes an object, not "text"'],
])('%j is answered in words: %s', (value, words) => {
  expect(told(value)).toEqual([words]);
});

test('a long value is not repeated whole', () => {
  expect(told({ name: 'n', count: 1, kinds: 'x'.repeat(5_000) })[0]!.length).toBeLessThan(150);
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteCursor } from './byte-cursor.ts';

const naturals = fc.array(fc.nat({ max: Number.MAX_SAFE_INTEGER }), { minLength: 1, maxLength: 30 });
const blank = fc.constantFrom(' ', '  ', '\t', ' \t ');

test('whole numbers between any blanks come back as they were written', () => {
  fc.assert(
    fc.property(naturals, blank, (numbers, gap) => {
      const cursor = ByteCursor.of(gap + numbers.join(gap));
      expect(numbers.map(() => cursor.number())).toEqual(numbers);
      expect(cursor.done).toBe(true);
      expect(cursor.number()).toBeNaN();
    }),
  );
});

test('bytes behind the end, left over from a longer text, are not read', () => {
  fc.assert(
    fc.property(naturals, fc.stringMatching(/^[0-9 \n]{1,20}$/), (numbers, stale) => {
      const text = numbers.join(' ');
      const cursor = ByteCursor.of(text + stale);
      cursor.end = text.length;
      expect(numbers.map(() => cursor.number())).toEqual(numbers);
      expect(cursor.number()).toBeNaN();
      cursor.at = 0;
      cursor.skipLongLine();
      expect(cursor.at).toBe(text.length);
    }),
  );
});

test('both ways to skip a line agree with a split into lines, whatever the text', () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[ -~]{0,12}$/)), fc.boolean(), (lines, ends) => {
      const text = lines.join('\n') + (ends ? '\n' : '');
      const short = ByteCursor.of(text);
      const long = ByteCursor.of(text);
      for (let from = 0; from < text.length;) {
        const next = text.indexOf('\n', from) === -1 ? text.length : text.indexOf('\n', from) + 1;
        short.skipLine();
        long.skipLongLine();
        expect([short.at, long.at]).toEqual([next, next]);
        from = next;
      }
      expect(short.done && long.done).toBe(true);
    }),
  );
});

test('the n-th field is found as by splitting at blanks, and a line is not left', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(), { minLength: 1, maxLength: 12 }), fc.nat({ max: 15 }), (numbers, skip) => {
      const cursor = ByteCursor.of(`${numbers.join('  ')}\n77 78`);
      cursor.skipFields(skip);
      expect(cursor.number()).toBe(numbers[skip] ?? NaN);
    }),
  );
});

test('a number is not looked for beyond a word', () => {
  const cursor = ByteCursor.of('abc 5');
  expect(cursor.number()).toBeNaN();
  expect(cursor.at).toBe(0);
});

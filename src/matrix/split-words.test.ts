import { expect, test } from 'vitest';
import { splitCommands, splitWords } from './split-words.ts';

test.each([
  ['xset s off  -dpms', ['xset', 's', 'off', '-dpms']],
  ['', []],
  [`a 'b c' "d e"`, ['a', 'b c', 'd e']],
  [`a'b c'd`, ['ab cd']],
  [`'' ""`, ['', '']],
  [String.raw`a\ b 'c\d' "e\"f\g"`, ['a b', String.raw`c\d`, String.raw`e"f\g`]],
  ['$HOME *.mp4 `id` ~ a;b', ['$HOME', '*.mp4', '`id`', '~', 'a;b']],
])('words of %j', (line, words) => {
  expect(splitWords(line)).toEqual(words);
});

test('a quote that is not closed has no words', () => {
  expect(splitWords(`a 'b`)).toBeNull();
});

test('commands end at a semicolon that no quote holds', () => {
  expect(splitCommands(String.raw`a 1; b "x;y"; c \; d;;`)).toEqual(['a 1', 'b "x;y"', String.raw`c \; d`]);
});

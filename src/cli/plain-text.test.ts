import { expect, test } from 'vitest';
import { plainLine, plainText } from './plain-text.ts';

test('colours, cursor movements and bells are taken out, lines and tabs stay', () => {
  expect(plainText('a\u001B[31mred\u001B[0m\u0007\n\tb\u0000')).toBe('ared\uFFFD\n\tb\uFFFD');
});

test('a name that stands in a table is one line', () => {
  expect(plainLine(' sh -c \u001B[2J\n\techo ')).toBe('sh -c echo');
});

import { expect, test } from 'vitest';
import { plainText } from './plain-text.ts';

test('colours, cursor movements and bells are taken out, lines and tabs stay', () => {
  expect(plainText('a\u001B[31mred\u001B[0m\u0007\n\tb\u0000')).toBe('ared\uFFFD\n\tb\uFFFD');
});

import { expect, test } from 'vitest';
import { isWireName } from './wire-name.ts';

test.each(['guest', 'guest 2', 'video', 'Gast-Ä', '観測', 'render.2'])('%j is a name', (name) => {
  expect(isWireName(name)).toBe(true);
});

test.each(['', '   ', '\u200B', 'a\nb', 'a\u0000', 'a/b', '__proto__', 'b\u202Ea', 'x'.repeat(65), '\uD800', 1, null])(
  '%j is none',
  (name) => {
    expect(isWireName(name)).toBe(false);
  },
);

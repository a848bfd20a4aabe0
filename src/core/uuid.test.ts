import fc from 'fast-check';
import { expect, test } from 'vitest';
import { uuidv7 } from './uuid.ts';

test('the example of RFC 9562, appendix A.6', () => {
  const random = Uint8Array.from([0x0c, 0xc3, 0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f]);
  expect(uuidv7(0x017f22e279b0, random)).toBe('017f22e2-79b0-7cc3-98c4-dc0c0c07398f');
});

test('ids sort by time and always carry version and variant', () => {
  const bytes = fc.uint8Array({ minLength: 10, maxLength: 10 });
  const time = fc.integer({ min: 0, max: 2 ** 48 - 2 });
  fc.assert(
    fc.property(time, bytes, bytes, (ms, a, b) => {
      expect(uuidv7(ms, a) < uuidv7(ms + 1, b)).toBe(true);
      expect(uuidv7(ms, a)).toMatch(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    }),
  );
});

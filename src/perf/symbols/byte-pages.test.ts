import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BytePages } from './byte-pages.ts';
import { memoryBytes } from './byte-source.ts';

const content = Buffer.from(Uint8Array.from({ length: 3 * 4096 + 100 }, (_, i) => (i * 7 + (i >> 8)) & 0xff));

test('pieces are the bytes of the file wherever they lie, and shorter where it ends', () => {
  const pages = new BytePages(memoryBytes(content));
  const offset = fc.integer({ min: -10, max: content.length + 10 });
  fc.assert(
    fc.property(offset, fc.integer({ min: 0, max: 5000 }), (from, length) => {
      const expected = from < 0 ? Buffer.alloc(0) : content.subarray(from, from + length);
      expect(pages.read(from, length).equals(expected)).toBe(true);
    }),
    { numRuns: 200 },
  );
});

test('what lies beside what was read is not read again', () => {
  let reads = 0;
  const pages = new BytePages({
    size: content.length,
    read: (offset, length) => {
      reads++;
      return content.subarray(offset, offset + length);
    },
  });
  for (let at = 0; at < 4000; at += 10) pages.read(at, 15);
  expect(reads).toBe(1);
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { INTEL_OBJECT_BY_ENGINE, intelObject } from '../../../test/measure/gpu-formats.ts';
import { JsonObjects, MAX_OBJECT_BYTES } from './json-objects.ts';

test('objects of an array that is never closed come whole, wherever the stream is cut and whatever stands between', () => {
  const objects = [intelObject(50), INTEL_OBJECT_BY_ENGINE, intelObject(7), '{"a":"\\\\"}', '{}'];
  const between = fc.constantFrom(',\n', '\n', '', ' ] garbage [ ');
  fc.assert(
    fc.property(fc.array(fc.nat(4000), { maxLength: 12 }), between, (cuts, separator) => {
      const bytes = Buffer.from(`[\n\n${objects.join(separator)}${separator}{"period": {`);
      const found: string[] = [];
      const stream = new JsonObjects((text) => found.push(text));
      const at = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).toSorted((a, b) => a - b), bytes.length];
      for (let i = 1; i < at.length; i++) expect(stream.push(bytes.subarray(at[i - 1], at[i]))).toBe(true);
      expect(found).toEqual(objects);
    }),
    { numRuns: 200 },
  );
});

test('an object without an end is refused at its bound, and text outside of objects takes no memory', () => {
  const stream = new JsonObjects(() => {});
  const chunk = Buffer.alloc(64 * 1024, 'x');
  for (let i = 0; i < 1000; i++) expect(stream.push(chunk)).toBe(true);
  expect(stream.push(Buffer.from('{"a": "'))).toBe(true);
  let taken = 0;
  while (stream.push(chunk)) taken += chunk.length;
  expect(taken).toBeLessThanOrEqual(MAX_OBJECT_BYTES);
  expect(taken).toBeGreaterThan(MAX_OBJECT_BYTES / 2);
});

test('whatever the bytes, taking them does not throw, and what is handed over is in bounds', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.string({ unit: fc.constantFrom('{', '}', '"', '\\', 'x') }),
  );
  fc.assert(
    fc.property(fc.array(bytes, { maxLength: 20 }), (pieces) => {
      const found: string[] = [];
      const stream = new JsonObjects((text) => found.push(text));
      for (const piece of pieces) stream.push(Buffer.from(piece as string));
      expect(found.every((text) => text.startsWith('{') && text.endsWith('}'))).toBe(true);
    }),
  );
});

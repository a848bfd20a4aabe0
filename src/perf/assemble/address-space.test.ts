import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PerfMapping } from '../perf-data/perf-records.ts';
import { AddressSpace } from './address-space.ts';

const mappings = fc.array(
  fc.record({ start: fc.integer({ min: 0, max: 60 }), length: fc.integer({ min: 1, max: 20 }), file: fc.nat(4) }),
  { maxLength: 30 },
);

test('An address has the last mapping that covered it', () => {
  fc.assert(
    fc.property(mappings, (list) => {
      const expected: (PerfMapping | null)[] = Array.from({ length: 90 }, () => null);
      let space = AddressSpace.empty;
      for (const { start, length, file } of list) {
        const mapping = mappingOf(start, start + length, `file ${file}`);
        space = space.with(mapping);
        expected.fill(mapping, start, start + length);
      }
      for (const [address, mapping] of expected.entries()) {
        expect(space.find(address)?.mapping ?? null).toEqual(mapping);
      }
    }),
    { numRuns: 100 },
  );
});

test('The mapping that is there already makes no other space', () => {
  const space = AddressSpace.empty.with(mappingOf(10, 20, 'a'));
  expect(space.with(mappingOf(10, 20, 'a'))).toBe(space);
  expect(space.with(mappingOf(10, 20, 'b')).number).not.toBe(space.number);
});

function mappingOf(start: number, end: number, path: string): PerfMapping {
  return { process: 1, start, end, fileOffset: 0, path, buildId: null };
}

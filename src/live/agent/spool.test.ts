import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { Spool } from './spool.ts';

const base = mkdtempSync(join(tmpdir(), 'spool-'));
let folders = 0;
afterAll(() => rmSync(base, { recursive: true }));
const newFolder = () => join(base, `${folders++}`);

/** Its content follows from its number, so that a wrong one is seen. */
function batch(number: number, bytes: number): Uint8Array {
  return new Uint8Array(bytes).fill(number % 251);
}

const isBatch = (spool: Spool, number: number, bytes: number) =>
  Buffer.from(batch(number, bytes)).equals(spool.read(number) ?? Buffer.alloc(0));

const bytesIn = (folder: string) =>
  existsSync(folder) ? readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0) : 0;

test('whatever is pushed, acknowledged and read in any order: what is kept comes back as it was, and the bound holds', () => {
  const step = fc.oneof(
    fc.record({ push: fc.integer({ min: 1, max: 40_000 }), times: fc.integer({ min: 1, max: 60 }) }),
    fc.record({ acknowledge: fc.double({ min: 0, max: 1, noNaN: true }) }),
  );
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 25 }),
      fc.integer({ min: 200_000, max: 4_000_000 }),
      (steps, limitBytes) => {
        const folder = newFolder();
        const spool = new Spool({ folder, limitBytes });
        const sizes = [0];
        const safe = new Set<number>();
        for (const one of steps) {
          if ('push' in one) {
            for (let i = 0; i < one.times; i++) {
              expect(spool.next).toBe(sizes.length);
              spool.push(batch(spool.next, one.push), 1);
              sizes.push(one.push);
            }
          } else {
            const acknowledged = spool.oldest - 1 + Math.floor(one.acknowledge * (spool.next - spool.oldest));
            for (let number = spool.oldest; number <= acknowledged; number++) safe.add(number);
            spool.acknowledge(acknowledged);
          }
          expect(spool.bytes).toBeLessThanOrEqual(limitBytes + 40_000);
          expect(bytesIn(folder)).toBeLessThanOrEqual(limitBytes + 40_000);
          for (const number of [spool.oldest, Math.floor((spool.oldest + spool.next) / 2), spool.next - 1]) {
            if (number < spool.oldest) continue;
            expect(isBatch(spool, number, sizes[number]!)).toBe(true);
          }
          expect(spool.read(spool.oldest - 1)).toBeNull();
          expect(spool.read(spool.next)).toBeNull();
          // Rows that are gone without an acknowledgement are counted, all of them and no other.
          expect(spool.lostRows).toBe(spool.oldest - 1 - safe.size);
        }
        spool.close();
        expect(existsSync(folder)).toBe(false);
      },
    ),
    { numRuns: 60 },
  );
});

test('the first half megabyte stays in memory, and what is more lies on disk', () => {
  const folder = newFolder();
  const spool = new Spool({ folder });
  for (let i = 0; i < 50; i++) spool.push(batch(spool.next, 10_000), 1);
  expect(bytesIn(folder)).toBe(0);
  for (let i = 0; i < 1000; i++) spool.push(batch(spool.next, 10_000), 1);
  expect(bytesIn(folder)).toBeGreaterThan(9e6);
  for (let number = 1; number < spool.next; number++) expect(isBatch(spool, number, 10_000)).toBe(true);
  spool.acknowledge(spool.next - 1);
  expect(bytesIn(folder)).toBe(0);
  expect(spool.bytes).toBe(0);
  expect(spool.lostRows).toBe(0);
});

test('where nothing can be written to disk it keeps what memory holds, says why, and counts the rest', () => {
  const folder = newFolder();
  writeFileSync(folder, 'a file is in the way');
  const spool = new Spool({ folder });
  for (let i = 0; i < 400; i++) spool.push(batch(spool.next, 10_000), 3);
  expect(spool.problem).toContain(folder);
  expect(spool.bytes).toBeLessThan(1.6e6);
  expect(spool.lostRows).toBe(3 * (spool.oldest - 1));
  expect(spool.oldest).toBeGreaterThan(200);
  expect(isBatch(spool, spool.oldest, 10_000)).toBe(true);
});

test('a batch whose file is gone is given up with what lies beside it', () => {
  const folder = newFolder();
  const spool = new Spool({ folder });
  for (let i = 0; i < 400; i++) spool.push(batch(spool.next, 10_000), 1);
  const [first] = readdirSync(folder).toSorted();
  rmSync(join(folder, first!));
  const number = Number(first!.split('.')[0]);
  expect(spool.read(number)).toBeNull();
  spool.giveUpTo(number);
  expect(spool.oldest).toBeGreaterThan(number);
  expect(isBatch(spool, spool.oldest, 10_000)).toBe(true);
});

import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { KeptFileWriter, readKept, type KeptRecord } from './kept-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'kept-'));
const path = join(folder, 'kept');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function records(file = path): Promise<KeptRecord[]> {
  const all: KeptRecord[] = [];
  for await (const record of readKept(file)) all.push(record);
  return all;
}

const config = { config: 1, codec: 'h264', width: 64, height: 32, frameRate: 30, extraData: Buffer.from([1, 2]) };

test('what is kept is read as it was written, and the result counts it', async () => {
  const writer = await KeptFileWriter.open(path, { what: 'bitstream', stream: 'video 2' }, 1e6);
  writer.config(config);
  writer.frame(5, -1, 1e12, true, Buffer.from([9, 8, 7]));
  writer.config({ ...config, config: 2, extraData: null });
  writer.frame(7, 3, 1e12 + 0.5, false, Buffer.from([6]));
  expect(await writer.close()).toEqual({ frames: 2, bytes: statSync(path).size, cut: false });
  expect(await records()).toEqual([
    { kind: 'header', what: 'bitstream', stream: 'video 2' },
    { kind: 'bitstream', config },
    { kind: 'frame', frame: 5, sourceFrame: -1, captureUs: 1e12, key: true, data: Buffer.from([9, 8, 7]) },
    { kind: 'bitstream', config: { ...config, config: 2, extraData: null } },
    { kind: 'frame', frame: 7, sourceFrame: 3, captureUs: 1e12 + 0.5, key: false, data: Buffer.from([6]) },
  ]);
});

test('pictures are kept by their planes', async () => {
  const writer = await KeptFileWriter.open(path, { what: 'pictures', stream: 'video' }, 1e6);
  writer.config({ pixelFormat: 'yuv420p', width: 4, height: 2 });
  writer.frame(1, 1, 5, false, Buffer.alloc(8, 1), Buffer.alloc(2, 2), Buffer.alloc(2, 3));
  expect((await writer.close()).frames).toBe(1);
  const [, pictures, frame] = await records();
  expect(pictures).toEqual({ kind: 'pictures', config: { pixelFormat: 'yuv420p', width: 4, height: 2 } });
  expect(frame).toMatchObject({ data: Buffer.from([1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 3, 3]) });
});

test('the bound cuts the file off before the frame that would go beyond it', async () => {
  const writer = await KeptFileWriter.open(path, { what: 'bitstream', stream: 'video' }, 1000);
  const kept = Array.from({ length: 10 }, (_, i) => writer.frame(i, -1, i, i === 0, Buffer.alloc(200)));
  const result = await writer.close();
  expect(kept.filter(Boolean)).toHaveLength(4);
  expect(result).toEqual({ frames: 4, bytes: statSync(path).size, cut: true });
  expect(result.bytes).toBeLessThanOrEqual(1000);
});

test('a file that was torn anywhere is read up to its last whole record', async () => {
  const writer = await KeptFileWriter.open(path, { what: 'bitstream', stream: 'video' }, 1e6);
  for (let i = 0; i < 5; i++) writer.frame(i, -1, i, false, Buffer.alloc(10, i));
  await writer.close();
  const whole = readFileSync(path);
  const header = whole.length - 5 * 32;
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: header, max: whole.length }), async (size) => {
      writeFileSync(path, whole);
      truncateSync(path, size);
      expect(await records()).toHaveLength(1 + Math.floor((size - header) / 32));
    }),
    { numRuns: 60 },
  );
});

test('a disk that is full cuts the file off and throws nothing', async () => {
  const writer = await KeptFileWriter.open('/dev/full', { what: 'bitstream', stream: 'video' }, 1e6);
  writer.frame(0, -1, 0, true, Buffer.alloc(10));
  expect(await writer.close()).toEqual({ frames: 0, bytes: 0, cut: true });
});

test('what is no such file is refused in words', async () => {
  writeFileSync(path, Buffer.alloc(100, 7));
  await expect(records()).rejects.toThrow('it is no file of kept frames');
  writeFileSync(path, Buffer.from([255, 255, 255, 255, 1, 0]));
  await expect(records()).rejects.toThrow('damaged');
  await expect(records(join(folder, 'none'))).rejects.toThrow("can't be read");
  await expect(KeptFileWriter.open(folder, { what: 'bitstream', stream: 'video' }, 1)).rejects.toThrow(
    "can't be written",
  );
});

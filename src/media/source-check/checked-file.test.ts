import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { CheckedSource } from '#core/source-check';
import { readCheckedSource, writeCheckedSource } from './checked-file.ts';
import { emptyColumns } from './frame-columns.ts';

const folder = mkdtempSync(join(tmpdir(), 'checked-'));
afterAll(() => rmSync(folder, { recursive: true }));

function checkedOf(frames: number): CheckedSource {
  const columns = emptyColumns(frames);
  for (let frame = 0; frame < frames; frame++) {
    columns.pts[frame] = frame * 3003 - 6006;
    columns.duration[frame] = 3003;
    columns.key[frame] = frame % 48 === 0 ? 1 : 0;
    columns.bytes[frame] = (frame * 2654435761) >>> 0;
    columns.spatial[frame] = Math.fround(frame / 7);
    columns.temporal[frame] = Math.fround(frame / 11);
    columns.histogram[frame] = Math.fround((frame % 10) / 10);
  }
  const info = { path: 'a\nclip é.mp4', bytes: 5, hash: 'ab', warnings: [] } as unknown as CheckedSource['info'];
  return { version: 1, info, findings: [], frames: columns, scenes: [0, 48] };
}

test('what is written is read again, of a two-hour source too', async () => {
  const file = join(folder, 'long.checked');
  const checked = checkedOf(432_000);
  await writeCheckedSource(file, checked);
  expect(await readCheckedSource(file)).toEqual(checked);
});

test('equal sources make equal files', async () => {
  const [a, b] = [join(folder, 'a'), join(folder, 'b')];
  await writeCheckedSource(a, checkedOf(100));
  await writeCheckedSource(b, checkedOf(100));
  expect(readFileSync(a).equals(readFileSync(b))).toBe(true);
});

test('a damaged file, and one of another version, are refused', async () => {
  const file = join(folder, 'damaged');
  await writeCheckedSource(file, checkedOf(100));
  const whole = readFileSync(file);
  truncateSync(file, whole.length - 1);
  await expect(readCheckedSource(file)).rejects.toThrow(/damaged/);
  truncateSync(file, 20);
  await expect(readCheckedSource(file)).rejects.toThrow(/damaged/);
  writeFileSync(file, whole.toString('latin1').replace('"file":1', '"file":9'), 'latin1');
  await expect(readCheckedSource(file)).rejects.toThrow(/version 9.1/);
});

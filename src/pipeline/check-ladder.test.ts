import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { UserError } from '#core/user-error';
import { checkLadder } from './check-ladder.ts';
import { parseLadder } from './ladders/parse-ladder.ts';

const cacheFolder = mkdtempSync(join(tmpdir(), 'check-ladder-'));
afterAll(() => rmSync(cacheFolder, { recursive: true }));

const SHARED = 'settings: {encoder: libsvtav1, preset: 7}\nrungs:\n  - {resolution: 360p, crf: 40}\n';

function check(rungs: string): Promise<void> {
  return checkLadder(parseLadder(SHARED + rungs, 'l.yaml'), cacheFolder);
}

test('what an encoder does not have is told where it is written, each mistake, with the rung named once', async () => {
  const told = await check(
    '  - {encoder: libvpx-vp9, resolution: 360p, crf: 40}\n  - {resolution: 360p, crf: 400}\n',
  ).catch((error: unknown) => error);
  expect(told).toBeInstanceOf(UserError);
  expect((told as UserError).problems.map(({ where, what }) => `${where}: ${what}`)).toEqual([
    'l.yaml:1:40: rung 2 (libvpx-vp9 360p): libvpx-vp9 has no parameter preset',
    expect.stringMatching(/^l\.yaml:5:\d+: rung 3 \(libsvtav1 360p\): libsvtav1's crf /),
  ]);
});

test('a ladder of what the encoders have is none of it, nor are rungs that are found for each title', async () => {
  await check('  - {encoder: libx264, preset: medium, resolution: 360p, bitrate: 1M, pix_fmt: yuv420p, passes: 2}\n');
  const ladder = parseLadder(SHARED, 'l.yaml');
  await checkLadder({ ...ladder, rungs: [] }, join(cacheFolder, 'not there'));
});

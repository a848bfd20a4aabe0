import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readCheckedSource } from '#media/source-check/checked-file';
import { fileIdentity } from '#media/inspect-cache';
import type { ItemContext } from '../item-work.ts';
import { readPlan } from '../plan-file.ts';
import { TitleFolder } from '../title-folder.ts';
import type { TitleRequest } from '../title-request.ts';
import { inspectItem } from './inspect.ts';
import { thumbnailsItem } from './thumbnails.ts';

const root = mkdtempSync(join(tmpdir(), 'inspect-item-'));
const source = join(root, 'source.mp4');
const folder = new TitleFolder(join(root, 'title'));
const signal = new AbortController().signal;
afterAll(() => rmSync(root, { recursive: true }));

async function inspect() {
  const request: TitleRequest = {
    version: 1,
    source,
    identity: await fileIdentity(source),
    ladder: {
      version: 1,
      name: 'tried',
      gopS: 1,
      rungs: [{ encoder: 'libx264', preset: 'ultrafast', resolution: 'source', crf: 30 }],
      perTitle: null,
      audio: [],
      protection: 'none',
    },
    chunkS: null,
    out: null,
    accept: [],
  };
  return inspectItem({ request, folder, cacheFolder: join(root, 'cache'), signal });
}

async function makeThumbnails() {
  const given: Partial<ItemContext> = {
    folder,
    source,
    checked: await readCheckedSource(folder.checkedFile),
    plan: (await readPlan(folder.planFile))!,
    signal,
  };
  return thumbnailsItem(given as ItemContext);
}

test('the check of a source makes the thumbnails in passing; without them the same ones are decoded', async () => {
  const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=25:duration=3'];
  execFileSync('ffmpeg', ['-v', 'error', ...picture, '-c:v', 'libx264', '-preset', 'veryfast', source]);
  // Again, as after a worker that died with its result.
  await inspect();
  const { result } = await inspect();
  // Reading, hashing and the decoding child.
  expect(result.cpuS).toBeGreaterThan(0.1);
  expect(readdirSync(folder.picturesFolder).toSorted()).toEqual(['pictures.json', 'poster.jpg', 'thumbnails-1.jpg']);
  expect(readdirSync(join(folder.path, 'work'))).toEqual([]);

  const passed = await makeThumbnails();
  expect(passed.facts).toMatchObject({ pictures: 3, decodedFrames: 0 });
  // It copied them: another attempt finds them again.
  expect(existsSync(join(folder.picturesFolder, 'poster.jpg'))).toBe(true);
  rmSync(folder.picturesFolder, { recursive: true });
  const decoded = await makeThumbnails();
  expect(decoded.facts['decodedFrames']).toBeGreaterThan(0);
  expect(decoded.outputs).toEqual(passed.outputs);
});

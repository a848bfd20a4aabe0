// What goes wrong around a title: a full disk, a source that goes or changes, places that can't be written. Each ends in a
// state that is told, and the same title is finished when it is mended.

import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { cli, temporaryFolder } from '../cli/run-cli.ts';
import { makeSource } from './made-source.ts';
import { decodePublished, openTestTitles, requestOf, tinyLadder, type TestTitles } from './title-fixture.ts';

const folder = temporaryFolder();
const ladder = tinyLadder(folder);
const FRAMES = 36;
const WHOLE = { width: 160, height: 90, frames: FRAMES };
let source = '';
let other = '';
let all: TestTitles;
const isRoot = process.getuid?.() === 0;
const mounts: string[] = [];

beforeAll(async () => {
  const made = { seconds: FRAMES / 24, size: '160x90', audio: false };
  source = await makeSource(folder, 'source.mp4', made);
  other = await makeSource(folder, 'other.mp4', { ...made, scenes: ['testsrc', 'smptebars'] });
  all = await openTestTitles(join(folder, 'lab'));
});
afterAll(async () => {
  await all.close();
  for (const place of mounts) execFileSync('umount', [place]);
});

/** A file system of its own in memory. */
function mounted(name: string, options: string): string {
  const place = join(folder, name);
  mkdirSync(place);
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', place]);
  mounts.push(place);
  return place;
}

function copyOfSource(name: string): string {
  copyFileSync(source, join(folder, name));
  return join(folder, name);
}

/** Does something once, when the first item of a kind begins. */
function atFirst(kind: string, act: () => void) {
  let isDone = false;
  return {
    onEvent: (event: { readonly kind: string; readonly leased: { readonly item: { readonly kind: string } } }) => {
      if (isDone || event.kind !== 'began' || event.leased.item.kind !== kind) return;
      isDone = true;
      act();
    },
  };
}

/** Takes every free byte of a file system. */
function fill(place: string): string {
  const file = join(place, 'filler');
  for (let bytes = 1 << 20; bytes >= 512; bytes >>= 1)
    for (;;)
      try {
        writeFileSync(file, new Uint8Array(bytes), { flag: 'a' });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
        break;
      }
  expect(statfsSync(place).bavail).toBe(0);
  return file;
}

describe.skipIf(!isRoot)('as root, who may mount', () => {
  test.each(['inspect', 'encode', 'assemble', 'package', 'publish'])(
    'a disk that is full when %s begins is told, and with room the title is finished',
    async (kind) => {
      const disk = mounted(`full-${kind}`, 'size=6m');
      const full = await openTestTitles(join(disk, 'lab'));
      onTestFinished(() => full.close());
      const id = await full.add(source, ladder);
      const said = await full
        .work(
          id,
          atFirst(kind, () => void fill(disk)),
        )
        .then(
          ({ outcome, reason }) => `${outcome}: ${reason}`,
          (error: Error) => error.message,
        );
      expect(said).toMatch(/full|no space left/i);
      rmSync(join(disk, 'filler'));
      const made = await full.work(id);
      expect(made.outcome, made.reason ?? '').toBe('done');
      expect(await decodePublished(made)).toEqual(WHOLE);
      expect(readdirSync(join(full.titles.folder(id).path, 'work'))).toEqual([]);
    },
  );

  test('a place that is read-only is told, for the lab before anything is begun', async () => {
    const place = mounted('readonly', 'size=1m,ro');
    const id = await all.add(source, ladder, { out: join(place, 'film') });
    const refused = await all.work(id);
    expect(refused.outcome).toBe('failed');
    expect(refused.reason).toMatch(/can't be published: the file system is read-only/);
    execFileSync('mount', ['-o', 'remount,rw', place]);
    // Another file system than the lab's: nothing can be linked there.
    expect(await decodePublished(await all.work(id))).toEqual(WHOLE);
    execFileSync('mount', ['-o', 'remount,ro', place]);
    const noLab = await cli('encode', source, '--ladder', ladder, '--lab', join(place, 'lab'));
    expect(noLab.code).toBe(1);
    expect(noLab.stderr).toMatch(/the lab can't be used: the file system is read-only/);
    expect(noLab.stderr).not.toContain('bug');
  });
});

test('a file where the output folder should be is told, and with the folder the title is finished', async () => {
  const out = join(folder, 'out');
  writeFileSync(out, 'mine');
  const id = await all.add(source, ladder, { out });
  const refused = await all.work(id);
  expect(refused.outcome).toBe('failed');
  expect(refused.reason).toMatch(/a file stands where a folder is needed/);
  expect(readFileSync(out, 'utf8')).toBe('mine');
  rmSync(out);
  // What a killed one left there before is taken away, and nothing else.
  mkdirSync(out);
  writeFileSync(join(out, '.unfinished-019c'), 'half');
  writeFileSync(join(out, 'readme.txt'), 'mine');
  expect(await decodePublished(await all.work(id))).toEqual(WHOLE);
  expect(existsSync(join(out, '.unfinished-019c'))).toBe(false);
  expect(existsSync(join(out, 'readme.txt'))).toBe(true);
});

test('a source that goes half-way ends the title, and the same request finds it again when it is back', async () => {
  const film = copyOfSource('going.mp4');
  const id = await all.add(film, ladder);
  const gone = await all.work(
    id,
    atFirst('encode', () => renameSync(film, `${film}.away`)),
  );
  expect(gone).toMatchObject({ outcome: 'failed', manifests: null });
  expect(gone.reason).toMatch(/the source is gone/);
  renameSync(`${film}.away`, film);
  expect((await all.titles.findSame(await requestOf(film, ladder)))?.id).toBe(id);
  expect(await decodePublished(await all.work(id))).toEqual(WHOLE);
});

test('a source that changes half-way ends the title, which is not the new one’s, and goes on with the old one', async () => {
  const film = copyOfSource('changing.mp4');
  const old = readFileSync(film);
  const fresh = Buffer.from(readFileSync(other));
  const sameSize = Buffer.concat([fresh, Buffer.alloc(Math.max(0, old.length - fresh.length))]).subarray(0, old.length);
  const id = await all.add(film, ladder);
  const changed = await all.work(
    id,
    atFirst('encode', () => writeFileSync(film, sameSize)),
  );
  expect(changed).toMatchObject({ outcome: 'failed', manifests: null });
  expect(changed.reason).toMatch(/the source was changed/);
  expect(await all.titles.findSame(await requestOf(film, ladder))).toBe(null);
  writeFileSync(film, old);
  expect((await all.titles.findSame(await requestOf(film, ladder)))?.id).toBe(id);
  expect(await decodePublished(await all.work(id))).toEqual(WHOLE);
});

test('a source that is touched, or moved away and back in between, does not disturb its title', async () => {
  const film = copyOfSource('touched.mp4');
  const id = await all.add(film, ladder);
  const made = await all.work(
    id,
    atFirst('encode', () => {
      utimesSync(film, 1, 1);
      chmodSync(film, 0o600);
      copyFileSync(film, `${film}.copy`);
      rmSync(film);
      renameSync(`${film}.copy`, film);
    }),
  );
  expect(made.outcome, made.reason ?? '').toBe('done');
  expect(await decodePublished(made)).toEqual(WHOLE);
});

// Thumbnails that a check of the source made in passing, kept in a folder until they are wanted.

import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CheckedSource } from '#core/source-check';
import { writeFileAtomic } from '#system/atomic-file';
import { hashFile } from '../content-hash.ts';
import type { PassedPictures } from './picture-pass.ts';
import { POSTER_NAME, choosePictures, pictureShape, sheetNames, type PictureShape } from './thumbnail-plan.ts';

/** Written last: without it the folder holds nothing. */
const LIST = 'pictures.json';
/** Raised whenever pictures are chosen or made in another way. */
const VERSION = 1;

interface PictureList extends PassedPictures {
  readonly version: number;
  /** Hash of the source. */
  readonly source: string | null;
  readonly shape: PictureShape;
  /** Hash of each file's content, by its name: sheets and poster. */
  readonly files: Readonly<Record<string, string>>;
}

type Checked = Pick<CheckedSource, 'info' | 'frames'>;

/**
 * Says of the files in a folder, which a pass over the source wrote, what they show.
 * @param shape that they were made in
 * @returns false where they are not what the checked source needs: then nothing is said
 */
export async function listKeptPictures(
  folder: string,
  { frames, posterFrame }: PassedPictures,
  shape: PictureShape,
  checked: Checked,
): Promise<boolean> {
  const { info } = checked;
  const names = namesOf(frames);
  const hashes = await Promise.all(names.map((name) => hashFile(join(folder, name))));
  const files = Object.fromEntries(names.map((name, index) => [name, hashes[index]!]));
  const list: PictureList = { version: VERSION, source: info.hash, shape, frames, posterFrame, files };
  if (!fits(list, checked, info.video.duration)) return false;
  await writeFileAtomic(join(folder, LIST), `${JSON.stringify(list)}\n`);
  return true;
}

/**
 * Copies sheets and poster into another folder.
 * @param durationS of the video
 * @returns null where they are not there, damaged, or not those that would be decoded for this source
 */
export async function takeKeptPictures(
  folder: string,
  into: string,
  checked: Checked,
  durationS: number,
): Promise<{ readonly posterFrame: number; readonly decodedFrames: number; readonly cpuS: number } | null> {
  const before = process.cpuUsage();
  const list = await readList(join(folder, LIST));
  if (list === null || !fits(list, checked, durationS)) return null;
  for (const name of namesOf(list.frames)) {
    const there = await copyFile(join(folder, name), join(into, name)).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
        return false;
      },
    );
    if (!there || (await hashFile(join(into, name))) !== list.files[name]) return null;
  }
  const { user, system } = process.cpuUsage(before);
  return { posterFrame: list.posterFrame, decodedFrames: 0, cpuS: (user + system) / 1e6 };
}

/** True where the list names just the frames that are chosen with all of them at hand. */
function fits({ version, source, shape, frames }: PictureList, checked: Checked, durationS: number): boolean {
  const { hash, video } = checked.info;
  if (version !== VERSION || source !== hash) return false;
  if (JSON.stringify(shape) !== JSON.stringify(pictureShape(video))) return false;
  const chosen = choosePictures(checked, durationS);
  return chosen.length === frames.length && chosen.every(({ frame }, index) => frame === frames[index]);
}

const namesOf = (frames: readonly number[]) => [...sheetNames(frames.length), POSTER_NAME];

/** Null where there is none, or not all of it. */
async function readList(file: string): Promise<PictureList | null> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (text === null) return null;
  try {
    return JSON.parse(text) as PictureList;
  } catch {
    return null;
  }
}

// The baselines of a lab: a file each.

import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { nearestName } from '#core/nearest-name';
import { UserError } from '#core/user-error';
import { parseBaseline, type Baseline } from '#explore/compare/baseline';
import { writeFileAtomic } from '#system/atomic-file';
import { makeFolder } from '#system/make-folder';

/** Bytes; a baseline of 10,000 runs with 30 metrics has some 6 MB. */
const MAX_BYTES = 128 * 1024 * 1024;
const NAME = /^[\w][\w.-]{0,99}$/;
const ENDING = '.json';

interface LabPlace {
  readonly path: string;
}

/** Names, in alphabetical order. */
export async function baselineNames(lab: LabPlace): Promise<string[]> {
  const files = await readdir(folderOf(lab)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return files
    .filter((file) => file.endsWith(ENDING))
    .map((file) => file.slice(0, -ENDING.length))
    .filter((name) => NAME.test(name))
    .toSorted();
}

/** @throws UserError where there is none of that name, or it can't be used */
export async function readBaseline(lab: LabPlace, name: string): Promise<Baseline> {
  const path = baselinePath(lab, name);
  const size = (await stat(path).catch(() => null))?.size ?? null;
  if (size === null) {
    const known = await baselineNames(lab);
    const near = nearestName(name, known);
    const there = known.length > 0 ? `there are: ${known.join(', ')}` : '`encodelab bench baseline save` makes one';
    throw new UserError({
      what: `there is no baseline "${name}"`,
      where: folderOf(lab),
      todo: near === null ? there : `did you mean ${near}?`,
    });
  }
  return readBaselineFile(path);
}

/** @throws UserError where it can't be read or used */
export async function readBaselineFile(path: string): Promise<Baseline> {
  const size = (await stat(path).catch(() => null))?.size;
  if (size === undefined) throw new UserError({ what: 'there is no such file', where: path });
  if (size > MAX_BYTES) throw new UserError({ what: 'the file is too large for a baseline', where: path });
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new UserError({ what: `it can't be read: ${(cause as Error).message}`, where: path }, { cause });
  }
  return parseBaseline(text, path);
}

/** Puts a baseline into the lab; one of the same name is replaced. Returns its path. */
export async function saveBaseline(lab: LabPlace, baseline: Baseline): Promise<string> {
  const path = baselinePath(lab, baseline.name);
  await makeFolder(folderOf(lab));
  await writeBaselineFile(path, baseline);
  return path;
}

export async function writeBaselineFile(path: string, baseline: Baseline): Promise<void> {
  try {
    await writeFileAtomic(path, `${JSON.stringify(baseline)}\n`);
  } catch (cause) {
    throw new UserError({ what: `it can't be written: ${(cause as Error).message}`, where: path }, { cause });
  }
}

/** @returns whether there was one */
export async function deleteBaseline(lab: LabPlace, name: string): Promise<boolean> {
  const path = baselinePath(lab, name);
  if ((await stat(path).catch(() => null)) === null) return false;
  await rm(path);
  return true;
}

/** @throws UserError where that can be no name of a baseline */
export function checkBaselineName(name: string): void {
  if (NAME.test(name)) return;
  throw new UserError({
    what: `"${name}" can't be the name of a baseline`,
    todo: 'letters, digits, _ - and . (not first), 100 at the most',
  });
}

function baselinePath(lab: LabPlace, name: string): string {
  checkBaselineName(name);
  return join(folderOf(lab), `${name}${ENDING}`);
}

function folderOf({ path }: LabPlace): string {
  return join(path, 'baselines');
}

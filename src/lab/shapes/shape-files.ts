// LAB/shapes: Parquet files of rows that were merged out of recordings, and a manifest that alone says what counts.

import { readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SHAPE_VERSION } from '#core/shape';
import { UserError } from '#core/user-error';
import { writeFileAtomic } from '#system/atomic-file';
import type { Lab } from '../lab.ts';

const MANIFEST = 'manifest.json';

export interface ShapeFile {
  /** In the folder. */
  readonly name: string;
  readonly rows: number;
}

export interface ShapeManifest {
  readonly version: number;
  readonly files: readonly ShapeFile[];
  /** Recordings whose rows are in the files, or that have none; relative to the lab. Those that were deleted are left out. */
  readonly merged: readonly string[];
}

export function shapesFolder(lab: Pick<Lab, 'path'>): string {
  return join(lab.path, 'shapes');
}

/**
 * What there is; nothing where nothing was merged yet.
 * @throws UserError where it is damaged, or a newer encodelab made it
 */
export async function readManifest(folder: string): Promise<ShapeManifest> {
  const path = join(folder, MANIFEST);
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (text === null) return { version: SHAPE_VERSION, files: [], merged: [] };
  let manifest: Partial<ShapeManifest> | null;
  try {
    manifest = JSON.parse(text) as Partial<ShapeManifest> | null;
  } catch (cause) {
    throw damaged(path, 'it is no JSON', cause);
  }
  const { version, files, merged } = manifest ?? {};
  if (typeof version !== 'number') throw damaged(path, 'it has no version', null);
  if (version > SHAPE_VERSION)
    throw new UserError({
      what: `the shapes were merged by a newer encodelab (their version is ${version}, ours ${SHAPE_VERSION})`,
      where: path,
      todo: 'Update encodelab.',
    });
  if (!Array.isArray(files) || !Array.isArray(merged)) throw damaged(path, 'it names no files', null);
  return { version, files: files as ShapeFile[], merged: merged as string[] };
}

/** From here on these files count, and no others. */
export async function writeManifest(folder: string, manifest: ShapeManifest): Promise<void> {
  await writeFileAtomic(join(folder, MANIFEST), `${JSON.stringify(manifest)}\n`);
}

/** Files that no manifest names: of a merge that was broken off, or merged into others since. */
export async function removeStrays(folder: string, { files }: ShapeManifest): Promise<void> {
  const named = new Set([MANIFEST, ...files.map(({ name }) => name)]);
  for (const name of await readdir(folder)) if (!named.has(name)) await rm(join(folder, name), { force: true });
}

function damaged(path: string, why: string, cause: unknown): UserError {
  return new UserError(
    {
      what: `the list of the merged shapes is damaged: ${why}`,
      where: path,
      todo: 'Delete the folder: what the recordings have is merged again.',
    },
    { cause },
  );
}

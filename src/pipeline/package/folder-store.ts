// A folder as a store of published files.

import { copyFile, link, open, readdir, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { UserError } from '#core/user-error';
import { syncFolder } from '#system/atomic-file';
import { newId } from '#system/clock';
import { makeFolder } from '#system/make-folder';
import { versionOf } from './media-type.ts';
import type { ObjectStore, StoredObject } from './object-store.ts';

/** Beginning of the name of what is not whole yet. */
const UNFINISHED = '.unfinished-';

export function openFolderStore(root: string): ObjectStore {
  const pathOf = (key: string) => join(root, ...key.split('/'));
  return {
    locate: pathOf,
    async put(key, body, _headers, signal) {
      const path = pathOf(key);
      const folder = dirname(path);
      const temporary = join(folder, `${UNFINISHED}${newId()}`);
      try {
        await makePlace(folder, root);
        if ('file' in body) await place(body.file, temporary);
        else await writeFile(temporary, body.text, { flush: true });
        signal.throwIfAborted();
        await rename(temporary, path);
        // Where both are names of one file already, renaming leaves both (POSIX).
        await rm(temporary, { force: true });
        await syncFolder(folder);
      } catch (error) {
        await rm(temporary, { force: true }).catch(() => undefined);
        throw whyNot(error, root);
      }
    },
    async head(key) {
      const found = await stat(pathOf(key)).catch(noneIfMissing);
      return found === null ? null : { key, bytes: found.size, changedAt: found.mtimeMs };
    },
    async list(prefix) {
      const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(noneIfMissing);
      const objects: StoredObject[] = [];
      for (const entry of entries ?? []) {
        const key = keyOf(root, entry);
        if (!entry.isFile() || !key.startsWith(prefix) || entry.name.startsWith(UNFINISHED)) continue;
        const object = await this.head(key);
        if (object !== null) objects.push(object);
      }
      return objects;
    },
    async delete(key) {
      const path = pathOf(key);
      await rm(path, { force: true });
      // An empty folder is no object; one that others still write into stays.
      if (dirname(path) !== root) await rmdir(dirname(path)).catch(() => undefined);
    },
  };
}

/** On one disk the file gets a second name, and no byte is copied. */
async function place(file: string, path: string): Promise<void> {
  try {
    await link(file, path);
  } catch (error) {
    if (!['EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    await copyFile(file, path);
    const copy = await open(path, 'r+');
    try {
      await copy.sync();
    } finally {
      await copy.close();
    }
  }
}

/**
 * Takes away what writers left that were killed, beside the versions and in them; variants in other folders may be at work.
 * Only while nobody else publishes there.
 */
export async function removeUnfinished(root: string): Promise<void> {
  for (const entry of (await readdir(root, { recursive: true, withFileTypes: true }).catch(noneIfMissing)) ?? []) {
    const key = keyOf(root, entry);
    const isOurs = entry.parentPath === root || versionOf(key) !== null;
    if (entry.name.startsWith(UNFINISHED) && isOurs) await rm(join(root, key), { force: true });
  }
}

function keyOf(root: string, entry: { readonly parentPath: string; readonly name: string }): string {
  return relative(root, join(entry.parentPath, entry.name)).replaceAll(sep, '/');
}

async function makePlace(folder: string, root: string): Promise<void> {
  if ((await stat(folder).catch(noneIfMissing))?.isDirectory() === true) return;
  await makeFolder(folder);
  await syncFolder(dirname(root));
  await syncFolder(root);
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a file stands where a folder is needed',
  EISDIR: 'a folder stands where a file is needed',
  EEXIST: 'a file stands where a folder is needed',
};

/** What only a person can mend. A full disk may have room at the next try. */
function whyNot(error: unknown, root: string): unknown {
  const reason = REASONS[(error as NodeJS.ErrnoException).code ?? ''];
  if (reason === undefined) return error;
  return new UserError(
    { what: `the title can't be published: ${reason}`, where: root, todo: 'mend it, then resume the title' },
    { cause: error },
  );
}

function noneIfMissing(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
  throw error;
}

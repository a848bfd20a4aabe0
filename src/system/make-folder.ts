// Making a folder with all that lead to it.

import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes a folder and its parents where they are missing. Node's own `recursive` tries for ever where the system answers
 * ENOENT although the parent is there (/proc, Node 24).
 * @throws the system's error, ENOTDIR or EEXIST where a file is in the way
 */
export async function makeFolder(path: string): Promise<void> {
  if (await makeOne(path)) return;
  await makeFolder(dirname(path));
  if (!(await makeOne(path))) throw Object.assign(new Error(`ENOENT: mkdir '${path}'`), { code: 'ENOENT', path });
}

/** False where the parent is missing. */
async function makeOne(path: string): Promise<boolean> {
  try {
    await mkdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return dirname(path) === path;
    if (code !== 'EEXIST' || !(await stat(path)).isDirectory()) throw error;
  }
  return true;
}

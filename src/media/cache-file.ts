// Files that only save time: what they hold can be found out again.

import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writeFileAtomic } from '#system/atomic-file';

/**
 * Writes a file of a cache, and its folder. Where the system does not let us (a full disk, a read-only lab, a foreign
 * folder) nothing is kept and nobody is told: the result is in hand already, and the next start only takes longer. What
 * is no error of the system is a bug of ours, and thrown.
 * @returns false where it could not be written
 */
export async function writeCacheFile(path: string, content: string): Promise<boolean> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFileAtomic(path, content);
    return true;
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return false;
  }
}

/** Errors of the system carry its number beside the code (ENOSPC, EROFS, EACCES …); Node's own (ERR_…) do not. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  const { code, errno } = error as NodeJS.ErrnoException;
  return error instanceof Error && typeof code === 'string' && typeof errno === 'number';
}

// A file that a person wrote, as text: what is no ordinary file of reasonable size is refused before it is read.

import { open, type FileHandle } from 'node:fs/promises';
import { UserError } from '#core/user-error';
import { MAX_FILE_CHARACTERS } from './yaml-tree.ts';

/** A character of UTF-8 takes four bytes at most. */
const MAX_FILE_BYTES = 4 * MAX_FILE_CHARACTERS;

/**
 * @param noun what it is taken for: `benchmark`
 * @throws UserError where it can't be read, or is no text
 */
export async function readText(file: string, noun: string): Promise<string> {
  const handle = await open(file, 'r').catch((cause: NodeJS.ErrnoException) => {
    throw new UserError(
      { what: unreadable(cause), where: file, todo: 'check its path and its permissions' },
      { cause },
    );
  });
  try {
    return await textOf(handle, file, noun);
  } finally {
    await handle.close();
  }
}

async function textOf(handle: FileHandle, file: string, noun: string): Promise<string> {
  const stat = await handle.stat();
  if (!stat.isFile())
    throw new UserError({
      what: `a ${stat.isDirectory() ? 'folder' : 'device'} is no ${noun}`,
      where: file,
      todo: 'name a YAML file',
    });
  if (stat.size > MAX_FILE_BYTES)
    throw new UserError({
      what: `the file has ${stat.size} bytes: that is no ${noun}`,
      where: file,
      todo: 'name a YAML file',
    });
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await handle.readFile());
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw new UserError({ what: 'the file is not text in UTF-8', where: file, todo: 'name a YAML file' }, { cause });
  }
}

function unreadable(cause: NodeJS.ErrnoException): string {
  if (cause.code === 'ENOENT') return 'no such file';
  if (cause.code === 'EACCES') return 'it may not be read';
  return `it can't be read: ${cause.message}`;
}

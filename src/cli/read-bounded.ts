// A file that somebody named, in whole: no device, no pipe, no more than it may have.

import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { UserError } from '#core/user-error';

/** Null where there is none. @throws UserError where it is no file, too large, or can't be read */
export async function readBounded(path: string, maxBytes: number): Promise<Uint8Array | null> {
  let file: FileHandle | null = null;
  try {
    // A pipe that nobody writes to would be waited for.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const facts = await file.stat();
    if (!facts.isFile()) throw new UserError({ what: 'it is no regular file', where: path });
    if (facts.size > maxBytes)
      throw new UserError({ what: `the file has ${facts.size} bytes; at most ${maxBytes} are read`, where: path });
    return await file.readFile();
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new UserError({ what: `the file can't be read: ${(cause as Error).message}`, where: path }, { cause });
  } finally {
    await file?.close();
  }
}

/** @throws UserError where it is no text in UTF-8 */
export function decodeText(bytes: Uint8Array, where: string, noun: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new UserError({ what: `this is no ${noun}: it is no text in UTF-8`, where: `${where}:1` }, { cause });
  }
}

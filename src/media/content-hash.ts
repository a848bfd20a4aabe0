// SHA-256 of what a source holds.

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** Bytes read at a time: large enough to be quick, small enough that the event loop breathes. */
const READ_BYTES = 1024 * 1024;

/** Hash of a file's content, hex. Reads it as a stream. */
export async function hashFile(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: READ_BYTES, signal })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** Hash of a text, hex: stands for the content of a generated source. */
export function hashText(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

// Where an image's bytes are: a file that is read in pieces, or memory. Whoever reads gets fewer bytes where there are fewer.

import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';

export interface ByteSource {
  readonly size: number;
  /** Bytes from an offset on: fewer than asked for at the end, none beyond it. */
  read(offset: number, length: number): Buffer;
}

/**
 * A regular file, read by position and not held open. What is at its path later may be another file: then it has no bytes any more.
 *
 * @throws the system's error where the path can't be opened; Error where it is not a regular file
 */
export function fileBytes(path: string): ByteSource {
  const first = withFile(path, (_, stats) => stats);
  return {
    size: first.size,
    read: (offset, length) => {
      const wanted = Math.min(length, first.size - offset);
      if (!(wanted > 0) || !(offset >= 0)) return Buffer.alloc(0);
      try {
        return withFile(path, (descriptor, now) => {
          if (now.ino !== first.ino || now.dev !== first.dev || now.mtimeMs !== first.mtimeMs) return Buffer.alloc(0);
          return readFully(descriptor, offset, wanted);
        });
      } catch (error) {
        // It was taken away, or may not be read any more: as if it ended here.
        if (error instanceof Error && 'code' in error) return Buffer.alloc(0);
        throw error;
      }
    },
  };
}

/** Bytes that are in memory already. */
export function memoryBytes(bytes: Buffer): ByteSource {
  return {
    size: bytes.length,
    read: (offset, length) =>
      offset >= 0 && length > 0 ? bytes.subarray(offset, offset + length) : bytes.subarray(0, 0),
  };
}

/** Reads until the length is reached or there is no more. */
export function readFully(descriptor: number, offset: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const count = readSync(descriptor, bytes, filled, length - filled, offset + filled);
    if (count === 0) break;
    filled += count;
  }
  return bytes.subarray(0, filled);
}

/** Without waiting for a writer where the path is a pipe. */
function withFile<Result>(path: string, use: (descriptor: number, stats: Stats) => Result): Result {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) throw new Error('not a regular file');
    return use(descriptor, stats);
  } finally {
    closeSync(descriptor);
  }
}

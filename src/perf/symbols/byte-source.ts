// Where an image's bytes are: a file that is read in pieces, or memory. Whoever reads gets fewer bytes where there are fewer.

import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';

export interface ByteSource {
  readonly size: number;
  /** Bytes from an offset on: fewer than asked for at the end, none beyond it. */
  read(offset: number, length: number): Buffer;
}

/** Files that are held open at once. */
const MOST_OPEN = 32;

/**
 * A regular file, read by position and held open only while what is at hand is done. What is at its path later may be another file: then it
 * has no bytes any more.
 *
 * @throws the system's error where the path can't be opened; Error where it is not a regular file
 */
export function fileBytes(path: string): ByteSource {
  const first = statsOf(path);
  return {
    size: first.size,
    read: (offset, length) => {
      const wanted = Math.min(length, first.size - offset);
      if (!(wanted > 0) || !(offset >= 0)) return Buffer.alloc(0);
      try {
        const descriptor = held.get(first) ?? hold(path, first);
        return descriptor === null ? Buffer.alloc(0) : readFully(descriptor, offset, wanted);
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

/** Descriptors by what their files were when they were opened first. */
const held = new Map<Stats, number>();

/** Opens a file until the turn of the event loop ends; null where it is another one by now. */
function hold(path: string, first: Stats): number | null {
  if (held.size >= MOST_OPEN) closeHeld();
  const descriptor = openForReading(path);
  const now = fstatSync(descriptor);
  if (now.ino !== first.ino || now.dev !== first.dev || now.mtimeMs !== first.mtimeMs) {
    closeSync(descriptor);
    return null;
  }
  if (held.size === 0) setImmediate(closeHeld);
  held.set(first, descriptor);
  return descriptor;
}

function closeHeld(): void {
  for (const descriptor of held.values()) closeSync(descriptor);
  held.clear();
}

function statsOf(path: string): Stats {
  const descriptor = openForReading(path);
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) throw new Error('not a regular file');
    return stats;
  } finally {
    closeSync(descriptor);
  }
}

/** Without waiting for a writer where the path is a pipe. */
function openForReading(path: string): number {
  return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
}

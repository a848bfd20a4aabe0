// A file of /proc or /sys that is opened once and read again and again at offset 0: the kernel writes it anew each time.

import { closeSync, openSync, readSync } from 'node:fs';
import type { ByteCursor } from './byte-cursor.ts';

/** Room for one file: /proc/stat of a host with a thousand cores. */
export const READ_BYTES = 256 * 1024;

export class HeldFile {
  readonly path: string;
  /** Why the last read failed; null after one that went well. */
  failure: string | null = null;
  #descriptor: number;

  private constructor(path: string, descriptor: number) {
    this.path = path;
    this.#descriptor = descriptor;
  }

  /** Opens it; the system's error code (`ENOENT`, `EACCES`) where that can't be. */
  static open(path: string): HeldFile | string {
    try {
      return new HeldFile(path, openSync(path, 'r'));
    } catch (error) {
      return codeOf(error);
    }
  }

  /** Reads what the kernel gives in one call (a whole file where it has one record) and puts the cursor at its begin. */
  read(cursor: ByteCursor): boolean {
    return this.#readFrom(cursor, 0);
  }

  /** Reads on to the end: files of many records (diskstats, net/dev, cgroup.procs) come a page at a time. */
  readRecords(cursor: ByteCursor): boolean {
    if (!this.#readFrom(cursor, 0)) return false;
    for (let size = 0; cursor.end > size && cursor.end < cursor.bytes.length;) {
      size = cursor.end;
      if (!this.#readFrom(cursor, size)) return false;
    }
    return true;
  }

  #readFrom(cursor: ByteCursor, offset: number): boolean {
    try {
      cursor.end = offset + readSync(this.#descriptor, cursor.bytes, offset, cursor.bytes.length - offset, offset);
      cursor.at = 0;
      this.failure = null;
      return true;
    } catch (error) {
      this.failure = codeOf(error);
      cursor.at = 0;
      cursor.end = 0;
      return false;
    }
  }

  close(): void {
    if (this.#descriptor === -1) return;
    closeSync(this.#descriptor);
    this.#descriptor = -1;
  }
}

/** `ENOENT` of a system error. */
export function codeOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === undefined) throw error;
  return code;
}

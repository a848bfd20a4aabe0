// The size of a memory page: /proc tells resident memory in pages, and Node does not tell how large they are.

import { readFileSync } from 'node:fs';
import { endianness } from 'node:os';

/** Of nearly every system; some on ARM have 16 or 64 KiB. */
const USUAL_BYTES = 4096;
/** `AT_PAGESZ` of getauxval(3). */
const AT_PAGESZ = 6n;

/** Bytes of a page, from the auxiliary vector that the kernel handed to this process. */
export function pageBytes(): number {
  let auxv: Buffer;
  try {
    auxv = readFileSync('/proc/self/auxv');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return USUAL_BYTES;
  }
  return pageBytesOf(auxv) ?? USUAL_BYTES;
}

/** The vector is pairs of 64-bit words (key, value) of this machine's byte order. */
export function pageBytesOf(auxv: Buffer): number | null {
  const word = (at: number) => (endianness() === 'LE' ? auxv.readBigUInt64LE(at) : auxv.readBigUInt64BE(at));
  for (let at = 0; at + 16 <= auxv.length; at += 16) if (word(at) === AT_PAGESZ) return Number(word(at + 8));
  return null;
}

// The vdso: a small library that the kernel maps into every process, ours too. There is no file of it.

import { closeSync, openSync, readFileSync } from 'node:fs';
import type { Image } from '../image.ts';
import { memoryBytes, readFully } from './byte-source.ts';
import { readElf } from './elf-file.ts';
import { ElfImage } from './elf-image.ts';
import { namedImage } from './named-image.ts';

const LIBRARY = '[vdso]';
/** It has two to four pages. */
const MOST_BYTES = 2 ** 20;

/** Read from the memory of this process; only its name where that can't be. */
export function vdsoImage(): Image {
  try {
    const range = /^([\da-f]+)-([\da-f]+) r.*\[vdso\]$/m.exec(readFileSync('/proc/self/maps', 'utf8'));
    if (range === null) return namedImage(LIBRARY, 'user', null);
    const start = Number.parseInt(range[1]!, 16);
    const length = Number.parseInt(range[2]!, 16) - start;
    const elf = readElf(memoryBytes(readOwnMemory(start, Math.min(length, MOST_BYTES))));
    if (elf !== null) return new ElfImage({ library: LIBRARY, kind: 'user', elf, debug: null, complete: true });
  } catch {
    // No /proc, or it may not be read here: the name is all there is.
  }
  return namedImage(LIBRARY, 'user', null);
}

function readOwnMemory(start: number, length: number): Buffer {
  const descriptor = openSync('/proc/self/mem', 'r');
  try {
    return readFully(descriptor, start, length);
  } finally {
    closeSync(descriptor);
  }
}

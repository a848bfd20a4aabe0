// The memory of a control group that its programs asked for: anonymous and shared memory, without the files in the page cache.
//
// The kernel keeps a peak only of everything (memory.max_usage_in_bytes, memory.peak), and there a source of 4 GB that was
// read once counts like 4 GB that the encoder needs. So the peak here is the largest of samples: a spike between two of
// them is missed, and the kernel's own peak is the upper bound.

import type { ByteCursor } from './byte-cursor.ts';
import { HeldFile } from './held-file.ts';
import { textOf } from './own-cgroup.ts';

/** Lines of memory.stat that make the sum; version 1's `total_` lines count groups below too. */
const LINES = {
  1: [Buffer.from('total_rss '), Buffer.from('total_shmem ')],
  2: [Buffer.from('anon '), Buffer.from('shmem ')],
} as const;

const PEAK_FILE = { 1: 'memory.max_usage_in_bytes', 2: 'memory.peak' } as const;

/** Reads the text of memory.stat: bytes; NaN where a line is missing. */
export function parseGroupMemory(cursor: ByteCursor, version: 1 | 2): number {
  const lines = LINES[version];
  let bytes = 0;
  let found = 0;
  while (!cursor.done && found < lines.length) {
    for (const line of lines) {
      if (!cursor.startsWith(line)) continue;
      cursor.at += line.length;
      bytes += cursor.number();
      found++;
    }
    cursor.skipLine();
  }
  return found === lines.length ? bytes : NaN;
}

export class GroupMemory {
  /** Bytes; 0 before the first sample. */
  peak = 0;
  /** Of the last sample. */
  now = 0;
  readonly #folder: string;
  readonly #version: 1 | 2;
  readonly #file: HeldFile;

  private constructor(folder: string, version: 1 | 2, file: HeldFile) {
    this.#folder = folder;
    this.#version = version;
    this.#file = file;
  }

  /** The error code where the group has no memory accounting. */
  static open(folder: string, version: 1 | 2): GroupMemory | string {
    const file = HeldFile.open(`${folder}/memory.stat`);
    return typeof file === 'string' ? file : new GroupMemory(folder, version, file);
  }

  sample(cursor: ByteCursor): void {
    if (!this.#file.read(cursor)) return;
    const bytes = parseGroupMemory(cursor, this.#version);
    this.now = bytes;
    if (bytes > this.peak) this.peak = bytes;
  }

  /** The kernel's exact peak of everything, files in the page cache included: no peak was above it. */
  peakWithCache(): number | null {
    const text = textOf(`${this.#folder}/${PEAK_FILE[this.#version]}`);
    return text === null ? null : Number(text);
  }

  close(): void {
    this.#file.close();
  }
}

// Batches that the collector has not acknowledged: the first in memory, more of them on disk, all within a bound.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Of all batches together, packed: about two hours of an agent with a 60 fps stream. */
export const DEFAULT_SPOOL_BYTES = 64 * 1024 * 1024;
/** Held in memory before more goes to disk. */
const MEMORY_BYTES = 1024 * 1024;
/** One file; also what is given up at once where there is no room. */
const SEGMENT_BYTES = 256 * 1024;

export interface SpoolOptions {
  /** Where its files go; made when it is first needed. */
  readonly folder: string;
  /** DEFAULT_SPOOL_BYTES by default. */
  readonly limitBytes?: number | undefined;
}

/** Batches one after the other: in memory, or in a file. */
interface Segment {
  readonly first: number;
  /** Where each batch ends, bytes from the segment's begin. */
  readonly ends: number[];
  readonly rows: number[];
  bytes: number;
  /** Null where they lie in the file. */
  packed: Uint8Array[] | null;
}

/**
 * Numbers batches from 1 and keeps each until it is acknowledged. Where there is no room the oldest go: who comes back
 * after hours wants to know what has just been, and what lies longest is asked for least. Their rows are counted.
 */
export class Spool {
  readonly #folder: string;
  readonly #limitBytes: number;
  readonly #segmentBytes: number;
  readonly #memoryLimit: number;
  readonly #segments: Segment[] = [];
  #next = 1;
  #oldest = 1;
  #bytes = 0;
  #memoryBytes = 0;
  #loaded: { readonly segment: Segment; readonly content: Uint8Array } | null = null;
  /** Rows of batches that were given up since the start. */
  lostRows = 0;
  /** Why nothing can be written to disk; null where it can. */
  problem: string | null = null;

  constructor(options: SpoolOptions) {
    this.#folder = options.folder;
    this.#limitBytes = options.limitBytes ?? DEFAULT_SPOOL_BYTES;
    this.#segmentBytes = Math.max(1, Math.min(SEGMENT_BYTES, this.#limitBytes / 4));
    this.#memoryLimit = Math.min(MEMORY_BYTES, this.#limitBytes);
  }

  /** Number that the next batch gets. */
  get next(): number {
    return this.#next;
  }

  /** Number of the oldest batch that it has; `next` where it has none. */
  get oldest(): number {
    return this.#oldest;
  }

  /** Of all batches that it has. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Takes batch number `next`, packed; copies it. */
  push(packed: Uint8Array, rows: number): void {
    let tail = this.#segments.at(-1);
    if (tail === undefined || tail.packed === null || tail.bytes >= this.#segmentBytes) {
      if (tail !== undefined) this.#seal(tail);
      tail = { first: this.#next, ends: [], rows: [], bytes: 0, packed: [] };
      this.#segments.push(tail);
    }
    this.#next++;
    tail.packed!.push(packed.slice());
    tail.bytes += packed.length;
    tail.ends.push(tail.bytes);
    tail.rows.push(rows);
    this.#bytes += packed.length;
    this.#memoryBytes += packed.length;
    while (this.#bytes > this.#limitBytes && this.#segments.length > 1) this.#giveUpOldest();
  }

  /** A batch as it was given; null where it is not there (any more). */
  read(number: number): Uint8Array | null {
    if (number < this.#oldest || number >= this.#next) return null;
    const segment = this.#segments.findLast(({ first }) => first <= number)!;
    const at = number - segment.first;
    if (segment.packed !== null) return segment.packed[at]!;
    const content = this.#load(segment);
    return content === null ? null : content.subarray(at === 0 ? 0 : segment.ends[at - 1], segment.ends[at]);
  }

  /** Forgets the batches up to that number. */
  acknowledge(number: number): void {
    this.#oldest = Math.max(this.#oldest, Math.min(number + 1, this.#next));
    while (this.#segments.length > 0 && endOf(this.#segments[0]!) <= this.#oldest) this.#remove();
  }

  /** Gives up that batch, which is the oldest that nobody has, and forgets those before it. */
  skip(number: number): void {
    const segment = this.#segments.findLast(({ first }) => first <= number);
    if (number < this.#oldest || number >= this.#next || segment === undefined) return;
    this.lostRows += segment.rows[number - segment.first]!;
    this.acknowledge(number);
  }

  /** Gives up all that lies with that batch and before it: its file can't be read. */
  giveUpTo(number: number): void {
    while (this.#segments.length > 0 && this.#segments[0]!.first <= number) this.#giveUpOldest();
  }

  /** Removes its files. */
  close(): void {
    rmSync(this.#folder, { recursive: true, force: true });
    this.#segments.length = 0;
    this.#oldest = this.#next;
    this.#bytes = 0;
    this.#loaded = null;
  }

  /** What is older stays in memory, so that a short absence of the collector costs no disk at all. */
  #seal(segment: Segment): void {
    if (this.#memoryBytes <= this.#memoryLimit / 2 || segment.packed === null) return;
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      writeFileSync(this.#path(segment), Buffer.concat(segment.packed), { mode: 0o600 });
      segment.packed = null;
      this.#memoryBytes -= segment.bytes;
      this.problem = null;
    } catch (error) {
      this.problem = `${this.#folder}: ${(error as Error).message}`;
      while (this.#memoryBytes > this.#memoryLimit && this.#segments.length > 1) this.#giveUpOldest();
    }
  }

  #load(segment: Segment): Uint8Array | null {
    if (this.#loaded?.segment === segment) return this.#loaded.content;
    try {
      const content = readFileSync(this.#path(segment));
      if (content.length !== segment.bytes) throw new Error(`${content.length} bytes instead of ${segment.bytes}`);
      this.#loaded = { segment, content };
      return content;
    } catch (error) {
      this.problem = `${this.#path(segment)}: ${(error as Error).message}`;
      return null;
    }
  }

  #giveUpOldest(): void {
    const [segment] = this.#segments as [Segment];
    const kept = Math.max(0, this.#oldest - segment.first);
    for (const rows of segment.rows.slice(kept)) this.lostRows += rows;
    this.#oldest = Math.max(this.#oldest, endOf(segment));
    this.#remove();
  }

  #remove(): void {
    const segment = this.#segments.shift()!;
    this.#bytes -= segment.bytes;
    if (segment.packed !== null) this.#memoryBytes -= segment.bytes;
    else rmSync(this.#path(segment), { force: true });
    if (this.#loaded?.segment === segment) this.#loaded = null;
  }

  #path(segment: Segment): string {
    return join(this.#folder, `${String(segment.first).padStart(12, '0')}.batches`);
  }
}

/** Number of the first batch behind it. */
function endOf(segment: Segment): number {
  return segment.first + segment.ends.length;
}

// What a process has mapped, over time.

import type { PerfMapping } from '../perf-data/perf-records.ts';

/** A range of addresses that one mapping stands for: [start, end). */
export interface MappedRange {
  readonly start: number;
  readonly end: number;
  readonly mapping: PerfMapping;
}

/** The number of a space in which nothing is mapped. */
export const EMPTY_SPACE = 0;

let lastNumber = EMPTY_SPACE;

/** Never changes: a mapping makes another, so that what was looked up in one stays right. */
export class AddressSpace {
  static readonly empty = new AddressSpace([], EMPTY_SPACE);

  /** Tells spaces apart in tables. */
  readonly number: number;
  /** Ascending and apart. */
  readonly #ranges: readonly MappedRange[];

  private constructor(ranges: readonly MappedRange[], number: number) {
    this.#ranges = ranges;
    this.number = number;
  }

  /** The range that an address lies in. */
  find(address: number): MappedRange | null {
    const range = this.#ranges[this.#firstEndingAfter(address)];
    return range !== undefined && range.start <= address ? range : null;
  }

  /** This space with a mapping in place of whatever it covers; this very one where it has that mapping already. */
  with(mapping: PerfMapping): AddressSpace {
    const { start, end } = mapping;
    const from = this.#firstEndingAfter(start);
    const at = this.#ranges[from];
    if (at?.start === start && at.end === end && sameFile(at.mapping, mapping)) return this;
    const ranges = this.#ranges.slice(0, from);
    let next = from;
    for (; next < this.#ranges.length && this.#ranges[next]!.start < end; next++) {
      const covered = this.#ranges[next]!;
      if (covered.start < start) ranges.push({ ...covered, end: start });
    }
    ranges.push({ start, end, mapping });
    const last = this.#ranges[next - 1];
    if (next > from && last!.end > end) ranges.push({ ...last!, start: end });
    for (; next < this.#ranges.length; next++) ranges.push(this.#ranges[next]!);
    lastNumber = (lastNumber + 1) | 0;
    return new AddressSpace(ranges, lastNumber);
  }

  #firstEndingAfter(address: number): number {
    let [low, high] = [0, this.#ranges.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#ranges[middle]!.end <= address) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function sameFile(a: PerfMapping, b: PerfMapping): boolean {
  return a.path === b.path && a.fileOffset === b.fileOffset && a.buildId === b.buildId;
}

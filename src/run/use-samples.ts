// What a piece of work used over time, in a bounded number of samples; any span of it can be asked for afterwards.

import type { Used } from '#core/shape';

/** One moment: counters since the piece began, and bytes of memory now. NaN where not known. */
export interface UseSample {
  /** Monotonic. */
  readonly timeUs: number;
  readonly cpuS: number;
  readonly memory: number;
  readonly diskRead: number;
  readonly diskWritten: number;
}

/** Where so many are kept, every second one goes: an hour at four a second becomes one at two. */
const MAX_SAMPLES = 8_192;
const SECOND_US = 1e6;

/** Order of the values in a row. */
const TIME = 0;
const CPU = 1;
const MEMORY = 2;
const READ = 3;
const WRITTEN = 4;
const COLUMNS = 5;

export class UseSamples {
  #rows = new Float64Array(256 * COLUMNS);
  #count = 0;

  /** Samples come in the order of their times. */
  add({ timeUs, cpuS, memory, diskRead, diskWritten }: UseSample): void {
    if (this.#count === MAX_SAMPLES) this.#thinOut();
    const at = this.#count++ * COLUMNS;
    if (at + COLUMNS > this.#rows.length) {
      const more = new Float64Array(this.#rows.length * 2);
      more.set(this.#rows);
      this.#rows = more;
    }
    this.#rows[at + TIME] = timeUs;
    this.#rows[at + CPU] = cpuS;
    this.#rows[at + MEMORY] = memory;
    this.#rows[at + READ] = diskRead;
    this.#rows[at + WRITTEN] = diskWritten;
  }

  /**
   * What was used between two moments; counters between samples are interpolated.
   * @param cpuS CPU seconds where somebody knows them better
   */
  used(startUs: number, endUs: number, cpuS: number | null = null): Used {
    const durationS = Math.max(0, endUs - startUs) / 1e6;
    return {
      durationS,
      cpuS: cpuS ?? known(this.#between(CPU, startUs, endUs)),
      cpuPeak: this.#cpuPeak(startUs, endUs),
      memoryPeak: this.#memoryPeak(startUs, endUs),
      diskRead: known(this.#between(READ, startUs, endUs)),
      diskWritten: known(this.#between(WRITTEN, startUs, endUs)),
      // The kernel counts the network's bytes of a machine and of a namespace, not of a process.
      network: null,
    };
  }

  /** Most cores busy over a second or little more, inside of the span; null where it is shorter. */
  #cpuPeak(startUs: number, endUs: number): number | null {
    let peak: number | null = null;
    let first = 0;
    for (let last = 0; last < this.#count; last++) {
      if (this.#at(last, TIME) > endUs) break;
      while (first < last && this.#at(first, TIME) < startUs) first++;
      while (first + 1 < last && this.#at(last, TIME) - this.#at(first + 1, TIME) >= SECOND_US) first++;
      const elapsedUs = this.#at(last, TIME) - this.#at(first, TIME);
      if (elapsedUs < SECOND_US || this.#at(first, TIME) < startUs) continue;
      const cores = ((this.#at(last, CPU) - this.#at(first, CPU)) * 1e6) / elapsedUs;
      if (cores > (peak ?? -Infinity)) peak = cores;
    }
    return peak;
  }

  /** The largest sample in the span, else the nearest to it. */
  #memoryPeak(startUs: number, endUs: number): number | null {
    let peak = NaN;
    for (let i = 0; i < this.#count; i++) {
      const timeUs = this.#at(i, TIME);
      const bytes = this.#at(i, MEMORY);
      if (timeUs >= startUs && timeUs <= endUs && !(bytes <= peak)) peak = Number.isNaN(bytes) ? peak : bytes;
    }
    if (Number.isNaN(peak)) {
      const next = this.#behind(endUs);
      if (next < this.#count) peak = this.#at(next, MEMORY);
    }
    // Zero is a group whose processes have not begun or are gone: nothing was seen of what they held.
    return peak > 0 ? peak : null;
  }

  #between(column: number, startUs: number, endUs: number): number {
    return Math.max(0, this.#counter(column, endUs) - this.#counter(column, startUs));
  }

  /** A counter at a moment: before the first sample it is the first one's, behind the last the last one's. */
  #counter(column: number, timeUs: number): number {
    if (this.#count === 0) return NaN;
    const next = this.#behind(timeUs);
    if (next === 0) return this.#at(0, column);
    const value = this.#at(next - 1, column);
    if (next === this.#count) return value;
    const fromUs = this.#at(next - 1, TIME);
    const share = (timeUs - fromUs) / (this.#at(next, TIME) - fromUs);
    return value + share * (this.#at(next, column) - value);
  }

  /** Position of the first sample behind a moment. */
  #behind(timeUs: number): number {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#at(middle, TIME) <= timeUs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #at(sample: number, column: number): number {
    return this.#rows[sample * COLUMNS + column]!;
  }

  /** The larger memory of two stays, so that no peak is lost; counters are those of the earlier one, so that the first stays. */
  #thinOut(): void {
    const kept = this.#count >> 1;
    for (let i = 0; i < kept; i++) {
      const memory = Math.max(this.#at(2 * i, MEMORY), this.#at(2 * i + 1, MEMORY));
      this.#rows.copyWithin(i * COLUMNS, 2 * i * COLUMNS, (2 * i + 1) * COLUMNS);
      this.#rows[i * COLUMNS + MEMORY] = memory;
    }
    this.#count = kept;
  }
}

function known(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}

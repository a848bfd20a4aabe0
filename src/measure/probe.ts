// A probe: reads one source of the host and tells the values of its indicators.

import type { Indicator } from '#core/indicator';
import type { SeriesBuffer } from './series-buffer.ts';

export interface Probe {
  readonly indicators: readonly Indicator[];
  /**
   * Reads its source and puts what it found: the value of `indicators[i]` into column `first + i`.
   * @returns why it could not be read, null where it could
   */
  sample(buffer: SeriesBuffer, first: number): string | null;
  close(): void;
}

/** Where a probe reads, and its clock: a test brings folders and a time of its own. */
export interface ProbePlace {
  /** `/proc` */
  readonly proc: string;
  /** `/sys` */
  readonly sys: string;
  /** `/dev` */
  readonly dev: string;
  /** Folders in which programs are looked for, as in `PATH`. */
  readonly path: string;
  /** Monotonic microseconds. */
  readonly clock: () => number;
}

/** The probe, or why there is none. */
export type Opened<T> =
  | { readonly probe: T; readonly absent: readonly string[] }
  | { readonly absent: readonly string[] };

/** Time between two readings of one file. Rates divide by it, so they are right where the reader was held up between two files. */
export class Interval {
  #lastUs = NaN;

  /** Seconds since the call before; NaN at the first. */
  step(nowUs: number): number {
    const seconds = (nowUs - this.#lastUs) / 1e6;
    this.#lastUs = nowUs;
    return seconds;
  }
}

/** Growth of a counter in a second; NaN (no value) without a reading before, and where the counter began anew. */
export function rate(now: number, before: number, seconds: number): number {
  return now >= before && seconds > 0 ? (now - before) / seconds : NaN;
}

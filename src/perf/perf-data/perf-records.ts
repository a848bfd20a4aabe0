// What a reader of perf.data tells, record by record in the order of their times.

import type { PerfEvent } from './perf-event.ts';
import type { PerfSample } from './perf-sample.ts';

/** Code that was mapped. Addresses are signed 64-bit numbers: those of the kernel are negative. */
export interface PerfMapping {
  /** -1 for the kernel's own. */
  readonly process: number;
  readonly start: number;
  readonly end: number;
  /** Of the file, at `start`; of the kernel itself the address of its text. */
  readonly fileOffset: number;
  readonly path: string;
  /** In hexadecimal digits; null where the record has none. */
  readonly buildId: string | null;
}

/** Times are nanoseconds on the recording's clock; 0 where a record has none: then it was so before the first sample. */
export interface PerfRecords {
  /** The sample is good until this returns. */
  sample(sample: PerfSample): void;
  mapped(mapping: PerfMapping): void;
  /** @param exec the process runs another program from now on */
  named(process: number, thread: number, name: string, exec: boolean): void;
  /** @param madeUp by perf, for a thread that was there already */
  forked(process: number, parent: number, thread: number, parentThread: number, madeUp: boolean): void;
  /** @param cpu -1 where the record does not tell */
  lost(timeNs: number, cpu: number, count: number): void;
  /** Samples of an event that a CPU or perf itself counted as lost; they may be among those of `lost`. */
  lostSamples(timeNs: number, cpu: number, count: number, event: PerfEvent | undefined): void;
  /** The kernel slowed the sampling down. */
  throttled(timeNs: number, cpu: number): void;
  /** A watched thread came onto a CPU or left it. */
  switched(timeNs: number, cpu: number, process: number, thread: number, out: boolean, preempted: boolean): void;
  /** Code that the kernel made: a BPF program, a trampoline. */
  kernelSymbol(start: number, end: number, name: string): void;
}

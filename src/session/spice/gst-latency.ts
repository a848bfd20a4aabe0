// Times in the elements of a stock SPICE server or client, as GStreamer's latency tracer writes them into a log: read while it grows.
//
// Formats: GStreamer's plugins/tracers/gstlatency.c (records), gst/gstinfo.c (line prefix), gst/gstpipeline.c (`now=`). A server and a
// client make a pipeline for each stream, so an element's address is soon another element's: its name is what it is known by.

import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';

/** Read at one go; what is left comes with the next. */
const MOST_READ_BYTES = 4 * 1024 * 1024;
const PIECE_BYTES = 64 * 1024;
/** Longer lines are none of the tracer's records. */
const MOST_LINE_BYTES = 16 * 1024;
/** Records that wait for the first word about the clock. */
const MOST_WAITING = 4_096;
/** GST_CLOCK_TIME_NONE and its like are no times: no buffer stays in an element for a day. */
const LONGEST_NS = 86_400e9;
/** A program's stamps ascend but for what its threads write at one time; those of one that was started anew begin at 0 again. */
const MOST_BACK_US = 1e6;

const RECORD =
  / element-latency, element-id=\(string\)0x[0-9a-f]+, element=\(string\)(.+), src=\(string\)[^,]*, time=\(guint64\)(\d+), ts=\(guint64\)(\d+);/;
/** What the tracer says when it begins, before any buffer passed. */
const BEGINS = ' element-latency.class, ';
/** The log's stamp at the beginning of a line, and the pipeline's clock in it: CLOCK_MONOTONIC of the machine. */
const CLOCK = /(\d+):(\d\d):(\d\d)\.(\d{9}) .* pipeline gstpipeline\.c:.*, now=(\d+):(\d\d):(\d\d)\.(\d{9}),/;

/** Variables for the environment of a program. @param log the file that GStreamer writes */
export function tracerVariables(log: string): Readonly<Record<string, string>> {
  return {
    GST_TRACERS: 'latency(flags=pipeline+element)',
    GST_DEBUG: 'GST_TRACER:7,pipeline:5',
    GST_DEBUG_FILE: log,
    GST_DEBUG_NO_COLOR: '1',
  };
}

export interface ElementRecord {
  /** Its name in the pipeline: `encoder`, `vp8dec0`, `vqueue`. */
  readonly element: string;
  /** When the buffer left it, on the monotonic clock of its machine, microseconds. */
  readonly endUs: number;
  readonly durationUs: number;
}

export class GstLatencyLog {
  readonly #path: string;
  readonly #now: () => number;
  readonly #onRecord: (record: ElementRecord) => void;
  readonly #piece = Buffer.allocUnsafe(PIECE_BYTES);
  readonly #waiting: { element: string; stampUs: number; durationUs: number }[] = [];
  #file: number | null = null;
  #position = 0;
  #rest = '';
  /** The monotonic clock less the log's stamps lies between these: told by the pipeline's clock, and by when lines were read. */
  #lowestUs = -Infinity;
  #highestUs = Infinity;
  #stampUs = -Infinity;
  #isTraced = false;
  #records = 0;
  #lost = 0;

  /**
   * @param path the file may come later, be cut, or be replaced by another of its name
   * @param now monotonic microseconds, of the machine of the log
   */
  constructor(path: string, now: () => number, onRecord: (record: ElementRecord) => void) {
    this.#path = path;
    this.#now = now;
    this.#onRecord = onRecord;
  }

  get records(): number {
    return this.#records;
  }

  /** Whether the tracer has begun in it: then no record means that no buffer passed. */
  get isTraced(): boolean {
    return this.#isTraced;
  }

  /** Records that could not be told: too many came before the first word about the clock. */
  get lost(): number {
    return this.#lost;
  }

  /** How far off the times may be at the most, microseconds; Infinity while nothing is known. The log must be read often for a small one. */
  get clockErrorUs(): number {
    return this.#highestUs - this.#lowestUs;
  }

  /** Reads what has been written since. */
  read(): void {
    if (this.#file === null && !this.#open()) return;
    if (fstatSync(this.#file!).size < this.#position) this.#begin();
    for (let total = 0; total < MOST_READ_BYTES;) {
      const bytes = readSync(this.#file!, this.#piece, 0, PIECE_BYTES, this.#position);
      if (bytes === 0) {
        // Only at its end is another file of its name looked for: the rest of this one is not lost.
        if (!this.#isReplaced()) return;
        this.close();
        if (!this.#open()) return;
        continue;
      }
      this.#position += bytes;
      total += bytes;
      this.#take(this.#piece.toString('latin1', 0, bytes), this.#now());
    }
  }

  /** Tells what still waits for the clock, by when it was read. */
  finish(): void {
    this.read();
    this.#tellWaiting();
    this.close();
  }

  close(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }

  #open(): boolean {
    try {
      this.#file = openSync(this.#path, 'r');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    }
    this.#begin();
    return true;
  }

  /** GStreamer's plugin scanner cuts the log of its parent, which goes on behind a hole of zeros. */
  #begin(): void {
    this.#position = 0;
    this.#rest = '';
  }

  #isReplaced(): boolean {
    const there = statSync(this.#path, { throwIfNoEntry: false });
    const own = fstatSync(this.#file!);
    return there !== undefined && (there.ino !== own.ino || there.dev !== own.dev);
  }

  #take(text: string, nowUs: number): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop()!.slice(-MOST_LINE_BYTES);
    for (const line of lines) this.#line(line, nowUs);
  }

  #line(line: string, nowUs: number): void {
    const record = line.includes(' element-latency, ') ? RECORD.exec(line) : null;
    if (record !== null || line.includes(BEGINS)) this.#isTraced = true;
    if (record !== null) {
      const [stampUs, durationUs] = [Number(record[3]) / 1_000, Number(record[2]) / 1_000];
      if (durationUs > LONGEST_NS / 1_000) return;
      this.#stamped(stampUs);
      this.#highestUs = Math.min(this.#highestUs, nowUs - stampUs);
      return this.#record({ element: record[1]!, stampUs, durationUs });
    }
    const clock = line.includes(', now=') ? CLOCK.exec(line) : null;
    if (clock === null) return;
    // The clock was read before the line got its stamp: the difference is the true one or less.
    const differenceUs = microseconds(clock.slice(5)) - microseconds(clock.slice(1));
    this.#stamped(microseconds(clock.slice(1)));
    if (differenceUs > this.#highestUs) this.#forgetClock();
    this.#lowestUs = Math.max(this.#lowestUs, differenceUs);
    this.#tellWaiting();
  }

  /** Another program's stamps have another beginning. */
  #stamped(stampUs: number): void {
    if (stampUs < this.#stampUs - MOST_BACK_US) this.#forgetClock();
    this.#stampUs = stampUs;
  }

  #forgetClock(): void {
    this.#lowestUs = -Infinity;
    this.#highestUs = Infinity;
  }

  #record(record: { element: string; stampUs: number; durationUs: number }): void {
    this.#records++;
    if (this.#lowestUs !== -Infinity) return this.#tell(record);
    this.#waiting.push(record);
    if (this.#waiting.length <= MOST_WAITING) return;
    this.#waiting.shift();
    this.#lost++;
  }

  #tellWaiting(): void {
    for (const record of this.#waiting.splice(0)) this.#tell(record);
  }

  #tell({ element, stampUs, durationUs }: { element: string; stampUs: number; durationUs: number }): void {
    const offsetUs = this.#lowestUs === -Infinity ? this.#highestUs : this.#lowestUs;
    this.#onRecord({ element, endUs: stampUs + offsetUs, durationUs });
  }
}

/** Hours, minutes, seconds, nanoseconds. */
function microseconds([hours, minutes, seconds, rest]: readonly string[]): number {
  return ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1e6 + Number(rest) / 1_000;
}

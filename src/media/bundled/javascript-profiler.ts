// Node's own profile of the JavaScript of this process, by its inspector (Chrome DevTools Protocol, domain Profiler). Its times are
// microseconds of the monotonic clock, as perf's and ours are.

import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { monotonicUs } from '#system/clock';
import { isSystemError } from '../cache-file.ts';
import type { JavaScriptProfileWanted } from '../running-encode.ts';

/** A quarter of an hour at 999 Hz: V8 keeps all of them in memory, and writes them at once. */
const MOST_SAMPLES = 1_000_000;

export class JavaScriptProfiler {
  readonly #file: string;
  readonly #session = new Session();
  readonly #endUs: number;
  #profile: object | null = null;

  /** Begins at once. */
  constructor({ file, frequencyHz }: JavaScriptProfileWanted) {
    this.#file = file;
    const interval = Math.max(1, Math.round(1e6 / frequencyHz));
    this.#session.connect();
    this.#session.post('Profiler.enable');
    this.#session.post('Profiler.setSamplingInterval', { interval });
    this.#session.post('Profiler.start');
    this.#endUs = monotonicUs() + MOST_SAMPLES * interval;
  }

  /** Ends it where it has become as large as it may: to be called now and then. */
  poll(): void {
    if (this.#profile === null && monotonicUs() >= this.#endUs) this.#stop();
  }

  /** Ends it and writes its file; where that can't be written the reason goes to the log, and the encode is none the worse. */
  finish(): void {
    this.#stop();
    try {
      writeFileSync(this.#file, JSON.stringify({ process: process.pid, profile: this.#profile }));
    } catch (error) {
      if (!isSystemError(error)) throw error;
      console.error(`the profile of the JavaScript can't be written: ${error.message}`);
    }
  }

  /** In one process the inspector answers before it returns. */
  #stop(): void {
    if (this.#profile !== null) return;
    this.#session.post('Profiler.stop', (error, told) => {
      if (error === null) this.#profile = told.profile;
    });
    this.#session.disconnect();
  }
}

// GStreamer's log of a stock program, read again and again: one that can't be read is told once and looked at again.

import { statSync } from 'node:fs';
import { monotonicUs } from '#system/clock';
import { GstLatencyLog, type ElementRecord } from '../gst-latency.ts';
import { LogWriter } from './log-writer.ts';

const READ_MS = 100;
/** A log whose writer can't be seen, and to which nobody has written for so long before it was read first, may be that of a program of before. */
const STALE_MS = 60_000;

export class PolledLatencyLog {
  readonly #path: string;
  readonly #onTrouble: (why: string) => void;
  readonly #log: GstLatencyLog;
  readonly #timer: NodeJS.Timeout;
  readonly #writer: LogWriter;
  readonly #startedMs = Date.now();
  #writtenMs = -Infinity;
  #trouble = '';

  /** @param onTrouble told once, and again only after it could be read meanwhile */
  constructor(path: string, onRecord: (record: ElementRecord) => void, onTrouble: (why: string) => void) {
    this.#path = path;
    this.#onTrouble = onTrouble;
    this.#log = new GstLatencyLog(path, monotonicUs, onRecord);
    this.#writer = new LogWriter(path);
    this.#timer = setInterval(() => this.#read(), READ_MS);
    this.#read();
  }

  /** Whether somebody writes the tracer's records into it: what is missing in it did not happen then. */
  get isTold(): boolean {
    const isNew = this.#writer.isThere || this.#writtenMs >= this.#startedMs - STALE_MS;
    return this.#trouble === '' && this.#log.isTraced && isNew;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#log.close();
  }

  #read(): void {
    const why = this.#problem();
    if (why !== '' && why !== this.#trouble) this.#onTrouble(why);
    this.#trouble = why;
  }

  #problem(): string {
    try {
      const there = statSync(this.#path);
      this.#writtenMs = there.mtimeMs;
      // Whoever opens a pipe waits for its other end.
      if (there.isFile()) this.#log.read();
      else return `${this.#path} is no file: no times of GStreamer's are read`;
      this.#writer.look(there.mtimeMs);
      if (this.#writer.isLeft)
        return `nobody writes ${this.#path} any more: no times of GStreamer's come with it until a program does`;
      return '';
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === undefined) throw error;
      this.#log.close();
      if (code === 'ENOENT') return `there is no ${this.#path} yet: GStreamer's times come with it`;
      return `${this.#path} can't be read: ${message}`;
    }
  }
}

// How far an import has come: one line on a terminal, a line every few seconds in a log. A short import says nothing.

import { formatSpan, ProgressLine } from './progress-line.ts';

/** Of lines that stay. */
const TOLD_EVERY_MS = 5_000;
/** Before that nobody wonders, and nothing is known of the time left. */
const FIRST_MS = 1_000;

export class ImportProgress {
  readonly #line = new ProgressLine();
  readonly #path: string;
  readonly #now: () => number;
  readonly #beganMs: number;
  #toldMs: number;

  /** @param now milliseconds; only tests say */
  constructor(path: string, now: () => number = () => performance.now()) {
    this.#path = path;
    this.#now = now;
    this.#beganMs = now();
    this.#toldMs = now();
  }

  /** @param done runs of `total` that are in the lab */
  tell(done: number, total: number): void {
    const ms = this.#now();
    if (done === 0 || done >= total || ms - this.#beganMs < FIRST_MS) return;
    const leftS = (((ms - this.#beganMs) / done) * (total - done)) / 1e3;
    const text = `${this.#path}: ${done} of ${total} runs, about ${formatSpan(leftS)} left`;
    this.#line.showText(text);
    if (ms - this.#toldMs < TOLD_EVERY_MS) return;
    this.#line.milestone(text);
    this.#toldMs = ms;
  }

  end(): void {
    this.#line.clear();
  }
}

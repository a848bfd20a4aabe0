// Values on their way into the recording: columns that are allocated once and handed over about once a second.

import type { SeriesBatch } from '#core/recording';

export class SeriesBuffer {
  readonly #agent: string;
  readonly #onBatch: (batch: SeriesBatch) => void;
  readonly #indicator: Uint16Array;
  readonly #timeUs: Float64Array;
  readonly #value: Float64Array;
  #timeOfTickUs = 0;
  #rows = 0;

  /** @param capacity rows that fit; a tick that would not fit is preceded by a flush */
  constructor(agent: string, capacity: number, onBatch: (batch: SeriesBatch) => void) {
    this.#agent = agent;
    this.#onBatch = onBatch;
    this.#indicator = new Uint16Array(capacity);
    this.#timeUs = new Float64Array(capacity);
    this.#value = new Float64Array(capacity);
  }

  /** All values that follow belong to this time. Makes room for `rows` of them. */
  begin(timeUs: number, rows: number): void {
    if (this.#rows + rows > this.#value.length) this.flush();
    this.#timeOfTickUs = timeUs;
  }

  /** Keeps a value; one that is not finite is absent and leaves no row. */
  put(indicator: number, value: number): void {
    this.putAt(indicator, this.#timeOfTickUs, value);
  }

  /** Keeps a value of another time than the tick's: of a program that tells its values when it wants to. */
  putAt(indicator: number, timeUs: number, value: number): void {
    if (!Number.isFinite(value)) return;
    if (this.#rows === this.#value.length) this.flush();
    const row = this.#rows++;
    this.#indicator[row] = indicator;
    this.#timeUs[row] = timeUs;
    this.#value[row] = value;
  }

  /** Hands over a copy of the rows: the receiver may keep it. */
  flush(): void {
    const rows = this.#rows;
    if (rows === 0) return;
    this.#rows = 0;
    this.#onBatch({
      agent: this.#agent,
      indicator: this.#indicator.slice(0, rows),
      timeUs: this.#timeUs.slice(0, rows),
      value: this.#value.slice(0, rows),
    });
  }
}

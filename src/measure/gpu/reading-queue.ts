// Values that came between two samples, with the time at which they came, until the next sample takes them.

import type { SeriesBuffer } from '../series-buffer.ts';

/** Values that wait: four readings a GPU with every quantity, of the most GPUs. More are left out. */
export const MAX_WAITING = 2048;

export class ReadingQueue {
  readonly #column = new Uint16Array(MAX_WAITING);
  readonly #timeUs = new Float64Array(MAX_WAITING);
  readonly #value = new Float64Array(MAX_WAITING);
  #size = 0;

  /**
   * Of several values that came at one time (the reader was held up) the last stays: when the others were true is not known.
   * @param column the indicator's, counted from the probe's first
   */
  push(column: number, timeUs: number, value: number): void {
    if (!Number.isFinite(value)) return;
    let at = this.#size;
    for (let i = at - 1; i >= 0 && this.#timeUs[i] === timeUs; i--) if (this.#column[i] === column) at = i;
    if (at === MAX_WAITING) return;
    if (at === this.#size) this.#size++;
    this.#column[at] = column;
    this.#timeUs[at] = timeUs;
    this.#value[at] = value;
  }

  /** Hands over all that waits. */
  moveInto(buffer: SeriesBuffer, first: number): void {
    for (let i = 0; i < this.#size; i++) {
      buffer.putAt(first + this.#column[i]!, this.#timeUs[i]!, this.#value[i]!);
    }
    this.#size = 0;
  }
}

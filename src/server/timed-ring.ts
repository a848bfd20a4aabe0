// Values with their times, the last few thousand of them.

const ROWS = 8_192;

export class TimedRing {
  readonly #timeUs = new Float64Array(ROWS).fill(-Infinity);
  readonly #value = new Float64Array(ROWS);
  #next = 0;

  add(timeUs: number, value: number): void {
    this.#timeUs[this.#next] = timeUs;
    this.#value[this.#next] = value;
    this.#next = (this.#next + 1) % ROWS;
  }

  /** Values whose time is not before that, in no order. */
  since(timeUs: number): number[] {
    const values: number[] = [];
    for (let row = 0; row < ROWS; row++) if (this.#timeUs[row]! >= timeUs) values.push(this.#value[row]!);
    return values;
  }
}

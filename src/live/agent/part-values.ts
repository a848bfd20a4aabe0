// Values that parts measure (what a SPICE client reports, how long its round trip is), as indicators of the agent.

import type { SeriesBatch } from '#core/recording';
import type { IndicatorList } from './indicator-list.ts';

/** Rows that wait for the next flush; one more and they go at once. */
const CAPACITY = 256;
/** Different names; values under more are left out. */
const MAX_NAMES = 200;

export interface PartValuesOptions {
  readonly agent: string;
  readonly list: IndicatorList;
  readonly onRows: (batch: SeriesBatch) => void;
  /** The list grew. */
  readonly onChanged: () => void;
}

export class PartValues {
  readonly #options: PartValuesOptions;
  readonly #positions = new Map<string, number>();
  readonly #indicator = new Uint16Array(CAPACITY);
  readonly #timeUs = new Float64Array(CAPACITY);
  readonly #value = new Float64Array(CAPACITY);
  #rows = 0;

  constructor(options: PartValuesOptions) {
    this.#options = options;
  }

  /**
   * One value; one that is no finite number is absent.
   * @param name with the part's: `tap.report.drops`
   * @param timeUs monotonic microseconds
   */
  add(name: string, unit: string, timeUs: number, value: number): void {
    if (!Number.isFinite(value)) return;
    const position = this.#positions.get(name) ?? this.#begin(name, unit);
    if (position === null) return;
    this.#indicator[this.#rows] = position;
    this.#timeUs[this.#rows] = timeUs;
    this.#value[this.#rows] = value;
    if (++this.#rows === CAPACITY) this.flush();
  }

  /** Hands over what waits. */
  flush(): void {
    const rows = this.#rows;
    if (rows === 0) return;
    this.#rows = 0;
    this.#options.onRows({
      agent: this.#options.agent,
      indicator: this.#indicator.slice(0, rows),
      timeUs: this.#timeUs.slice(0, rows),
      value: this.#value.slice(0, rows),
    });
  }

  /** Position of a new name; null where there is no room for it. */
  #begin(name: string, unit: string): number | null {
    const { list, onChanged } = this.#options;
    if (this.#positions.size >= MAX_NAMES || !list.hasRoomFor(1)) return null;
    const part = name.slice(0, name.indexOf('.'));
    const position = list.position({ name, unit, description: `told by the ${part} of the session` });
    this.#positions.set(name, position);
    onChanged();
    return position;
  }
}

// The agent's list of indicators: it only grows, and rows of any probe point into it.

import type { Indicator } from '#core/indicator';

export class IndicatorList {
  readonly #all: Indicator[] = [];
  readonly #positions = new Map<string, number>();

  get all(): readonly Indicator[] {
    return this.#all;
  }

  has(name: string): boolean {
    return this.#positions.has(name);
  }

  /** Position of an indicator, which is added where it is new. A name stays with what it meant at first. */
  position(indicator: Indicator): number {
    const known = this.#positions.get(indicator.name);
    if (known !== undefined) return known;
    const position = this.#all.length;
    if (position >= MAX_INDICATORS) throw new RangeError(`more than ${MAX_INDICATORS} indicators`);
    this.#all.push(indicator);
    this.#positions.set(indicator.name, position);
    return position;
  }

  /** True where all of them find a place. */
  hasRoomFor(count: number): boolean {
    return this.#all.length + count <= MAX_INDICATORS;
  }
}

/** What a row's column can hold is 65,536; a host of 256 cores has some 300. */
const MAX_INDICATORS = 10_000;

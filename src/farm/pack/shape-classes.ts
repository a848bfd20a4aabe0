// Sorts items by the shape of their need into few classes, so that a decision looks at classes and not at a million items.

import { RESOURCES, type WorkerSize } from '#core/packing';

const R = RESOURCES.length;
/** Of one resource; four of them make a key below 2^53. */
const MAX_LEVELS = 8192;
/** Ratios of the grid on which needs are rounded up; the first stands for no grid: each need is a shape of its own. */
const RATIOS = [1, 1.02, 1.05, 1.1, 1.2, 1.5, 2, 4, 16, 256, 65_536, Infinity];

/**
 * Classes of needs that are alike. A class needs, of each resource, the most of its members, so whatever has room for the class has
 * room for each of them; members of one class fit exactly the same sizes of workers, so the class fits these too.
 */
export class ShapeClasses {
  /** Of each class what it needs, `RESOURCES.length` numbers. */
  need = new Float64Array(64 * R);
  count = 0;
  readonly #sizes: readonly WorkerSize[];
  readonly #limit: number;
  /** Sizes that each class fits: 1 or 0. */
  #fits: Uint8Array[] = [];
  #ratio = 0;
  readonly #byKey = new Map<number, number[]>();
  readonly #levels: Map<number, number>[] = Array.from({ length: R }, () => new Map<number, number>());
  readonly #fitsNow: Uint8Array;

  /** @param limit most classes, before the grid becomes coarser */
  constructor(sizes: readonly WorkerSize[], limit: number) {
    this.#sizes = sizes;
    this.#limit = limit;
    this.#fitsNow = new Uint8Array(sizes.length);
  }

  /** The class of a need, which may be new; -1 where there would be too many classes: {@link coarsen}, and begin again. */
  of(need: Float64Array, at: number): number {
    let key = 0;
    for (let r = 0; r < R; r++) {
      const level = this.#level(r, need[at + r]!);
      if (level >= MAX_LEVELS) return -1;
      key = key * MAX_LEVELS + level;
    }
    let alike = this.#byKey.get(key);
    if (alike === undefined) this.#byKey.set(key, (alike = []));
    for (let s = 0; s < this.#sizes.length; s++) this.#fitsNow[s] = fitsSize(need, at, this.#sizes[s]!) ? 1 : 0;
    for (const shape of alike) {
      if (!sameBytes(this.#fits[shape]!, this.#fitsNow)) continue;
      for (let r = 0; r < R; r++) {
        if (need[at + r]! > this.need[shape * R + r]!) this.need[shape * R + r] = need[at + r]!;
      }
      return shape;
    }
    if (this.count >= this.#limit && this.#ratio < RATIOS.length - 1) return -1;
    return this.#add(alike, need, at);
  }

  /** Whether a worker of that size, with nothing on it, has room for the class. */
  fits(shape: number, size: number): boolean {
    return this.#fits[shape]![size] === 1;
  }

  /** Forgets all classes; the next ones are on a coarser grid. */
  coarsen(): void {
    this.#ratio++;
    this.count = 0;
    this.#fits = [];
    this.#byKey.clear();
    for (const levels of this.#levels) levels.clear();
  }

  #level(resource: number, value: number): number {
    if (!(value > 0)) return 0;
    const ratio = RATIOS[this.#ratio]!;
    if (ratio === Infinity) return 1;
    const step = ratio === 1 ? value : Math.ceil(Math.log(value) / Math.log(ratio) - 1e-9);
    const levels = this.#levels[resource]!;
    let level = levels.get(step);
    if (level === undefined) levels.set(step, (level = levels.size + 1));
    return level;
  }

  #add(alike: number[], need: Float64Array, at: number): number {
    const shape = this.count++;
    if (this.need.length < this.count * R) {
      const former = this.need;
      this.need = new Float64Array(2 * former.length);
      this.need.set(former);
    }
    for (let r = 0; r < R; r++) this.need[shape * R + r] = need[at + r]!;
    this.#fits.push(this.#fitsNow.slice());
    alike.push(shape);
    return shape;
  }
}

/** Share of a capacity by which sums of fractions may be off. */
export const ROUNDING = 1e-9;

function fitsSize(need: Float64Array, at: number, size: WorkerSize): boolean {
  for (let r = 0; r < R; r++) if (!(need[at + r]! <= size.capacity[r]! * (1 + ROUNDING))) return false;
  return true;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

// Remembers a number for each pair of 64 bits and a space: an open-addressing table of integers, without an object anywhere.

/** Forgets everything rather than grow beyond: it only remembers what can be found out again. */
const MAX_ENTRIES = 1 << 20;
const FREE = -1;

export class PairTable {
  /** Four integers an entry: low, high, space, value. */
  #entries = empty(1 << 12);
  #mask = (1 << 12) - 1;
  #count = 0;
  #place = 0;

  /** @returns the value, 0 or more; -1 where there is none, then `add` puts one there */
  get(low: number, high: number, space: number): number {
    const entries = this.#entries;
    const mask = this.#mask;
    let place = hash(low, high, space) & mask;
    for (;;) {
      const at = place * 4;
      const value = entries[at + 3]!;
      if (value === FREE || (entries[at] === low && entries[at + 1] === high && entries[at + 2] === space)) {
        this.#place = at;
        return value;
      }
      place = (place + 1) & mask;
    }
  }

  /** Puts a value in; the key is not in it yet. */
  add(low: number, high: number, space: number, value: number): void {
    if (this.#count * 2 > this.#mask) this.#grow();
    this.get(low, high, space);
    const at = this.#place;
    this.#entries[at] = low;
    this.#entries[at + 1] = high;
    this.#entries[at + 2] = space;
    this.#entries[at + 3] = value;
    this.#count++;
  }

  #grow(): void {
    const old = this.#entries;
    const forget = this.#count >= MAX_ENTRIES;
    this.#entries = empty(forget ? old.length / 4 : old.length / 2);
    this.#mask = this.#entries.length / 4 - 1;
    this.#count = 0;
    if (forget) return;
    for (let at = 0; at < old.length; at += 4) {
      if (old[at + 3] !== FREE) this.add(old[at]!, old[at + 1]!, old[at + 2]!, old[at + 3]!);
    }
  }
}

function empty(places: number): Int32Array {
  return new Int32Array(places * 4).fill(FREE);
}

/** The constants are those of MurmurHash3's finalizer (public domain, Austin Appleby). */
function hash(low: number, high: number, space: number): number {
  let h = Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b) ^ Math.imul(space + 1, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

// Stacks as a trie: a function that was called from the same stack before is the same node again.

import type { StackTable } from '#core/profile';
import { GrowingColumn } from './growing-column.ts';

export class StackTrie {
  readonly #parent = new GrowingColumn(Int32Array);
  readonly #function = new GrowingColumn(Uint32Array);
  /** Open addressing: a node's number + 1, 0 where a place is free. */
  #places = new Uint32Array(4096);

  get size(): number {
    return this.#parent.length;
  }

  /**
   * The stack of `parent` with this function on top of it.
   * @param parent a node, or -1 for the outermost function
   */
  add(parent: number, called: number): number {
    const mask = this.#places.length - 1;
    let place = hash(parent, called) & mask;
    for (;;) {
      const node = this.#places[place]! - 1;
      if (node < 0) break;
      if (this.#parent.get(node) === parent && this.#function.get(node) === called) return node;
      place = (place + 1) & mask;
    }
    const node = this.size;
    this.#parent.push(parent);
    this.#function.push(called);
    this.#places[place] = node + 1;
    if (node * 2 > mask) this.#grow();
    return node;
  }

  #grow(): void {
    const places = new Uint32Array(this.#places.length * 2);
    const mask = places.length - 1;
    for (let node = 0; node < this.size; node++) {
      let place = hash(this.#parent.get(node), this.#function.get(node)) & mask;
      while (places[place] !== 0) place = (place + 1) & mask;
      places[place] = node + 1;
    }
    this.#places = places;
  }

  /** As columns. */
  table(): StackTable {
    return { parent: this.#parent.taken(null), function: this.#function.taken(null) };
  }
}

/** Of two integers; the constants are those of MurmurHash3's finalizer (public domain, Austin Appleby). */
function hash(parent: number, called: number): number {
  let h = Math.imul(parent + 1, 0x9e3779b1) ^ called;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

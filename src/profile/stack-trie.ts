// Stacks as a trie: a function that was called from the same stack before is the same node again.

import type { StackTable } from '#core/profile';

/** Nodes that there is place for at first: more make it grow. */
const FIRST_NODES = 2048;

export class StackTrie {
  // Plain arrays, that grow with the table: this is done for each function of each new stack.
  #parent: Int32Array;
  #function: Uint32Array;
  #size = 0;
  /** Open addressing: a node's number + 1, 0 where a place is free; at most half of them are taken. */
  #places: Uint32Array;

  /** @param nodes how many are expected; more may come */
  constructor(nodes = FIRST_NODES) {
    let places = FIRST_NODES * 2;
    while (places < nodes * 2) places *= 2;
    this.#places = new Uint32Array(places);
    this.#parent = new Int32Array(places / 2 + 1);
    this.#function = new Uint32Array(places / 2 + 1);
  }

  get size(): number {
    return this.#size;
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
      if (this.#parent[node] === parent && this.#function[node] === called) return node;
      place = (place + 1) & mask;
    }
    const node = this.#size++;
    this.#parent[node] = parent;
    this.#function[node] = called;
    this.#places[place] = node + 1;
    if (node * 2 > mask) this.#grow();
    return node;
  }

  #grow(): void {
    const places = new Uint32Array(this.#places.length * 2);
    const mask = places.length - 1;
    const [parent, called] = [new Int32Array(this.#places.length + 1), new Uint32Array(this.#places.length + 1)];
    parent.set(this.#parent);
    called.set(this.#function);
    [this.#parent, this.#function] = [parent, called];
    for (let node = 0; node < this.#size; node++) {
      let place = hash(parent[node]!, called[node]!) & mask;
      while (places[place] !== 0) place = (place + 1) & mask;
      places[place] = node + 1;
    }
    this.#places = places;
  }

  /** As columns. */
  table(): StackTable {
    return { parent: this.#parent.slice(0, this.#size), function: this.#function.slice(0, this.#size) };
  }
}

/** Of two integers; the constants are those of MurmurHash3's finalizer (public domain, Austin Appleby). */
function hash(parent: number, called: number): number {
  let h = Math.imul(parent + 1, 0x9e3779b1) ^ called;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

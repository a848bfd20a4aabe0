// Finds the first worker with room for a need among thousands: a tree whose nodes hold the most that is free below them.

import { RESOURCES } from '#core/packing';

const R = RESOURCES.length;

/** Elementwise maximum of free room over ranges of workers (a segment tree). Its leaves are the workers in the order of their numbers. */
export class FreeTree {
  #leaves = 1;
  #most = new Float64Array(2 * R).fill(-Infinity);

  /** @param free what the worker has to give, at `from` in it; null where it takes nothing now */
  set(worker: number, free: Float64Array | null, from: number): void {
    while (worker >= this.#leaves) this.#grow();
    let node = this.#leaves + worker;
    const most = this.#most;
    for (let r = 0; r < R; r++) most[node * R + r] = free === null ? -Infinity : free[from + r]!;
    while (node > 1) {
      node >>= 1;
      let changed = false;
      for (let r = 0; r < R; r++) {
        const value = Math.max(most[2 * node * R + r]!, most[(2 * node + 1) * R + r]!);
        if (most[node * R + r] === value) continue;
        most[node * R + r] = value;
        changed = true;
      }
      if (!changed) return;
    }
  }

  /** The first worker with that much free in each resource; -1 where there is none. `slack` is allowed on each. */
  find(need: Float64Array, at: number, slack: Float64Array): number {
    return this.#find(1, need, at, slack);
  }

  #find(node: number, need: Float64Array, at: number, slack: Float64Array): number {
    for (let r = 0; r < R; r++) if (need[at + r]! > this.#most[node * R + r]! + slack[r]!) return -1;
    if (node >= this.#leaves) return node - this.#leaves;
    const left = this.#find(2 * node, need, at, slack);
    return left >= 0 ? left : this.#find(2 * node + 1, need, at, slack);
  }

  #grow(): void {
    const former = this.#most;
    const leaves = this.#leaves;
    this.#leaves *= 2;
    this.#most = new Float64Array(4 * leaves * R).fill(-Infinity);
    // Each row of the old tree becomes the left half of a row one further down.
    for (let row = 1; row <= leaves; row *= 2) {
      this.#most.set(former.subarray(row * R, 2 * row * R), 2 * row * R);
    }
    this.#most.set(former.subarray(R, 2 * R), R);
  }
}

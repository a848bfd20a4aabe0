// What the inspector's samples say of the moments between them.

import type { Profile } from '#core/profile';

/** Library of what the engine itself did: `(program)`, `(garbage collector)`, `(idle)`. */
const ENGINE = 'V8';

export class JavaScriptMoments {
  /** Of samples that have functions, ascending. */
  readonly #timeNs: Float64Array;
  readonly #stack: Int32Array;
  readonly #parent: Int32Array;
  readonly #depth: Int32Array;
  readonly #withinNs: number;

  /** @param withinNs how near a moment's samples must be */
  constructor({ samples, stacks, functions, libraries }: Profile, withinNs: number) {
    this.#withinNs = withinNs;
    this.#parent = stacks.parent;
    this.#depth = new Int32Array(stacks.parent.length);
    for (let node = 0; node < this.#depth.length; node++) {
      const parent = stacks.parent[node]!;
      this.#depth[node] = parent < 0 ? 0 : this.#depth[parent]! + 1;
    }
    const engine = libraries.indexOf(ENGINE);
    const isScript = (stack: number) => stack >= 0 && functions.library[stacks.function[stack]!] !== engine;
    const rows = Uint32Array.from(samples.timeNs.keys()).filter((row) => isScript(samples.stack[row]!));
    this.#timeNs = Float64Array.from(rows, (row) => samples.timeNs[row]!);
    this.#stack = Int32Array.from(rows, (row) => samples.stack[row]!);
  }

  /** The stack that the samples right before and right after a moment have in common; -1 where there is none, or one is too far away. */
  at(timeNs: number): number {
    const after = this.#firstAfter(timeNs);
    const before = after - 1;
    if (before < 0 || after >= this.#timeNs.length) return -1;
    if (timeNs - this.#timeNs[before]! > this.#withinNs || this.#timeNs[after]! - timeNs > this.#withinNs) return -1;
    let a = this.#stack[before]!;
    let b = this.#stack[after]!;
    while (a !== b) {
      if (a < 0 || b < 0) return -1;
      const isDeeper = this.#depth[a]! > this.#depth[b]!;
      if (!isDeeper) b = this.#parent[b]!;
      else a = this.#parent[a]!;
    }
    return a;
  }

  #firstAfter(timeNs: number): number {
    let low = 0;
    let high = this.#timeNs.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#timeNs[middle]! > timeNs) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

// What runs on each worker, the first to end on top: one pairing heap a worker (Fredman, Sedgewick, Sleator and Tarjan 1986),
// its links in columns of the items, so that nothing is allocated however many run.

const NONE = -1;

export class RunningItems {
  /** An item's next event on its worker's own clock, which stands still while the worker does. */
  readonly #at: Float64Array;
  readonly #root: Int32Array;
  readonly #child: Int32Array;
  readonly #sibling: Int32Array;
  /** Trees that wait to be paired; bounded by the items. */
  #pairs = new Int32Array(16);

  constructor(items: number, workers: number) {
    this.#at = new Float64Array(items);
    this.#root = new Int32Array(workers).fill(NONE);
    this.#child = new Int32Array(items).fill(NONE);
    this.#sibling = new Int32Array(items).fill(NONE);
  }

  /** -1 where nothing runs. */
  first(worker: number): number {
    return this.#root[worker]!;
  }

  at(item: number): number {
    return this.#at[item]!;
  }

  add(worker: number, item: number, at: number): void {
    this.#at[item] = at;
    this.#child[item] = NONE;
    this.#sibling[item] = NONE;
    const root = this.#root[worker]!;
    this.#root[worker] = root === NONE ? item : this.#join(root, item);
  }

  removeFirst(worker: number): void {
    this.#root[worker] = this.#joinAll(this.#child[this.#root[worker]!]!);
  }

  clear(worker: number): void {
    this.#root[worker] = NONE;
  }

  #join(a: number, b: number): number {
    const isFirst = this.#at[a]! < this.#at[b]! || (this.#at[a] === this.#at[b] && a < b);
    const above = isFirst ? a : b;
    const below = isFirst ? b : a;
    this.#sibling[below] = this.#child[above]!;
    this.#child[above] = below;
    this.#sibling[above] = NONE;
    return above;
  }

  /** Joins siblings in pairs from the left, then the pairs from the right. */
  #joinAll(first: number): number {
    let count = 0;
    let left = first;
    while (left !== NONE) {
      const right = this.#sibling[left]!;
      const next = right === NONE ? NONE : this.#sibling[right]!;
      if (count === this.#pairs.length) this.#grow();
      this.#sibling[left] = NONE;
      this.#pairs[count++] = right === NONE ? left : this.#join(left, right);
      left = next;
    }
    if (count === 0) return NONE;
    let root = this.#pairs[--count]!;
    while (count > 0) root = this.#join(this.#pairs[--count]!, root);
    return root;
  }

  #grow(): void {
    const larger = new Int32Array(2 * this.#pairs.length);
    larger.set(this.#pairs);
    this.#pairs = larger;
  }
}

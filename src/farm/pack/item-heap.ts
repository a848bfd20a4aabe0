// A heap of items by an order that is handed in: the first one is at hand, any one can be moved when its order has changed.

/** Below zero where `a` goes before `b`; never zero for two different items. */
export type ItemOrder = (a: number, b: number) => number;

/** Binary heap of item numbers. Heaps that share `places` hold disjoint items. */
export class ItemHeap {
  readonly items: number[] = [];
  readonly #order: ItemOrder;
  readonly #places: Int32Array;

  /** @param places for each item where in its heap it stands */
  constructor(order: ItemOrder, places: Int32Array) {
    this.#order = order;
    this.#places = places;
  }

  get size(): number {
    return this.items.length;
  }

  /** The one that goes first; -1 where there is none. */
  get first(): number {
    return this.items.length === 0 ? -1 : this.items[0]!;
  }

  add(item: number): void {
    this.items.push(item);
    this.#up(this.items.length - 1, item);
  }

  takeFirst(): number {
    const first = this.items[0]!;
    const last = this.items.pop()!;
    if (this.items.length > 0) this.#down(0, last);
    return first;
  }

  /** The item goes earlier than it did. */
  moveForward(item: number): void {
    this.#up(this.#places[item]!, item);
  }

  #up(from: number, item: number): void {
    const items = this.items;
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const other = items[parent]!;
      if (this.#order(item, other) > 0) break;
      items[at] = other;
      this.#places[other] = at;
      at = parent;
    }
    items[at] = item;
    this.#places[item] = at;
  }

  #down(from: number, item: number): void {
    const items = this.items;
    const size = items.length;
    let at = from;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      if (child + 1 < size && this.#order(items[child + 1]!, items[child]!) < 0) child++;
      const other = items[child]!;
      if (this.#order(item, other) < 0) break;
      items[at] = other;
      this.#places[other] = at;
      at = child;
    }
    items[at] = item;
    this.#places[item] = at;
  }
}

// Events of two kinds that come in the same order, one of the first before one of the second: who belongs to whom.

/** Events that wait for their other half. */
const MOST_WAITING = 4_096;

interface Waiting<Item> {
  readonly item: Item;
  readonly atUs: number;
}

/** What may lie between the two, microseconds: both clocks' error before, and how long the second may take. */
export interface PairLimits {
  readonly slackUs: number;
  readonly longestUs: number;
}

export class PairInOrder<First, Second> {
  readonly #limits: PairLimits;
  readonly #onPair: (first: First, second: Second, gapUs: number) => void;
  readonly #firsts: Waiting<First>[] = [];
  readonly #seconds: Waiting<Second>[] = [];

  constructor(limits: PairLimits, onPair: (first: First, second: Second, gapUs: number) => void) {
    this.#limits = limits;
    this.#onPair = onPair;
  }

  first(item: First, atUs: number): void {
    add(this.#firsts, { item, atUs });
    this.#pair();
  }

  second(item: Second, atUs: number): void {
    add(this.#seconds, { item, atUs });
    this.#pair();
  }

  /** A second one that is before the first has none; a first one whose second is too far away lost its own. */
  #pair(): void {
    const { slackUs, longestUs } = this.#limits;
    while (this.#firsts.length > 0 && this.#seconds.length > 0) {
      const [first, second] = [this.#firsts[0]!, this.#seconds[0]!];
      const gapUs = second.atUs - first.atUs;
      if (gapUs > longestUs) this.#firsts.shift();
      else {
        this.#seconds.shift();
        if (gapUs < -slackUs) continue;
        this.#firsts.shift();
        this.#onPair(first.item, second.item, gapUs);
      }
    }
  }
}

function add<Item>(queue: Waiting<Item>[], waiting: Waiting<Item>): void {
  queue.push(waiting);
  if (queue.length > MOST_WAITING) queue.shift();
}

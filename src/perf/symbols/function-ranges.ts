// Ranges of addresses that overlap, made into ranges that don't: at each address the one with the highest rank is left.

/** Ranges [start, end) by their position; a higher rank hides a lower one. */
export interface Ranges {
  readonly start: Float64Array;
  readonly end: Float64Array;
  readonly rank: Float64Array;
}

/** Ascending and apart. */
export class FunctionRanges {
  readonly start: Float64Array;
  readonly end: Float64Array;
  /** Position in the ranges that were given. */
  readonly owner: Uint32Array;

  /** @param order their positions by ascending start */
  constructor(ranges: Ranges, order = orderByStart(ranges.start)) {
    const { count, start, end, owner } = disjoint(ranges, order);
    this.start = start.slice(0, count);
    this.end = end.slice(0, count);
    this.owner = owner.slice(0, count);
  }

  get length(): number {
    return this.start.length;
  }

  /** The piece that holds an address; -1 where none does. */
  at(address: number): number {
    let low = 0;
    let high = this.start.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.start[middle]! <= address) low = middle + 1;
      else high = middle;
    }
    const piece = low - 1;
    return piece >= 0 && address < this.end[piece]! ? piece : -1;
  }
}

/** The first `count` rows. */
interface Pieces {
  count: number;
  readonly start: Float64Array;
  readonly end: Float64Array;
  readonly owner: Uint32Array;
}

/** A sweep over the starts with those that are open in a heap by rank; n log n in the number of ranges. */
function disjoint({ start, end, rank }: Ranges, order: Uint32Array): Pieces {
  // A piece ends where a range does or before the next one begins.
  const most = start.length * 2;
  const pieces: Pieces = {
    count: 0,
    start: new Float64Array(most),
    end: new Float64Array(most),
    owner: new Uint32Array(most),
  };
  const open: number[] = [];
  let reached = Number.NEGATIVE_INFINITY;

  const emitUntil = (until: number): void => {
    while (open.length > 0 && reached < until) {
      const top = open[0]!;
      if (end[top]! <= reached) {
        popHeap(open, rank);
        continue;
      }
      const to = Math.min(end[top]!, until);
      const last = pieces.count - 1;
      if (last >= 0 && pieces.owner[last] === top && pieces.end[last] === reached) pieces.end[last] = to;
      else {
        pieces.start[pieces.count] = reached;
        pieces.end[pieces.count] = to;
        pieces.owner[pieces.count] = top;
        pieces.count++;
      }
      reached = to;
    }
    reached = until;
  };

  for (const range of order) {
    if (!(end[range]! > start[range]!)) continue;
    emitUntil(start[range]!);
    pushHeap(open, range, rank);
  }
  emitUntil(Number.POSITIVE_INFINITY);
  return pieces;
}

const DIGIT_BITS = 11;
const DIGITS = 1 << DIGIT_BITS;

/** Positions by ascending start, equal ones as they came. Within 4 GiB by a radix sort, several times faster than one that compares. */
export function orderByStart(start: Float64Array): Uint32Array {
  const count = start.length;
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < count; i++) {
    least = Math.min(least, start[i]!);
    most = Math.max(most, start[i]!);
  }
  let order = new Uint32Array(count);
  for (let i = 0; i < count; i++) order[i] = i;
  if (most - least >= 2 ** 32) return order.sort((a, b) => start[a]! - start[b]! || a - b);
  const distance = new Uint32Array(count);
  for (let i = 0; i < count; i++) distance[i] = start[i]! - least;
  let sorted = new Uint32Array(count);
  const next = new Uint32Array(DIGITS + 1);
  for (let shift = 0; shift < 32 && (most - least) / 2 ** shift >= 1; shift += DIGIT_BITS) {
    next.fill(0);
    for (let i = 0; i < count; i++) next[((distance[i]! >>> shift) & (DIGITS - 1)) + 1]!++;
    for (let digit = 1; digit < DIGITS; digit++) next[digit]! += next[digit - 1]!;
    for (let i = 0; i < count; i++) {
      const position = order[i]!;
      sorted[next[(distance[position]! >>> shift) & (DIGITS - 1)]!++] = position;
    }
    [order, sorted] = [sorted, order];
  }
  return order;
}

function pushHeap(heap: number[], item: number, rank: Float64Array): void {
  let at = heap.push(item) - 1;
  while (at > 0) {
    const above = (at - 1) >> 1;
    if (rank[heap[above]!]! >= rank[item]!) break;
    heap[at] = heap[above]!;
    at = above;
  }
  heap[at] = item;
}

function popHeap(heap: number[], rank: Float64Array): void {
  const item = heap.pop()!;
  if (heap.length === 0) return;
  let at = 0;
  for (;;) {
    let below = 2 * at + 1;
    if (below >= heap.length) break;
    if (below + 1 < heap.length && rank[heap[below + 1]!]! > rank[heap[below]!]!) below++;
    if (rank[heap[below]!]! <= rank[item]!) break;
    heap[at] = heap[below]!;
    at = below;
  }
  heap[at] = item;
}

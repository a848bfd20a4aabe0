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

  constructor(ranges: Ranges) {
    const pieces = disjoint(ranges);
    this.start = Float64Array.from(pieces.start);
    this.end = Float64Array.from(pieces.end);
    this.owner = Uint32Array.from(pieces.owner);
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

interface Pieces {
  readonly start: number[];
  readonly end: number[];
  readonly owner: number[];
}

/** A sweep over the starts with those that are open in a heap by rank; n log n in the number of ranges. */
function disjoint({ start, end, rank }: Ranges): Pieces {
  const pieces: Pieces = { start: [], end: [], owner: [] };
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
      const last = pieces.owner.length - 1;
      if (last >= 0 && pieces.owner[last] === top && pieces.end[last] === reached) pieces.end[last] = to;
      else {
        pieces.start.push(reached);
        pieces.end.push(to);
        pieces.owner.push(top);
      }
      reached = to;
    }
    reached = until;
  };

  for (const range of orderByStart(start)) {
    if (!(end[range]! > start[range]!)) continue;
    emitUntil(start[range]!);
    pushHeap(open, range, rank);
  }
  emitUntil(Number.POSITIVE_INFINITY);
  return pieces;
}

/** Positions by ascending start. Where it can be, start and position are packed into one number: that sorts several times faster. */
export function orderByStart(start: Float64Array): Uint32Array {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const value of start) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  const count = start.length;
  if (count > 0 && (most - least + 1) * count < Number.MAX_SAFE_INTEGER / 2) {
    const packed = start.map((value, position) => (value - least) * count + position).sort();
    const order = new Uint32Array(count);
    // The quotient's error is below 1 / count there; % of big numbers is slow.
    for (let i = 0; i < count; i++) order[i] = packed[i]! - Math.floor(packed[i]! / count) * count;
    return order;
  }
  return Uint32Array.from(start.keys()).sort((a, b) => start[a]! - start[b]! || a - b);
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

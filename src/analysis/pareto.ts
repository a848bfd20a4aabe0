// The Pareto front of two metrics: the choices to which no other is as good in both and better in one.

export type Direction = 'higher' | 'lower';

/** Which way is better in each of two metrics. */
export interface Directions {
  readonly x: Direction;
  readonly y: Direction;
}

/**
 * Which points are on the front. Equal points are on it together. A point without a finite number in both is not on it, and
 * dominates none.
 * @returns 1 for each point on the front
 */
export function paretoFront(x: ArrayLike<number>, y: ArrayLike<number>, better: Directions): Uint8Array {
  const onFront = new Uint8Array(x.length);
  let last = -1;
  // Past all points of better x one is on the front if its y beats theirs, or if it equals the last one that did.
  for (const i of bestFirst(x, y, better)) {
    if (last === -1 || (better.y === 'higher' ? y[i]! > y[last]! : y[i]! < y[last]!)) last = i;
    else if (x[i] !== x[last] || y[i] !== y[last]) continue;
    onFront[i] = 1;
  }
  return onFront;
}

/**
 * Positions of the points that may be on the front, the best x first, of equal x the best y first. Most of the others are left out before
 * anything is sorted: those to which a whole slice of better x has a y that is as good.
 */
function bestFirst(x: ArrayLike<number>, y: ArrayLike<number>, better: Directions): Uint32Array {
  const towardsX = better.x === 'higher' ? -1 : 1;
  const towardsY = better.y === 'higher' ? -1 : 1;
  const known = new Uint32Array(x.length);
  let count = 0;
  let [least, most] = [Infinity, -Infinity];
  for (let i = 0; i < x.length; i++) {
    const at = towardsX * x[i]!;
    if (!Number.isFinite(at) || !Number.isFinite(y[i]!)) continue;
    known[count++] = i;
    if (at < least) least = at;
    if (at > most) most = at;
  }
  const order = count > FEW && most > least ? withoutBeaten(known.subarray(0, count), x, y) : known.subarray(0, count);
  return order.sort((a, b) => towardsX * (x[a]! - x[b]!) || towardsY * (y[a]! - y[b]!));

  function withoutBeaten(points: Uint32Array, ofX: ArrayLike<number>, ofY: ArrayLike<number>): Uint32Array {
    const factor = (SLICES - 1) / (most - least);
    const slice = (i: number) => Math.floor((towardsX * ofX[i]! - least) * factor);
    // Of each slice, then of all slices before it, the best y: the least, turned so that less is better.
    const best = new Float64Array(SLICES + 1).fill(Infinity);
    for (const i of points) best[slice(i) + 1] = Math.min(best[slice(i) + 1]!, towardsY * ofY[i]!);
    for (let k = 1; k <= SLICES; k++) best[k] = Math.min(best[k]!, best[k - 1]!);
    return points.filter((i) => towardsY * ofY[i]! < best[slice(i)]!);
  }
}

/** Fewer points are sorted as they are. */
const FEW = 256;
const SLICES = 1024;

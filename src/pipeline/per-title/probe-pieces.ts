// Which pieces of a source stand for the whole of it in probe encodes.

import type { CheckedSource } from '#core/source-check';

/** First and last frame, both included. */
export type Piece = readonly [first: number, last: number];

const PIECES = 4;
/** Places in a part of the source that are looked at. */
const PLACES = 64;

/**
 * One piece from each quarter of the source, each the one that is most like its quarter: as detailed, and as busy. A source that is
 * hardly longer than they are is taken whole.
 * @param length frames of a piece
 */
export function probePieces({ frames }: CheckedSource, length: number): Piece[] {
  const count = frames.pts.length;
  if (count <= 2 * PIECES * length) return [[0, count - 1]];
  const spatial = sums(frames.spatial);
  const temporal = sums(frames.temporal);
  const pieces: Piece[] = [];
  for (let part = 0; part < PIECES; part++) {
    const from = Math.floor((part * count) / PIECES);
    const to = Math.floor(((part + 1) * count) / PIECES);
    const oddity = (first: number) =>
      difference(spatial, first, first + length, from, to) + difference(temporal, first, first + length, from, to);
    const step = Math.max(1, Math.floor((to - from - length) / PLACES));
    let best = from;
    for (let first = from + step; first + length <= to; first += step) if (oddity(first) < oddity(best)) best = first;
    pieces.push([best, best + length - 1]);
  }
  return pieces;
}

/** Sums of all values before each place. */
function sums(values: Float32Array): Float64Array {
  const sum = new Float64Array(values.length + 1);
  for (let i = 0; i < values.length; i++) sum[i + 1] = sum[i]! + values[i]!;
  return sum;
}

/** Between the means of two stretches, as a share of the second's. */
function difference(sum: Float64Array, from: number, to: number, wholeFrom: number, wholeTo: number): number {
  const mean = (sum[to]! - sum[from]!) / (to - from);
  const whole = (sum[wholeTo]! - sum[wholeFrom]!) / (wholeTo - wholeFrom);
  return Math.abs(mean - whole) / Math.max(whole, 1e-9);
}

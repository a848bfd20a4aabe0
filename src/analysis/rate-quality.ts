// A rate-quality curve: what quality an encoder reaches at which rate, as points.

import { formatNumber, formatQuantity } from '#core/format-quantity';

export interface RatePoint {
  /** bit/s. */
  readonly rate: number;
  /** Of any metric that is better when it is higher. */
  readonly quality: number;
}

/** Points of one encoder with one set of settings, in any order. */
export type RateQuality = readonly RatePoint[];

/** Fewer points say too little of a curve's course. */
export const FEWEST_POINTS = 4;

/** A copy in the order of the rate; points of one rate in the order of their quality. */
export function byRate<Point extends RatePoint>(points: readonly Point[]): Point[] {
  return points.toSorted((a, b) => a.rate - b.rate || a.quality - b.quality);
}

/**
 * Why points can't be taken for a rate-quality curve, in words; null where they can: four or more, all finite, and quality rises
 * strictly with the rate.
 */
export function unfitness(points: RateQuality): string | null {
  const odd = points.find(({ rate, quality }) => !(rate > 0) || !Number.isFinite(rate) || !Number.isFinite(quality));
  if (odd !== undefined) return `it has a point without a rate or a quality (${pointText(odd)})`;
  if (points.length < FEWEST_POINTS)
    return `it has ${points.length} ${points.length === 1 ? 'point' : 'points'}, and at least ${FEWEST_POINTS} are needed`;
  const sorted = byRate(points);
  for (const [i, point] of sorted.entries()) {
    const before = sorted[i - 1];
    if (before === undefined) continue;
    if (point.rate === before.rate)
      return `two of its points have the same rate, ${formatQuantity(point.rate, 'bit/s')}`;
    if (point.quality <= before.quality)
      return `its quality ${point.quality < before.quality ? 'falls' : 'stays'} while the rate rises: ${pointText(before)}, then ${pointText(point)}`;
  }
  return null;
}

/**
 * The points on the upper hull of quality over rate (both linear, as in Katsavounidis' Dynamic Optimizer, 2018), in the order of
 * the rate, up to the best quality: quality rises strictly along it.
 */
export function upperHull<Point extends RatePoint>(points: readonly Point[]): Point[] {
  const hull: Point[] = [];
  for (const point of byRate(points)) {
    while (hull.length > 0 && hull.at(-1)!.rate === point.rate) hull.pop();
    while (hull.length > 1 && !turnsRight(hull.at(-2)!, hull.at(-1)!, point)) hull.pop();
    hull.push(point);
  }
  while (hull.length > 1 && hull.at(-1)!.quality <= hull.at(-2)!.quality) hull.pop();
  return hull;
}

/** The middle of three lies above the line between the others. */
function turnsRight(a: RatePoint, b: RatePoint, c: RatePoint): boolean {
  return (b.quality - a.quality) * (c.rate - a.rate) > (c.quality - a.quality) * (b.rate - a.rate);
}

function pointText({ rate, quality }: RatePoint): string {
  return `${formatNumber(quality)} at ${formatQuantity(rate, 'bit/s')}`;
}

// Rungs on the convex hull of probe encodes: at each rate the size that looks best there.

import { pchip, valueAt, type Pchip } from '#analysis/pchip';
import { byRate, upperHull, type RatePoint } from '#analysis/rate-quality';

/** One probe encode of an encoder. */
export interface ProbePoint extends RatePoint {
  /** Lines of the box that the picture was fitted into. */
  readonly height: number;
  readonly crf: number;
}

export interface PlacedRung {
  readonly height: number;
  /** Not rounded. */
  readonly crf: number;
  /** bit/s. */
  readonly rate: number;
  /** Of the metric. */
  readonly quality: number;
}

/** A rung that looks better than the one below by less than this (decibels) only costs storage. */
const LEAST_GAIN = 0.25;

/**
 * Rates in equal ratios from the lowest to the highest. Those that no probe reaches are left out, and so are rungs that gain
 * nothing: an easy title has fewer.
 */
export function placeRungs(
  points: readonly ProbePoint[],
  count: number,
  [low, high]: readonly [low: number, high: number],
): PlacedRung[] {
  const hull = upperHull(points);
  const curves = [...new Set(hull.map(({ height }) => height))].flatMap((height) => curveOf(points, height));
  const placed: PlacedRung[] = [];
  for (let index = 0; index < count; index++) {
    const rate = count === 1 ? high : low * (high / low) ** (index / (count - 1));
    const best = bestAt(curves, rate);
    const before = placed.at(-1);
    if (best !== null && (before === undefined || best.quality >= before.quality + LEAST_GAIN)) placed.push(best);
  }
  // Not even the cheapest probe is as cheap as it should be, or the best lies below: the hull's own ends are what there is.
  if (placed.length === 0 && hull.length > 0) {
    const end = hull[0]!.rate > high ? hull[0]! : hull.at(-1)!;
    placed.push({ height: end.height, crf: end.crf, rate: end.rate, quality: end.quality });
  }
  return placed;
}

/** Rates nearer to each other are one: a curve can't be laid through both. */
const APART = 1.001;

interface Curve {
  readonly height: number;
  /** Over the logarithm of the rate. */
  readonly quality: Pchip;
  readonly crf: Pchip;
}

/** None where a height has too few points for a curve. */
function curveOf(points: readonly ProbePoint[], height: number): Curve[] {
  const own = byRate(points.filter((point) => point.height === height)).filter(
    (point, index, all) => index === 0 || point.rate > APART * all[index - 1]!.rate,
  );
  if (own.length < 2) return [];
  const logs = own.map(({ rate }) => Math.log(rate));
  return [
    {
      height,
      quality: pchip(
        logs,
        own.map(({ quality }) => quality),
      ),
      crf: pchip(
        logs,
        own.map(({ crf }) => crf),
      ),
    },
  ];
}

function bestAt(curves: readonly Curve[], rate: number): PlacedRung | null {
  const log = Math.log(rate);
  let best: PlacedRung | null = null;
  for (const { height, quality, crf } of curves) {
    const value = valueAt(quality, log);
    if (Number.isNaN(value) || (best !== null && value <= best.quality)) continue;
    best = { height, crf: valueAt(crf, log), rate, quality: value };
  }
  return best;
}

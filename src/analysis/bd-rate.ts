// BD-rate: how many more or fewer bits one encoder needs than another for the same quality, over the range that both reach.

import { formatNumber, formatQuantity } from '#core/format-quantity';
import { areaBetween, pchip } from './pchip.ts';
import { byRate, unfitness, upperHull, type RateQuality } from './rate-quality.ts';

export interface BdOptions {
  /** Only the points on each curve's upper hull count: what a ladder would choose of them. */
  readonly hull?: boolean | undefined;
}

/** Where a mean was taken: the range that both curves reach, and the share of each curve's own range that it is. */
export interface Overlap {
  readonly low: number;
  readonly high: number;
  /** 0 to 1. Far below 1 the mean tells little of the whole curve. */
  readonly coverage: { readonly reference: number; readonly test: number };
}

export interface BdResult extends Overlap {
  readonly ok: true;
  /** Rate: a share, -0.12 for 12 % fewer bits. Quality: in the metric's unit, 0.4 for 0.4 dB more. */
  readonly value: number;
}

export interface BdRefusal {
  readonly ok: false;
  /** A sentence: which curve, which points. */
  readonly reason: string;
}

/**
 * Mean difference of rate at the same quality: PCHIP of the logarithm of the rate over quality, integrated exactly over the
 * qualities that both curves reach. Bjøntegaard (VCEG-M33, 2001) with the interpolation that JCT-VC took up later
 * (JCTVC-L1100), as Netflix's and JVET's references have it.
 * @returns `value` as a share: -0.12 where the test needs 12 % fewer bits than the reference
 */
export function bdRate(reference: RateQuality, test: RateQuality, options: BdOptions = {}): BdResult | BdRefusal {
  const curves = fitCurves(reference, test, options);
  if (!curves.ok) return curves;
  const mean = meanDifference(
    { x: curves.reference.map(({ quality }) => quality), y: curves.reference.map(({ rate }) => Math.log(rate)) },
    { x: curves.test.map(({ quality }) => quality), y: curves.test.map(({ rate }) => Math.log(rate)) },
  );
  if (!mean.ok) return noOverlap('qualities', mean.ranges, formatNumber);
  return { ...mean, value: Math.expm1(mean.value) };
}

/**
 * Mean difference of quality at the same rate, in the metric's unit (BD-PSNR where it is PSNR). `low` and `high` are rates in
 * bit/s, `coverage` is of the logarithm of the rate.
 */
export function bdQuality(reference: RateQuality, test: RateQuality, options: BdOptions = {}): BdResult | BdRefusal {
  const curves = fitCurves(reference, test, options);
  if (!curves.ok) return curves;
  const mean = meanDifference(
    { x: curves.reference.map(({ rate }) => Math.log(rate)), y: curves.reference.map(({ quality }) => quality) },
    { x: curves.test.map(({ rate }) => Math.log(rate)), y: curves.test.map(({ quality }) => quality) },
  );
  if (!mean.ok) return noOverlap('rates', mean.ranges, (log) => formatQuantity(Math.round(Math.exp(log)), 'bit/s'));
  return { ...mean, low: Math.exp(mean.low), high: Math.exp(mean.high) };
}

/** Places, strictly ascending, and heights there. */
export interface Samples {
  readonly x: readonly number[];
  readonly y: readonly number[];
}

type Ranges = readonly (readonly [low: number, high: number])[];

/** Mean of `test` minus `reference` between the places that both reach, both as PCHIP curves of two points or more. */
export function meanDifference(
  reference: Samples,
  test: Samples,
): BdResult | { readonly ok: false; readonly ranges: Ranges } {
  const ranges = [reference, test].map(({ x }) => [x[0]!, x.at(-1)!] as const);
  const low = Math.max(...ranges.map((range) => range[0]));
  const high = Math.min(...ranges.map((range) => range[1]));
  if (!(high > low)) return { ok: false, ranges };
  const [ofReference, ofTest] = ranges.map((range) => (high - low) / (range[1] - range[0]));
  const area = ({ x, y }: Samples) => areaBetween(pchip(x, y), low, high);
  return {
    ok: true,
    value: (area(test) - area(reference)) / (high - low),
    low,
    high,
    coverage: { reference: ofReference!, test: ofTest! },
  };
}

/** Both in the order of the rate, or why one of them is no curve. */
function fitCurves(
  reference: RateQuality,
  test: RateQuality,
  { hull = false }: BdOptions,
): BdRefusal | { readonly ok: true; readonly reference: RateQuality; readonly test: RateQuality } {
  const curves = { reference: hull ? upperHull(reference) : reference, test: hull ? upperHull(test) : test };
  const onHull = hull ? ' on its hull' : '';
  for (const [name, points] of [
    ['the reference', curves.reference],
    ['this curve', curves.test],
  ] as const) {
    const why = unfitness(points);
    if (why !== null) return { ok: false, reason: `${name} can't be compared${onHull}: ${why}` };
  }
  return { ok: true, reference: byRate(curves.reference), test: byRate(curves.test) };
}

function noOverlap(what: string, ranges: Ranges, format: (value: number) => string): BdRefusal {
  const [reference, test] = ranges.map(([low, high]) => `${format(low)} to ${format(high)}`);
  return {
    ok: false,
    reason: `the curves have no ${what} in common: the reference reaches ${reference}, this curve ${test}`,
  };
}

// How far the repeats of a cell spread, in words: half of the median's interval, where that is lopsided both its ends, or of few repeats their range.

import { LEAST_OF_INTERVAL } from '#analysis/median-interval';
import { displayUnit, formatNumber, formatQuantity } from '#core/format-quantity';
import type { Unit } from '#core/metric';
import { isRatioScale, leastDifference } from '../findings/headline-metrics.ts';

export interface Spread {
  /** Repeats. */
  readonly count: number;
  readonly median: number;
  /** 95 % interval of the median, of fewer than LEAST_OF_INTERVAL repeats their range; null or NaN for a single value. */
  readonly interval: readonly [low: number, high: number] | null;
}

/** What was measured: its name and unit say whether differences are shares of it. */
interface Measured {
  readonly name: string;
  readonly unit: Unit;
}

/**
 * `±2.1 %`; of decibels, scores and what may be 0 `±0.25 dB`; of fewer than 6 repeats, and where the median does not lie in the middle, `148 to 154 frame/s`.
 * Null where there is no spread to tell.
 */
export function spreadText({ count, median, interval }: Spread, measured: Measured): string | null {
  if (interval === null || !Number.isFinite(interval[0])) return null;
  const [low, high] = interval;
  if (count < LEAST_OF_INTERVAL) return rangeText(low, high, measured.unit);
  const half = (high - low) / 2;
  if (half === 0) return '±0';
  // Its other fields do not matter for the scale.
  const metric = { ...measured, better: null, values: NO_VALUES };
  const isRatio = isRatioScale(metric, low);
  const offset = Math.abs((low + high) / 2 - median);
  const isLopsided =
    offset > LOPSIDED * half && (isRatio ? offset / median : offset) > leastDifference(metric, isRatio);
  const ends = isLopsided ? rangeText(low, high, measured.unit) : null;
  if (ends !== null) return ends;
  return isRatio ? `±${shareText(half / median)}` : `±${quantityText(half, measured.unit)}`;
}

const NO_VALUES = new Float64Array(0);

/** The share of `±` by which its ends may be wrong. */
const LOPSIDED = 0.2;

/** `151 frame/s ±2.1 %`, `151 frame/s (148 to 154)`: a median as it is written, and its spread behind it. */
export function withSpread(median: string, spread: Spread, measured: Measured): string {
  const text = spreadText(spread, measured);
  if (text === null) return median;
  if (text.startsWith('±')) return `${median} ${text}`;
  // Where the ends have a unit each, both stay.
  return `${median} (${/^[^ ]+ to /.test(text) ? withoutUnit(text, unitOf(median)) : text})`;
}

/** `148 to 154 frame/s`, both ends in the unit of the larger one; null where they are written alike. */
function rangeText(low: number, high: number, unit: Unit): string | null {
  const [from, to] = [quantityText(low, unit), quantityText(high, unit)];
  if (from === to) return null;
  const [fromUnit, toUnit] = [unitOf(from), unitOf(to)];
  if (fromUnit === toUnit) return `${withoutUnit(from, toUnit)} to ${to}`;
  const { name, divisor } = displayUnit(unit, Math.max(Math.abs(low), Math.abs(high)));
  // Minutes have two units, and of ends a thousand times apart one would lose its digits.
  if (fromUnit === '' || toUnit === '' || isTooSmall(low / divisor) || isTooSmall(high / divisor))
    return `${from} to ${to}`;
  return `${formatNumber(low / divisor)} to ${formatNumber(high / divisor)} ${name}`;
}

function isTooSmall(value: number): boolean {
  return value !== 0 && Math.abs(value) < 0.001;
}

/** ` frame/s` of `151 frame/s`; empty of a plain number, and of `1 min 29 s`, which has two. */
function unitOf(quantity: string): string {
  return /^[^ ]+( \D+)$/.exec(quantity)?.[1] ?? '';
}

function withoutUnit(quantity: string, unit: string): string {
  return unit !== '' && quantity.endsWith(unit) ? quantity.slice(0, -unit.length) : quantity;
}

/** Differences of quality are small: of decibels two decimals. */
function quantityText(value: number, unit: Unit): string {
  return unit === 'dB' ? `${value.toFixed(2).replace('-', '−')} dB` : formatQuantity(value, unit);
}

function shareText(share: number): string {
  return share < 0.0005 ? '0 %' : `${share >= 0.0995 ? (share * 100).toFixed(0) : (share * 100).toPrecision(2)} %`;
}

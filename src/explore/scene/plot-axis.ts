// Axes of a plot: whether values are numbers or names, where its ticks stand, and which of them have room.

import { displayUnit, type DisplayUnit } from '#core/format-quantity';
import type { Unit } from '#core/metric';
import { niceTicks, tickTexts } from './nice-ticks.ts';

export interface Tick {
  readonly at: number;
  readonly text: string;
}

/** An axis of numbers, linear or logarithmic, or one of names in their order. */
export type PlotAxis =
  | {
      readonly kind: 'linear' | 'log';
      readonly label: string;
      readonly low: number;
      readonly high: number;
      readonly ticks: readonly Tick[];
    }
  | { readonly kind: 'names'; readonly label: string; readonly names: readonly string[] };

/** `1`, `0.5`, `400k`, `1.5M`: the number that a value is; NaN where it is a name. */
export function numberOf(text: string): number {
  const [, digits, factor] = /^([+-]?\d+(?:\.\d+)?)([kMG])?$/.exec(text) ?? [];
  return digits === undefined ? NaN : Number(digits) * (FACTORS[factor ?? ''] ?? 1);
}

const FACTORS: Readonly<Record<string, number>> = { k: 1e3, M: 1e6, G: 1e9 };

/**
 * The axis of a property: of numbers where every value is one, logarithmic where they grow by factors.
 * @param values in the file's order
 */
export function propertyAxis(name: string, values: readonly string[]): PlotAxis {
  const numbers = values.map(numberOf);
  const different = new Set(numbers).size === values.length;
  if (values.length < 2 || !different || numbers.some(Number.isNaN))
    return { kind: 'names', label: name, names: values };
  const ticks = numbers.map((at, i) => ({ at, text: values[i]! })).toSorted((a, b) => a.at - b.at);
  const sorted = ticks.map(({ at }) => at);
  const kind = isGeometric(sorted) ? 'log' : 'linear';
  return {
    kind,
    label: name,
    ...widened(sorted[0]!, sorted.at(-1)!, kind, sorted.length > MANY_VALUES ? 0.02 : 0.08),
    ticks,
  };
}

/** 1, 2, 4, 8 and not 1, 2, 3, 4: steps are more alike as factors than as differences, and reach far. */
export function isGeometric(sorted: readonly number[]): boolean {
  if (sorted.length < 3 || !(sorted[0]! > 0) || sorted.at(-1)! / sorted[0]! < 4) return false;
  const spread = (steps: readonly number[]) => Math.max(...steps) / Math.min(...steps);
  const pairs = sorted.slice(1).map((value, i) => [sorted[i]!, value] as const);
  return spread(pairs.map(([a, b]) => Math.log(b / a))) < spread(pairs.map(([a, b]) => b - a));
}

/** The axis of a measured value in the unit that fits it, from zero where zero is near. */
export function valueAxis(name: string, stored: Unit, values: Iterable<number>, heightPx: number): PlotAxis {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (!(high >= low)) [low, high] = [0, 1];
  const unit = displayUnit(stored, Math.max(Math.abs(low), Math.abs(high)));
  const room = (high - low) * 0.06 || Math.abs(high) * 0.05 || 1;
  const bottom = low >= 0 && low < 0.55 * high ? 0 : low - room;
  const range = { low: bottom, high: high + room };
  const at = niceTicks(range.low / unit.divisor, range.high / unit.divisor, heightPx / PX_A_TICK);
  const texts = tickTexts(at);
  const ticks = at.map((tick, i) => ({ at: tick * unit.divisor, text: texts[i]! }));
  return { kind: 'linear', label: withUnit(name, unit), ...range, ticks };
}

/** The axis of a rate: logarithmic, with ticks at 1, 2 and 5 of each power of ten. */
export function rateAxis(name: string, stored: Unit, low: number, high: number): PlotAxis {
  const range = widened(low, high, 'log');
  const unit = displayUnit(stored, Math.sqrt(range.low * range.high));
  const ticks: Tick[] = [];
  for (let power = Math.floor(Math.log10(range.low)); 10 ** power <= range.high; power++) {
    for (const factor of [1, 2, 5]) {
      const at = Number((factor * 10 ** power).toPrecision(3));
      if (at >= range.low && at <= range.high)
        ticks.push({ at, text: String(Number((at / unit.divisor).toPrecision(3))) });
    }
  }
  if (ticks.length >= FEWEST_TICKS) return { kind: 'log', label: withUnit(name, unit), ...range, ticks };
  // 1, 2 and 5 are too far from each other for a short range: round numbers in even steps.
  const at = niceTicks(range.low / unit.divisor, range.high / unit.divisor, EVEN_TICKS);
  const texts = tickTexts(at);
  const even = at.map((tick, i) => ({ at: tick * unit.divisor, text: texts[i]! }));
  return { kind: 'log', label: withUnit(name, unit), ...range, ticks: even };
}

/** Ticks that have room beside each other; the first one always has. */
export function roomyTicks(axis: Exclude<PlotAxis, { kind: 'names' }>, widthPx: number): readonly Tick[] {
  const scale = (at: number) =>
    axis.kind === 'log'
      ? Math.log(at / axis.low) / Math.log(axis.high / axis.low)
      : (at - axis.low) / (axis.high - axis.low);
  let free = -Infinity;
  return axis.ticks.filter(({ at, text }) => {
    const half = textWidth(text) / 2;
    const middle = scale(at) * widthPx;
    if (middle - half < free) return false;
    free = middle + half + GAP_PX;
    return true;
  });
}

/** Width of a text in the size that axes have, about. */
export function textWidth(text: string): number {
  return text.length * CHARACTER_PX;
}

/** With more values than this the first and the last may stand near the frame. */
const MANY_VALUES = 12;
/** Fewer ticks than these do not tell a logarithmic axis. */
const FEWEST_TICKS = 3;
const EVEN_TICKS = 5;
/** Room between two ticks of an upright axis. */
const PX_A_TICK = 48;
const CHARACTER_PX = 6.4;
const GAP_PX = 8;

/** @param room share of the range that is left free on either side */
function widened(low: number, high: number, kind: 'linear' | 'log', room = 0.04): { low: number; high: number } {
  if (kind === 'log') {
    const factor = high > low ? (high / low) ** room : 1.5;
    return { low: low / factor, high: high * factor };
  }
  const free = (high - low) * room || 1;
  return { low: low - free, high: high + free };
}

function withUnit(name: string, unit: DisplayUnit): string {
  return unit.name === '' ? name : `${name}, ${unit.name}`;
}

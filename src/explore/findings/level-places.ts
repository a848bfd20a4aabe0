// Where the values of a setting lie along a line: numbers, and names whose order is known.

import type { Factor } from './study.ts';

/** Names in the order in which encoders have them, the fastest first. */
const KNOWN_ORDERS: readonly (readonly string[])[] = [
  ['ultrafast', 'superfast', 'veryfast', 'faster', 'fast', 'medium', 'slow', 'slower', 'veryslow', 'placebo'],
  ['p1', 'p2', 'p3', 'p4', 'p5', 'p6', 'p7'],
];
/** Numbers above 0 that span more than this are taken by their logarithm. */
const LOGARITHM_FROM = 4;

export interface LevelPlaces {
  /** Levels in order; those without a place are not in it. */
  readonly order: Int32Array;
  /** Of each of them its place: the number, its logarithm, or its position among known names. */
  readonly places: Float64Array;
}

/** Null where the values have no order that is known. */
export function levelPlaces({ levels, numbers }: Factor): LevelPlaces | null {
  const raw = numbers ?? rankOf(levels);
  if (raw === null) return null;
  const order = Int32Array.from(levels.keys())
    .filter((level) => !Number.isNaN(raw[level]!))
    .sort((a, b) => raw[a]! - raw[b]!);
  if (order.length < 2) return null;
  const lowest = raw[order[0]!]!;
  const highest = raw[order.at(-1)!]!;
  const byLogarithm = numbers !== null && lowest > 0 && highest >= LOGARITHM_FROM * lowest;
  return { order, places: Float64Array.from(order, (level) => (byLogarithm ? Math.log(raw[level]!) : raw[level]!)) };
}

function rankOf(levels: Factor['levels']): Float64Array | null {
  const order = KNOWN_ORDERS.find((names) => levels.every((level) => level === null || names.includes(level)));
  if (order === undefined) return null;
  return Float64Array.from(levels, (level) => (level === null ? NaN : order.indexOf(level)));
}

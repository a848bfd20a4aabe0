// In which order the values of a property stand, and which numbers they are.

import { numberOf } from '../scene/plot-axis.ts';

export interface OrderedValues {
  readonly values: readonly string[];
  /** Null where no value is a number. */
  readonly numbers: Float64Array | null;
  /** Of each value as it was given, where it stands now. */
  readonly positions: Int32Array;
}

/**
 * Numbers first, ascending; pictures by their pixels, amounts of one unit by their size; names in the order of the file, those it
 * does not know behind, as they were given.
 * @param given each once, in the order in which they were seen
 * @param known names in the order of the benchmark's file
 */
export function orderValues(given: readonly string[], known: readonly string[]): OrderedValues {
  const numbers = given.map(numberOf);
  const sizes = given.map((text, i) => (Number.isNaN(numbers[i]!) ? sizeOf(text) : { size: numbers[i]!, unit: '' }));
  const units = new Set(sizes.filter((one) => one !== null).map(({ unit }) => unit));
  // Sizes of two kinds stand in no order: then they are names.
  const size = sizes.map((one) => (one === null || (one.unit !== '' && units.size > 1) ? NaN : one.size));
  const place = new Map(known.map((name, position) => [name, position]));
  const rank = (i: number) => place.get(given[i]!) ?? known.length + i;
  const order = given
    .map((_, i) => i)
    .toSorted((a, b) => {
      const isSize = Number(Number.isNaN(size[a]!)) - Number(Number.isNaN(size[b]!));
      if (isSize !== 0) return isSize;
      return Number.isNaN(size[a]!) ? rank(a) - rank(b) : size[a]! - size[b]! || rank(a) - rank(b);
    });
  const positions = new Int32Array(given.length);
  for (const [position, i] of order.entries()) positions[i] = position;
  return {
    values: order.map((i) => given[i]!),
    numbers: numbers.every(Number.isNaN) ? null : Float64Array.from(order, (i) => numbers[i]!),
    positions,
  };
}

/** `1280x720` by its pixels, `20ms` by its number, `0..191` by where it begins. */
function sizeOf(text: string): { readonly size: number; readonly unit: string } | null {
  const [, width, height] = /^(\d+)x(\d+)$/.exec(text) ?? [];
  if (width !== undefined) return { size: Number(width) * Number(height), unit: 'x' };
  const [, from] = /^(-?\d+(?:\.\d+)?)\.\.-?\d+/.exec(text) ?? [];
  if (from !== undefined) return { size: Number(from), unit: '..' };
  const [, amount, unit] = /^([+-]?\d+(?:\.\d+)?) ?([A-Za-z%µ/]+)$/.exec(text) ?? [];
  return amount === undefined ? null : { size: Number(amount), unit: unit! };
}

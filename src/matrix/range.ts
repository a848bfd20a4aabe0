// Ranges of a matrix: `{from: 1, to: 10, step: 3}` and `{from: 1M, to: 8M, times: 2}`, both ends included.

import type { SettingValue } from '#core/settings';

/** A range counts its values before it makes any: a slip may ask for millions. */
export interface Range {
  readonly count: number;
  /** The value at a position from 0. */
  at(index: number): SettingValue;
}

/** A range, or what is wrong with it and what to do. */
export type RangeResult =
  | { readonly ok: true; readonly range: Range }
  | { readonly ok: false; readonly what: string; readonly todo: string };

interface Quantity {
  readonly value: number;
  /** `M` of `8M`; empty for a bare number. */
  readonly unit: string;
}

const MULTIPLES: Readonly<Record<string, number>> = { '': 1, k: 1e3, K: 1e3, M: 1e6, G: 1e9 };
/** How far past the end a value may lie and still be taken for the end: what adding floating-point steps costs. */
const TOLERANCE = 1e-9;
/** Digits kept, so that 0.1 + 0.2 is written 0.3. */
const DIGITS = 12;

/**
 * Values from `from` to `to`, both included where the steps meet the end.
 * @param by `step` adds, `times` multiplies; a falling range needs a negative step or a factor below 1
 */
export function makeRange(
  from: string | number,
  to: string | number,
  by: { step: string | number } | { times: string | number },
): RangeResult {
  const first = parseQuantity(from);
  const last = parseQuantity(to);
  if (first === null || last === null) {
    const wrong = first === null ? from : to;
    return problem(`a range goes over numbers, and '${wrong}' is none`, 'write a number, or one with k, M or G: 1M');
  }
  const scale = commonScale(first, last);
  if (scale === null)
    return problem(`from has the unit '${first.unit}' and to has '${last.unit}'`, 'use one unit for both');
  const start = scale.of(first);
  const end = scale.of(last);
  return 'step' in by ? stepRange(start, end, by.step, scale) : timesRange(start, end, by.times, scale);
}

function stepRange(start: number, end: number, written: string | number, scale: Scale): RangeResult {
  const quantity = parseQuantity(written);
  if (quantity === null) return problem(`step is '${written}', which is no number`, 'write a number: step: 2');
  if (quantity.unit === '' && scale.units.every((unit) => unit !== ''))
    return problem(`step has no unit while from and to are in ${scale.units[0]}`, `step: ${written}${scale.units[0]}`);
  if (!scale.knows(quantity.unit))
    return problem(`step has the unit '${quantity.unit}'`, `use the unit of from and to: '${scale.units[0]}'`);
  const step = scale.of(quantity);
  if (step === 0) return problem('step is 0: the range would never end', 'write a step other than 0');
  if ((end - start) / step < 0)
    return problem('the step leads away from the end', end < start ? 'write a negative step' : 'write a positive step');
  const count = Math.floor((end - start) / step + TOLERANCE) + 1;
  // Sums of steps stray by a share of the largest of them: near zero that is all that is left.
  const size = Math.max(Math.abs(start), Math.abs(end));
  return counted(count, scale, end, (index) => {
    const value = start + index * step;
    return Math.abs(value) <= TOLERANCE * Math.min(size, Math.abs(step)) ? 0 : value;
  });
}

function timesRange(start: number, end: number, written: string | number, scale: Scale): RangeResult {
  const factor = parseQuantity(written);
  if (factor === null || factor.unit !== '' || factor.value <= 0 || factor.value === 1)
    return problem(`times is '${written}'`, 'write a factor above 0 other than 1: times: 2');
  if (start === 0 || end / start <= 0)
    return problem('a range with times never leaves 0 or its sign', 'begin with another number, or use step');
  const steps = Math.log(end / start) / Math.log(factor.value);
  if (steps < 0)
    return problem(
      'the factor leads away from the end',
      end < start ? 'write a factor below 1' : 'write a factor above 1',
    );
  return counted(Math.floor(steps + TOLERANCE) + 1, scale, end, (index) => start * factor.value ** index);
}

function counted(count: number, scale: Scale, end: number, value: (index: number) => number): RangeResult {
  const at = (index: number): SettingValue => {
    const exact = value(index);
    const close = Math.abs(exact - end) <= TOLERANCE * Math.max(Math.abs(end), Math.abs(exact));
    return scale.write(Number((close ? end : exact).toPrecision(DIGITS)));
  };
  return { ok: true, range: { count, at } };
}

/** How numbers of one range are compared and written: in its one unit, or in plain numbers where units differ. */
interface Scale {
  readonly units: readonly string[];
  knows(unit: string): boolean;
  of(quantity: Quantity): number;
  write(value: number): SettingValue;
}

function commonScale(first: Quantity, last: Quantity): Scale | null {
  const units = [...new Set([first.unit, last.unit])];
  const multiple = MULTIPLES[first.unit];
  const knows = (unit: string) => units.includes(unit) || (multiple !== undefined && unit in MULTIPLES);
  if (units.length === 1) {
    const unit = units[0]!;
    const of = (quantity: Quantity) =>
      quantity.unit === unit ? quantity.value : (quantity.value * MULTIPLES[quantity.unit]!) / multiple!;
    return { units, knows, of, write: (value) => (unit === '' ? value : `${value}${unit}`) };
  }
  if (!units.every((unit) => unit in MULTIPLES)) return null;
  // The largest unit in which a value is at least one, as a person would write it: 500k, 1M, 2M.
  const falling = units.toSorted((a, b) => MULTIPLES[b]! - MULTIPLES[a]!);
  const write = (value: number): SettingValue => {
    const unit = falling.find((candidate) => Math.abs(value) >= MULTIPLES[candidate]!) ?? falling.at(-1)!;
    const shown = Number((value / MULTIPLES[unit]!).toPrecision(DIGITS));
    return unit === '' || shown === 0 ? shown : `${shown}${unit}`;
  };
  return { units, knows, of: (quantity) => quantity.value * MULTIPLES[quantity.unit]!, write };
}

function parseQuantity(written: string | number): Quantity | null {
  if (typeof written === 'number') return Number.isFinite(written) ? { value: written, unit: '' } : null;
  const match = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*([A-Za-z%]*)$/i.exec(written.trim());
  if (match === null) return null;
  const value = Number(match[1]);
  return Number.isFinite(value) ? { value, unit: match[2]! } : null;
}

function problem(what: string, todo: string): RangeResult {
  return { ok: false, what, todo };
}

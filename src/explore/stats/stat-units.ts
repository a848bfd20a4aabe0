// The unit that comes of two: what is added, subtracted or compared is made one unit first; products and ratios have units of their own.

import type { Unit } from '#core/metric';
import { unitConversion } from '#core/same-unit';
import { statError, type Operator, type StatNode } from './stat-expression.ts';

export interface CombinedUnit {
  readonly unit: Unit;
  /** Makes the right value one of the left unit; null where it is taken as it is. */
  readonly convert: ((value: number) => number) | null;
}

const SUMS: ReadonlySet<Operator> = new Set(['+', '-']);
const COMPARISONS: ReadonlySet<Operator> = new Set(['=', '!=', '<', '<=', '>', '>=']);

/**
 * What has no unit is taken in the unit beside it: `frames.bytes > 1000` are 1000 bytes.
 * @throws UserError with the operator's place, where the units are of different things
 */
export function combinedUnit(node: Extract<StatNode, { kind: 'binary' }>, left: Unit, right: Unit): CombinedUnit {
  const { operator } = node;
  const isSum = SUMS.has(operator);
  if (isSum || COMPARISONS.has(operator)) {
    const unit = !isSum ? '1' : left === '1' ? right : left;
    if (left === right || left === '1' || right === '1') return { unit, convert: null };
    const convert = unitConversion(right, left);
    if (convert === null)
      throw statError(
        node.at,
        `${left} and ${right} can't be ${isSum ? 'added or subtracted' : 'compared'}`,
        'Both sides need units of one kind, s and ms; only a number without a unit is taken in the unit beside it',
      );
    return { unit, convert };
  }
  if (operator === '/') return { unit: dividedUnit(left, right), convert: null };
  return { unit: operator === '*' ? multipliedUnit(node, left, right) : '1', convert: null };
}

export function dividedUnit(a: Unit, b: Unit): Unit {
  if (a === b) return '1';
  return b === '1' ? a : `${a}/${b}`;
}

function multipliedUnit({ left, right }: Extract<StatNode, { kind: 'binary' }>, a: Unit, b: Unit): Unit {
  // Eight bits are a byte: the one factor that changes a unit.
  const isEight = [left, right].some((one) => one.kind === 'number' && one.value === 8);
  if (isEight && (a === 'byte' || b === 'byte')) return 'bit';
  if (isEight && (a === 'byte/s' || b === 'byte/s')) return 'bit/s';
  return a === '1' ? b : b === '1' ? a : '1';
}

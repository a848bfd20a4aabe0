// A custom stat of one run: the tree of its expression over the run's columns. Loops over columns, no object a row.

import type { Unit } from '#core/metric';
import { quantileSorted } from '#analysis/quantile';
import { statError, type Operator, type StatNode } from './stat-expression.ts';
import type { StatColumn, StatRun } from './stat-tables.ts';
import { combinedUnit, dividedUnit } from './stat-units.ts';

export interface StatValue {
  /** NaN where there is nothing to compute it from. */
  readonly value: number;
  readonly unit: Unit;
}

/** What functions there are, for help and for hints. */
export const STAT_FUNCTIONS: Readonly<Record<string, string>> = {
  mean: 'average',
  median: 'middle',
  p1: 'first percentile',
  p5: '5th percentile',
  p95: '95th percentile',
  p99: '99th percentile',
  min: 'smallest',
  max: 'largest',
  sum: 'all together',
  count: 'how many there are',
  stddev: 'standard deviation',
  first: 'first',
  last: 'last',
  change: 'last less first',
  gaps: 'from each to the next: a column again',
  rate: 'all together, a second of the run',
  share: 'of a condition: how often it holds',
};

/** Each kind of value by what may be done with it. */
type Value =
  | { readonly kind: 'scalar'; readonly value: number; readonly unit: Unit }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'column'; readonly column: StatColumn };

/**
 * The number that an expression gives for a run; null where the run lacks one of its columns.
 * @throws UserError with the place in the expression, where it means nothing
 */
export function evaluateStat(node: StatNode, run: StatRun): StatValue | null {
  const result = evaluate(node, run, null);
  if (result === null) return null;
  if (result.kind === 'column')
    throw statError(node.at, 'this is a column, and not one number', `Say which: mean(…), p95(…), sum(…)`);
  if (result.kind === 'text') throw statError(node.at, 'this is a text, and not a number');
  return { value: result.value, unit: result.unit };
}

/** Whether a number of an expression that gives none is divided by zero; columns leave such rows out. */
export function dividesByZero(node: StatNode, run: StatRun): boolean {
  if (node.kind === 'minus' || node.kind === 'not') return dividesByZero(node.of, run);
  if (node.kind !== 'binary') return false;
  if (node.operator === '/' && evaluateStat(node.right, run)?.value === 0) return true;
  return dividesByZero(node.left, run) || dividesByZero(node.right, run);
}

/** @param table within which short names of columns hold; null where there is none yet */
function evaluate(node: StatNode, run: StatRun, table: string | null): Value | null {
  switch (node.kind) {
    case 'number':
      return { kind: 'scalar', value: node.value, unit: '1' };
    case 'text':
      return { kind: 'text', value: node.value };
    case 'name':
      return nameValue(node.name, run, table);
    case 'call':
      return call(node, run, table);
    case 'minus':
    case 'not': {
      const of = evaluate(node.of, run, table);
      if (of === null) return null;
      return mapped(node, of, node.kind === 'minus' ? (value) => -value : (value) => (value === 0 ? 1 : 0));
    }
    case 'binary':
      return binary(node, run, table);
  }
}

function nameValue(name: string, run: StatRun, table: string | null): Value | null {
  const column = (table === null ? null : run.column(`${table}.${name}`)) ?? run.column(name);
  if (column !== null) return { kind: 'column', column };
  const number = run.number(name);
  return number === null ? null : { kind: 'scalar', ...number };
}

function call(node: Extract<StatNode, { kind: 'call' }>, run: StatRun, table: string | null): Value | null {
  const { name, args, at } = node;
  if (name === 'metric') {
    const [of] = args;
    if (of?.kind !== 'text' || args.length !== 1)
      throw statError(at, 'metric takes a name in quotes', 'metric("encode.fps")');
    const number = run.number(`metric ${of.value}`);
    return number === null ? null : { kind: 'scalar', ...number };
  }
  if (!Object.hasOwn(STAT_FUNCTIONS, name))
    throw statError(at, `there is no function ${name}`, `There are: ${Object.keys(STAT_FUNCTIONS).join(', ')}, metric`);
  const [of] = args;
  if (of === undefined || args.length !== 1) throw statError(at, `${name} takes one column`, `${name}(frames.bytes)`);
  const value = evaluate(of, run, table);
  if (value === null) return null;
  if (value.kind !== 'column') throw statError(of.at, `${name} takes a column, and this is one value`);
  const { column } = value;
  if (column.texts !== null && name !== 'count') throw statError(of.at, `${name} takes numbers, and these are texts`);
  if (name === 'gaps')
    return { kind: 'column', column: { ...column, values: gaps(column.values), table: `${column.table} gaps` } };
  if (name === 'rate') {
    const duration = run.number('duration');
    if (duration === null) return null;
    return {
      kind: 'scalar',
      value: reduce('sum', column.values) / duration.value,
      unit: dividedUnit(column.unit, 's'),
    };
  }
  const unit =
    name === 'count' && column.table === 'frames' ? 'frame' : name === 'count' || name === 'share' ? '1' : column.unit;
  return { kind: 'scalar', value: reduce(name, column.values), unit };
}

/** Of the values that are there; NaN of none. */
function reduce(name: string, column: Float64Array): number {
  const values = column.filter((value) => !Number.isNaN(value));
  const n = values.length;
  if (name === 'count') return n;
  if (n === 0) return NaN;
  switch (name) {
    case 'mean':
    case 'share':
      return sum(values) / n;
    case 'sum':
      return sum(values);
    case 'stddev': {
      const mean = sum(values) / n;
      let squares = 0;
      for (const value of values) squares += (value - mean) ** 2;
      return n < 2 ? NaN : Math.sqrt(squares / (n - 1));
    }
    case 'first':
      return values[0]!;
    case 'last':
      return values[n - 1]!;
    case 'change':
      return values[n - 1]! - values[0]!;
    case 'median':
      return quantileSorted(values.sort(), 0.5);
    case 'min':
      return values.reduce((least, value) => Math.min(least, value));
    case 'max':
      return values.reduce((most, value) => Math.max(most, value));
    default:
      return quantileSorted(values.sort(), Number(name.slice(1)) / 100);
  }
}

function sum(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

/** From each value that is there to the next. */
function gaps(values: Float64Array): Float64Array {
  const there = values.filter((value) => !Number.isNaN(value));
  return there.length < 2 ? new Float64Array() : there.subarray(1).map((value, i) => value - there[i]!);
}

function binary(node: Extract<StatNode, { kind: 'binary' }>, run: StatRun, table: string | null): Value | null {
  const { operator, at } = node;
  const left = evaluate(node.left, run, table);
  if (left === null) return null;
  // Behind `where`, and beside a column, short names are those of its table.
  const near = left.kind === 'column' ? left.column.table : table;
  const right = evaluate(node.right, run, near);
  if (right === null) return null;
  if (operator === 'where') {
    if (left.kind !== 'column' || right.kind !== 'column')
      throw statError(at, '`where` stands between a column and a condition', 'frames.bytes where key');
    checkTables(at, left.column, right.column);
    const keeps = right.column.values;
    const values = left.column.values.map((value, i) => (keeps[i]! > 0 ? value : NaN));
    return { kind: 'column', column: { ...left.column, values } };
  }
  if (left.kind === 'text' || right.kind === 'text' || hasTexts(left) || hasTexts(right))
    return compareTexts(at, operator, left, right);
  if (left.kind === 'column' && right.kind === 'column') checkTables(at, left.column, right.column);
  const { unit, convert } = combinedUnit(node, unitOf(left), unitOf(right));
  const plain = ARITHMETIC[operator];
  const apply = convert === null ? plain : (a: number, b: number) => plain(a, convert(b));
  if (left.kind === 'scalar' && right.kind === 'scalar') {
    const value = apply(left.value, right.value);
    const isSum = operator === '+' || operator === '-';
    return { kind: 'scalar', value: isSum && isResidue(value, left.value) ? 0 : value, unit };
  }
  const of = left.kind === 'column' ? left.column : (right as Extract<Value, { kind: 'column' }>).column;
  const valueAt = (value: Value, i: number) =>
    value.kind === 'column' ? value.column.values[i]! : (value as { value: number }).value;
  const values = of.values.map((_, i) => apply(valueAt(left, i), valueAt(right, i)));
  return { kind: 'column', column: { table: of.table, unit, values, texts: null } };
}

/** Share of its terms below which a difference is what rounding left: a sum of ten thousand doubles is exact to 1e-13. */
const RESIDUE = 1e-12;

/** Whether nothing is left of a term but rounding; both terms are equally large then. */
function isResidue(left: number, term: number): boolean {
  return Math.abs(left) < RESIDUE * Math.abs(term);
}

/** A comparison with what is absent does not hold. */
const ARITHMETIC: Readonly<Record<Exclude<Operator, 'where'>, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => (b === 0 ? NaN : a / b),
  '=': (a, b) => Number(a === b),
  '!=': (a, b) => Number(a !== b && !Number.isNaN(a) && !Number.isNaN(b)),
  '<': (a, b) => Number(a < b),
  '<=': (a, b) => Number(a <= b),
  '>': (a, b) => Number(a > b),
  '>=': (a, b) => Number(a >= b),
  and: (a, b) => Number(a > 0 && b > 0),
  or: (a, b) => Number(a > 0 || b > 0),
};

function hasTexts(value: Value): boolean {
  return value.kind === 'column' && value.column.texts !== null;
}

/** `type = "I"`. */
function compareTexts(at: number, operator: Operator, left: Value, right: Value): Value {
  const [column, text] =
    left.kind === 'column' ? [left.column, right] : [right.kind === 'column' ? right.column : null, left];
  if (column === null || column.texts === null || text.kind !== 'text' || (operator !== '=' && operator !== '!='))
    throw statError(at, 'a text can only be compared with a column of texts', 'frames.bytes where type = "I"');
  const wanted = column.texts.indexOf(text.value);
  if (wanted === -1)
    throw statError(
      at,
      `it has no value "${text.value}"`,
      `There are: ${column.texts.map((one) => `"${one}"`).join(', ')}`,
    );
  const holds = operator === '=';
  const values = column.values.map((code) => Number(!Number.isNaN(code) && (code === wanted) === holds));
  return { kind: 'column', column: { table: column.table, unit: '1', values, texts: null } };
}

function checkTables(at: number, a: StatColumn, b: StatColumn): void {
  if (a.table !== b.table || a.values.length !== b.values.length)
    throw statError(
      at,
      `${a.table} and ${b.table} are measured at different times: they can't be combined value by value`,
      'Make a number of each first: mean(a) / mean(b)',
    );
}

function mapped(node: StatNode, of: Value, apply: (value: number) => number): Value {
  if (of.kind === 'text' || hasTexts(of)) throw statError(node.at, 'this takes numbers, and not texts');
  if (of.kind === 'scalar') return { ...of, value: apply(of.value) };
  return { kind: 'column', column: { ...of.column, values: of.column.values.map(apply) } };
}

function unitOf(value: Value): Unit {
  return value.kind === 'scalar' ? value.unit : value.kind === 'column' ? value.column.unit : '1';
}

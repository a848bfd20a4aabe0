// Runs that count together: those with the same values at every place, in columns, sorted by their places.

import type { Behind } from '../scene/scene.ts';

/** Keys 0 … count - 1, in the order of their digits. */
export interface Keys {
  readonly count: number;
  /** Of each item its key. */
  readonly ids: Uint32Array;
  /** By column, of each key its digit there. */
  readonly digits: readonly Int32Array[];
}

export interface Groups {
  readonly count: number;
  /** By split, of each group the position of its value. */
  readonly digits: readonly Int32Array[];
  /** Group i has `rows[first[i]] … rows[first[i + 1] - 1]`, rows of the dataset. */
  readonly first: Uint32Array;
  readonly rows: Uint32Array;
  /** Of the metric, cut as rows are, ascending in each group: not in the order of its rows. */
  readonly values: Float64Array;
}

/** Where each of some rows stands: a {@link Split}, or numbers that were given already, as those of cells. */
export interface Positions {
  /** -1 where a row has no place. */
  readonly positions: Int32Array;
  /** Of all places: one more than the largest position. */
  readonly titles: { readonly length: number };
}

/**
 * Numbers the combinations of digits that occur. Columns are taken in one after the other, and the numbers closed up each time, so that
 * ten properties of ten values need no table of 10^10.
 * @param sizes digits of column k are 0 … sizes[k] - 1
 */
export function rankKeys(columns: readonly Int32Array[], sizes: readonly number[], length: number): Keys {
  let ids = new Uint32Array(length);
  let count = Math.min(1, length);
  for (const [k, column] of columns.entries()) {
    const size = sizes[k]!;
    // What is known already changes neither the numbers nor their order: cells know all their settings.
    if (size === 1 || isKnown(ids, column, count)) continue;
    [ids, count] =
      count * size <= Math.max(SMALL_TABLE, 4 * length)
        ? closedByTable(ids, column, size, count)
        : closedBySort(ids, column, size);
  }
  const digits = columns.map(() => new Int32Array(count));
  for (const [k, column] of columns.entries()) {
    for (let i = 0; i < length; i++) digits[k]![ids[i]!] = column[i]!;
  }
  return { count, ids, digits };
}

/** Whether all items of a key have one digit. */
function isKnown(ids: Uint32Array, column: Int32Array, count: number): boolean {
  const digits = new Int32Array(count).fill(-1);
  for (let i = 0; i < ids.length; i++) {
    const digit = digits[ids[i]!]!;
    if (digit === -1) digits[ids[i]!] = column[i]!;
    else if (digit !== column[i]) return false;
  }
  return true;
}

/** Entries of a table that costs less than sorting. */
const SMALL_TABLE = 1 << 16;

function closedByTable(
  ids: Uint32Array,
  column: Int32Array,
  size: number,
  count: number,
): [Uint32Array<ArrayBuffer>, number] {
  const table = new Uint32Array(count * size);
  for (let i = 0; i < ids.length; i++) table[ids[i]! * size + column[i]!] = 1;
  let next = 0;
  for (let key = 0; key < table.length; key++) if (table[key] === 1) table[key] = next++;
  const closed = new Uint32Array(ids.length);
  for (let i = 0; i < ids.length; i++) closed[i] = table[ids[i]! * size + column[i]!]!;
  return [closed, next];
}

function closedBySort(ids: Uint32Array, column: Int32Array, size: number): [Uint32Array<ArrayBuffer>, number] {
  const keys = new Float64Array(ids.length);
  for (let i = 0; i < ids.length; i++) keys[i] = ids[i]! * size + column[i]!;
  const sorted = keys.slice().sort();
  const numbers = new Map<number, number>();
  for (const key of sorted) if (!numbers.has(key)) numbers.set(key, numbers.size);
  return [Uint32Array.from(keys, (key) => numbers.get(key)!), numbers.size];
}

/**
 * Groups rows by splits. Rows without a place in one of them, and rows without a value, are in no group.
 * @param rows of the dataset; the splits are of these
 * @param values of every row of the dataset
 */
export function groupRows(rows: Uint32Array, values: Float64Array, splits: readonly Positions[]): Groups {
  const kept = new Uint32Array(rows.length);
  let length = 0;
  for (let i = 0; i < rows.length; i++) {
    if (Number.isNaN(values[rows[i]!]!)) continue;
    let isPlaced = true;
    for (const { positions } of splits) if (positions[i]! < 0) isPlaced = false;
    if (isPlaced) kept[length++] = i;
  }
  const columns = splits.map(({ positions }) => {
    const column = new Int32Array(length);
    for (let i = 0; i < length; i++) column[i] = positions[kept[i]!]!;
    return column;
  });
  const keys = rankKeys(
    columns,
    splits.map(({ titles }) => titles.length),
    length,
  );
  const first = new Uint32Array(keys.count + 1);
  for (let i = 0; i < length; i++) first[keys.ids[i]! + 1]!++;
  for (let group = 0; group < keys.count; group++) first[group + 1]! += first[group]!;
  const next = first.slice();
  const groupedRows = new Uint32Array(length);
  const groupedValues = new Float64Array(length);
  for (let i = 0; i < length; i++) {
    const at = next[keys.ids[i]!]!++;
    groupedRows[at] = rows[kept[i]!]!;
    groupedValues[at] = values[rows[kept[i]!]!]!;
  }
  for (let group = 0; group < keys.count; group++) sortRange(groupedValues, first[group]!, first[group + 1]!);
  return { count: keys.count, digits: keys.digits, first, rows: groupedRows, values: groupedValues };
}

/** Repeats are few: there sorting by insertion costs less than a call. */
const FEW = 24;

function sortRange(values: Float64Array, start: number, end: number): void {
  if (end - start > FEW) {
    values.subarray(start, end).sort();
    return;
  }
  for (let i = start + 1; i < end; i++) {
    const value = values[i]!;
    let j = i - 1;
    while (j >= start && values[j]! > value) values[j + 1] = values[j--]!;
    values[j + 1] = value;
  }
}

/** What stands behind items that are some of the groups. */
export function behindGroups(groups: Groups, chosen: ArrayLike<number>): Behind {
  const first = new Uint32Array(chosen.length + 1);
  for (let i = 0; i < chosen.length; i++)
    first[i + 1] = first[i]! + groups.first[chosen[i]! + 1]! - groups.first[chosen[i]!]!;
  const rows = new Uint32Array(first[chosen.length]!);
  for (let i = 0; i < chosen.length; i++)
    rows.set(groups.rows.subarray(groups.first[chosen[i]!]!, groups.first[chosen[i]! + 1]!), first[i]);
  return { first, rows };
}

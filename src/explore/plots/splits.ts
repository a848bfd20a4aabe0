// A property at its place: which of its values the rows have, in which order, under which name.

import { isDetermined } from '../arrange.ts';
import { ABSENT_TITLE, propertyTitle, valueTitle, type Dataset, type Property } from '../data/dataset.ts';
import type { PlotInput } from './plot.ts';

export interface Split {
  /** Null where nothing stands at the place: then there is one value, and it has no name. */
  readonly property: string | null;
  readonly title: string;
  /** What the values are called, in their order. */
  readonly titles: readonly string[];
  /** As they are written; null stands for the runs that have no such property. */
  readonly values: readonly (string | null)[];
  /** Of each value its number; NaN where it is none. */
  readonly numbers: Float64Array;
  /** Of each of the rows the position of its value; -1 where it is left out. */
  readonly positions: Int32Array;
}

/**
 * The values of a property that occur in the rows.
 * @param most further values are left out, and told in `notes`
 * @param all further rows whose values have a place too, where they are fewer than those of the rows: what has no number is then seen to
 * be absent
 */
export function splitRows(
  { dataset, names }: Pick<PlotInput, 'dataset' | 'names'>,
  rows: Uint32Array,
  name: string | null,
  most: number,
  notes: string[],
  all: Uint32Array = rows,
): Split {
  const property = dataset.properties.find((one) => one.name === name);
  if (property === undefined) return unsplit(rows.length);
  const { codes, values } = property;
  // Code -1 (none) is at the end: what has the property comes first.
  const seen = new Uint8Array(values.length + 1);
  for (const row of rows) {
    const code = codes[row]!;
    seen[code < 0 ? values.length : code] = 1;
  }
  if (all.length > rows.length) addAbsent(seen, codes, all);
  const order: number[] = [];
  for (let code = 0; code <= values.length; code++) if (seen[code] === 1) order.push(code);
  const title = propertyTitle(names, property.name);
  if (order.length > most) notes.push(`the first ${most} of ${order.length} values of ${title} are drawn`);
  const kept = order.slice(0, most);
  const places = new Int32Array(values.length + 1).fill(-1);
  for (const [position, code] of kept.entries()) places[code] = position;
  const positions = new Int32Array(rows.length);
  for (let i = 0; i < rows.length; i++) {
    const code = codes[rows[i]!]!;
    positions[i] = places[code < 0 ? values.length : code]!;
  }
  return {
    property: property.name,
    title,
    titles: kept.map((code) =>
      code === values.length ? ABSENT_TITLE : valueTitle(names, property.name, values[code]!),
    ),
    values: kept.map((code) => values[code] ?? null),
    numbers: Float64Array.from(kept, (code) => property.numbers?.[code] ?? NaN),
    positions,
  };
}

/** Marks values that only the further rows have; having none is no value. */
function addAbsent(seen: Uint8Array, codes: Int32Array, all: Uint32Array): void {
  const further = new Set<number>();
  for (const row of all) if (codes[row]! >= 0 && seen[codes[row]!] === 0) further.add(codes[row]!);
  const known = seen.reduce((sum, one) => sum + one, 0);
  if (further.size < known) for (const code of further) seen[code] = 1;
}

/**
 * A split for some of the rows that it was made of: its values keep their positions, and so their colours.
 * @param all the rows it was made of, ascending as `rows` are
 */
export function narrowed(split: Split, all: Uint32Array, rows: Uint32Array): Split {
  if (rows.length === all.length) return split;
  const positions = new Int32Array(rows.length);
  let at = 0;
  for (const [i, row] of rows.entries()) {
    while (all[at] !== row) at++;
    positions[i] = split.positions[at]!;
  }
  return { ...split, positions };
}

/** The place where nothing stands. */
export function unsplit(count: number): Split {
  return {
    property: null,
    title: '',
    titles: [''],
    values: [null],
    numbers: Float64Array.of(NaN),
    positions: new Int32Array(count),
  };
}

/**
 * Properties that differ among the rows, stand at no place, and are not told by one that does, nor by another of them (`encoder` by
 * `codec`): their runs count together.
 */
export function pooledProperties(dataset: Dataset, rows: Uint32Array, placed: PlotInput['placed']): string[] {
  const used = new Set<string | null>([
    placed.column,
    placed.row,
    placed.x,
    placed.color,
    placed.shape,
    ...placed.legend,
  ]);
  const standing = dataset.properties.filter(({ name }) => used.has(name));
  const pooled: Property[] = [];
  for (const property of dataset.properties) {
    if (property.origin !== 'setting' || used.has(property.name) || !differs(property.codes, rows)) continue;
    const isTold = (by: Property) => isDetermined(property, by, rows);
    if (!standing.some(isTold) && !pooled.some(isTold)) pooled.push(property);
  }
  return pooled.map(({ name }) => name);
}

function differs(codes: Int32Array, rows: Uint32Array): boolean {
  if (rows.length === 0) return false;
  const first = codes[rows[0]!]!;
  for (const row of rows) if (codes[row] !== first) return true;
  return false;
}

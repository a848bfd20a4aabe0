// The matrix laid out on two axes: the properties that go across make the columns, all others the rows.

export interface GridAxis {
  /** Names of the properties along this axis. */
  readonly properties: readonly string[];
  /** One entry a row (or column): its value of each property; null where the cells have none. */
  readonly entries: readonly (readonly (string | null)[])[];
}

export interface GridLayout {
  readonly rows: GridAxis;
  readonly columns: GridAxis;
  /** Cell at [row][column], or -1 where the matrix has none. */
  readonly cells: readonly Int32Array[];
}

/**
 * Lays cells out.
 * @param names properties in the file's order
 * @param values for each property, the value by cell
 * @param across names of the properties that make the columns
 */
export function layOutGrid(
  names: readonly string[],
  values: readonly (readonly (string | null)[])[],
  across: readonly string[],
): GridLayout {
  const count = values[0]?.length ?? 0;
  const rows = collect(names, values, (name) => !across.includes(name), count);
  const columns = collect(names, values, (name) => across.includes(name), count);
  const cells = rows.axis.entries.map(() => new Int32Array(columns.axis.entries.length).fill(-1));
  for (let cell = 0; cell < count; cell++) cells[rows.entryOfCell[cell]!]![columns.entryOfCell[cell]!] = cell;
  return { rows: rows.axis, columns: columns.axis, cells };
}

/** The one property that goes across with the fewest holes in the grid; of several such, the last. */
export function defaultAcross(names: readonly string[], values: readonly (readonly (string | null)[])[]): string[] {
  if (names.length < 2) return [];
  const count = values[0]?.length ?? 0;
  let best: string | undefined;
  let bestArea = Infinity;
  for (const name of names) {
    const rows = collect(names, values, (one) => one !== name, count).axis.entries.length;
    const columns = collect(names, values, (one) => one === name, count).axis.entries.length;
    // Tall and narrow is read more easily than wide and flat.
    const area = rows * columns + (columns > rows ? 0.5 : 0);
    if (area <= bestArea) [best, bestArea] = [name, area];
  }
  return [best!];
}

function collect(
  names: readonly string[],
  values: readonly (readonly (string | null)[])[],
  isHere: (name: string) => boolean,
  count: number,
): { axis: GridAxis; entryOfCell: Int32Array } {
  const picked = names.flatMap((name, position) => (isHere(name) ? [position] : []));
  const entryOfKey = new Map<string, number>();
  const entries: (string | null)[][] = [];
  const entryOfCell = new Int32Array(count);
  for (let cell = 0; cell < count; cell++) {
    const entry = picked.map((position) => values[position]![cell] ?? null);
    const key = JSON.stringify(entry);
    let position = entryOfKey.get(key);
    if (position === undefined) {
      position = entries.length;
      entries.push(entry);
      entryOfKey.set(key, position);
    }
    entryOfCell[cell] = position;
  }
  return { axis: { properties: picked.map((position) => names[position]!), entries }, entryOfCell };
}

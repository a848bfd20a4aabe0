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

/** A layout without the rows and columns in which no cell is shown. */
export function onlyShown(layout: GridLayout, isShown: (cell: number) => boolean): GridLayout {
  const rows = layout.cells.flatMap((cells, row) => (cells.some((cell) => cell >= 0 && isShown(cell)) ? [row] : []));
  const columns = layout.columns.entries.flatMap((_, column) =>
    rows.some((row) => layout.cells[row]![column]! >= 0 && isShown(layout.cells[row]![column]!)) ? [column] : [],
  );
  if (rows.length === layout.cells.length && columns.length === layout.columns.entries.length) return layout;
  const pick = (axis: GridAxis, positions: readonly number[]): GridAxis => ({
    properties: axis.properties,
    entries: positions.map((position) => axis.entries[position]!),
  });
  return {
    rows: pick(layout.rows, rows),
    columns: pick(layout.columns, columns),
    cells: rows.map((row) => Int32Array.from(columns, (column) => layout.cells[row]![column]!)),
  };
}

/** The one property that goes across with the fewest holes in the grid; of several such, the last. */
export function defaultAcross(names: readonly string[], values: readonly (readonly (string | null)[])[]): string[] {
  if (names.length < 2) return [];
  const count = values[0]?.length ?? 0;
  if (count > MANY_CELLS) return squarest(names, values);
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

/** From so many cells on a grid must be of a handy shape to be seen whole; holes matter less. */
const MANY_CELLS = 400;
/** Of the panel that a large grid is drawn in: its height to its width. */
const PANEL_SHAPE = 0.5;
/** With more properties than this not every division is tried. */
const MAX_TRIED = 10;

/** The division of the properties that comes nearest to the shape of the panel, as if all were crossed. */
function squarest(names: readonly string[], values: readonly (readonly (string | null)[])[]): string[] {
  const sizes = values.map((column) => new Set(column).size);
  let best: string[] = [names.at(-1)!];
  let bestDistance = Infinity;
  const tried = Math.min(names.length, MAX_TRIED);
  for (let set = 1; set < 2 ** tried - 1; set++) {
    let rows = 1;
    let columns = 1;
    for (const [position, size] of sizes.entries()) {
      if (position < tried && (set >> position) % 2 === 1) columns *= size;
      else rows *= size;
    }
    const distance = Math.abs(Math.log(rows / columns / PANEL_SHAPE));
    if (distance >= bestDistance) continue;
    best = names.filter((_, position) => position < tried && (set >> position) % 2 === 1);
    bestDistance = distance;
  }
  return best;
}

/** Stands in no value: names of values are single lines. */
const BETWEEN = '\n';

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
    const key = entry.join(BETWEEN);
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

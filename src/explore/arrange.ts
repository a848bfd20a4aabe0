// How properties are arranged: what varies among the runs that are left, where it stands where nobody chose, and how it is moved.

import type { Dataset, Property } from './data/dataset.ts';
import { PLACES, type Place, type Placed, type PlotKind } from './view.ts';

/** Where a property may be put; in `pooled` it stands nowhere and its runs count together. */
export const SLOTS = [...PLACES, 'legend', 'pooled'] as const;
export type Slot = (typeof SLOTS)[number];

export const NOTHING_PLACED: Placed = { column: null, row: null, x: null, color: null, shape: null, legend: [] };

/** More values than the palette has hues, or signs has shapes, and neither tells them apart. */
const MOST_HUES = 7;
/** More facets than this side by side, and none can be read. */
const MOST_FACETS = 6;

/**
 * How many values of a property the rows have; having none is a value too.
 * @param rows are not written to any more: what they have is remembered
 */
export function distinctValues(property: Property, rows: Uint32Array): number {
  let known = DISTINCT.get(rows);
  if (known === undefined) DISTINCT.set(rows, (known = new Map()));
  let count = known.get(property);
  if (count === undefined) known.set(property, (count = countDistinct(property, rows)));
  return count;
}

/** Of the rows that the filters leave plots, lists and controls ask the same. */
const DISTINCT = new WeakMap<Uint32Array, Map<Property, number>>();

function countDistinct(property: Property, rows: Uint32Array): number {
  const seen = new Uint8Array(property.values.length + 1);
  let count = 0;
  for (let i = 0; i < rows.length && count < seen.length; i++) {
    const code = property.codes[rows[i]!]! + 1;
    if (seen[code] === 1) continue;
    seen[code] = 1;
    count++;
  }
  return count;
}

/** Properties that tell rows apart, in the dataset's order. */
export function varyingProperties(dataset: Dataset, rows: Uint32Array): Property[] {
  return dataset.properties.filter((property) => distinctValues(property, rows) > 1);
}

/** Whether knowing one property is knowing the other (`encoder` and `codec`): then it adds nothing. */
export function isDetermined(property: Property, by: Property, rows: Uint32Array): boolean {
  const of = new Int32Array(by.values.length + 1).fill(UNSEEN);
  for (const row of rows) {
    const key = by.codes[row]! + 1;
    const code = property.codes[row]!;
    if (of[key] === UNSEEN) of[key] = code;
    else if (of[key] !== code) return false;
  }
  return true;
}

const UNSEEN = -2;

/** Settings that vary and are not told by another one, then what runs are compared by; other facts only where nothing else varies. */
export function freeProperties(dataset: Dataset, rows: Uint32Array): Property[] {
  const varying = varyingProperties(dataset, rows);
  const arranged = varying.filter((property) => property.origin === 'setting' || isCompared(property, rows));
  const candidates = arranged.length > 0 ? arranged : varying;
  const free: Property[] = [];
  for (const property of candidates)
    if (!free.some((other) => isDetermined(property, other, rows))) free.push(property);
  return free;
}

/**
 * Facts that two runs with the same settings are told apart by; a day or an outcome is none. Where a run was made may not be looked up yet,
 * or nobody told: before all of them have it, it arranges nothing, lest the picture change under its reader.
 */
function isCompared({ name, codes }: Property, rows: Uint32Array): boolean {
  return name === 'benchmark' || (MADE_WITH.has(name) && rows.every((row) => codes[row]! >= 0));
}

const MADE_WITH = new Set(['machine', 'build']);

/** A free property, and what is to be known of it to find it a place. */
interface Candidate {
  readonly property: Property;
  readonly values: number;
  readonly isNumber: boolean;
}

/**
 * Where properties stand where nobody chose: numbers along x, the rest by how many values they have, so that the picture can be read. A
 * property within another (presets, of which each codec has its own) is told by colour in the facets of that.
 * What has no place left goes into the legend, so that runs of different settings are never pooled silently.
 * @param plot what was chosen to draw them as: curves and fronts that are compared stand in one panel
 */
export function defaultPlaced(dataset: Dataset, rows: Uint32Array, plot: PlotKind | null = null): Placed {
  const placed = placedInFacets(dataset, rows);
  return plot !== null && COMPARING.has(plot) ? withoutFacets(placed) : placed;
}

/** Kinds that set cells against each other: of codecs in a facet each none would be compared with another. */
const COMPARING: ReadonlySet<PlotKind> = new Set(['rate-quality', 'pareto']);

/** What stood in facets is told by colour, and what had the colour by shape. */
function withoutFacets({ column, row, x, color, shape, legend }: Placed): Placed {
  const [hue = null, sign = null, ...more] = [column, color, row, shape].filter((name) => name !== null);
  return { column: null, row: null, x, color: hue, shape: sign, legend: [...more, ...legend] };
}

function placedInFacets(dataset: Dataset, rows: Uint32Array): Placed {
  const free = freeProperties(dataset, rows).map((property): Candidate => ({
    property,
    values: distinctValues(property, rows),
    isNumber: property.numbers !== null && property.numbers.every((value) => !Number.isNaN(value)),
  }));
  const take = (fits: (one: Candidate) => boolean, order: (one: Candidate) => number): string | null => {
    const best = free.filter(fits).toSorted((a, b) => order(b) - order(a))[0];
    if (best === undefined) return null;
    free.splice(free.indexOf(best), 1);
    return best.property.name;
  };
  const isFacet = ({ values }: Candidate) => values <= MOST_FACETS;
  const hasHues = ({ values }: Candidate) => values <= MOST_HUES;
  const few = ({ values }: Candidate) => -values;
  const x = take(
    () => true,
    ({ isNumber, values }) => (isNumber && values > 2 ? 1e6 : 0) + values,
  );
  const outer = free.filter(isFacet).find((one) => innerOf(one, free, rows) !== undefined);
  const inner = outer === undefined ? undefined : innerOf(outer, free, rows);
  const color =
    inner === undefined
      ? take(hasHues, ({ isNumber, values }) => (isNumber ? 0 : 100) - values)
      : take((one) => one === inner, few);
  const column = take(inner === undefined ? isFacet : (one) => one === outer, few);
  const row = take(isFacet, few);
  const shape = take(hasHues, few);
  return { column, row, x, color, shape, legend: free.map(({ property }) => property.name) };
}

/** A property that has values of its own for each value of the given one, few enough for colours. */
function innerOf(outer: Candidate, free: readonly Candidate[], rows: Uint32Array): Candidate | undefined {
  return free.find(
    (one) => one !== outer && one.values <= MOST_HUES && isDetermined(outer.property, one.property, rows),
  );
}

/** How many properties are told apart by their place. */
export function placedCount(placed: Placed): number {
  return PLACES.filter((place) => placed[place] !== null).length + placed.legend.length;
}

/** Where a property stands. */
export function slotOf(placed: Placed, property: string): Slot {
  const place = PLACES.find((one) => placed[one] === property);
  return place ?? (placed.legend.includes(property) ? 'legend' : 'pooled');
}

/**
 * Puts a property somewhere. What stood there before takes its old place.
 * @param position in the legend; at its end where left out
 */
export function moveProperty(placed: Placed, property: string, to: Slot, position?: number): Placed {
  const from = slotOf(placed, property);
  const was = position ?? placed.legend.length;
  const fromPosition = placed.legend.indexOf(property);
  const places = Object.fromEntries(PLACES.map((place) => [place, placed[place]])) as Record<Place, string | null>;
  const legend = placed.legend.filter((name) => name !== property);
  if (from !== 'legend' && from !== 'pooled') places[from] = null;
  if (to === 'legend') legend.splice(Math.max(0, Math.min(legend.length, was)), 0, property);
  else if (to !== 'pooled') {
    const evicted = places[to];
    places[to] = property;
    if (evicted !== null && evicted !== property) {
      if (from === 'legend') legend.splice(fromPosition, 0, evicted);
      else if (from !== 'pooled') places[from] = evicted;
    }
  }
  return { ...places, legend };
}

/** A step by an arrow key: sideways to the next place, up and down within the legend. Null where there is none. */
export function stepProperty(
  placed: Placed,
  property: string,
  key: 'ArrowLeft' | 'ArrowRight' | 'ArrowUp' | 'ArrowDown',
): Placed | null {
  const slot = slotOf(placed, property);
  if (key === 'ArrowLeft' || key === 'ArrowRight') {
    const to = SLOTS[SLOTS.indexOf(slot) + (key === 'ArrowLeft' ? -1 : 1)];
    return to === undefined ? null : moveProperty(placed, property, to);
  }
  if (slot !== 'legend') return null;
  const position = placed.legend.indexOf(property) + (key === 'ArrowUp' ? -1 : 1);
  return position < 0 || position >= placed.legend.length ? null : moveProperty(placed, property, 'legend', position);
}

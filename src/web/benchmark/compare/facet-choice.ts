// What goes where in the plot of results: read from the address, or chosen as most people would.

import { numberOf } from '#explore/scene/plot-axis';
import { MAX_SERIES } from './series-styles.ts';

export interface VaryingProperty {
  readonly name: string;
  /** In the file's order. */
  readonly values: readonly string[];
}

export interface FacetChoice {
  /** Null only where nothing varies. */
  readonly x: string | null;
  readonly color: string | null;
  readonly column: string | null;
  readonly row: string | null;
}

/** Written in the address where a place is left empty on purpose. */
const NONE = 'none';

/** More facets than this beside (or below) each other can't be read. */
export const MAX_COLUMNS = 8;
export const MAX_ROWS = 6;

/** Names in the address. */
export const FACET_KEYS = { x: 'x', color: 'by', column: 'across-facets', row: 'down-facets' } as const;

/** Properties with more than one value, which alone tell points apart. */
export function varyingProperties(properties: readonly VaryingProperty[]): VaryingProperty[] {
  return properties.filter(({ values }) => values.length > 1);
}

export function facetChoice(search: URLSearchParams, properties: readonly VaryingProperty[]): FacetChoice {
  const varying = varyingProperties(properties);
  const names = varying.map(({ name }) => name);
  const asked = (key: string) => {
    const text = search.get(key);
    return text === NONE ? null : text !== null && names.includes(text) ? text : undefined;
  };
  const x = asked(FACET_KEYS.x) ?? usualX(varying);
  const left = () => names.filter((name) => !taken.includes(name));
  const taken = [x, asked(FACET_KEYS.color), asked(FACET_KEYS.column), asked(FACET_KEYS.row)];
  const count = (name: string) => varying.find((one) => one.name === name)!.values.length;
  // What has too many values for columns can still be told apart by colour.
  const color = pick(
    asked(FACET_KEYS.color),
    left().find((name) => count(name) > MAX_COLUMNS && count(name) <= MAX_SERIES) ?? left()[0],
  );
  taken.push(color);
  const column = pick(
    asked(FACET_KEYS.column),
    left().find((name) => count(name) <= MAX_COLUMNS),
  );
  return { x, color, column, row: asked(FACET_KEYS.row) ?? null };
}

/** `null` was asked for, `undefined` was not. */
function pick(asked: string | null | undefined, usual: string | undefined): string | null {
  return asked === undefined ? (usual ?? null) : asked;
}

/** The numbers with the most values: what one would draw a curve over. */
function usualX(varying: readonly VaryingProperty[]): string | null {
  const numeric = varying.filter(({ values }) => !values.some((value) => Number.isNaN(numberOf(value))));
  const candidates = numeric.length > 0 ? numeric : varying;
  let most: VaryingProperty | null = null;
  for (const property of candidates) if (most === null || property.values.length >= most.values.length) most = property;
  return most?.name ?? null;
}

/** Changes of the address for a choice; a property that is taken elsewhere changes places with what was there. */
export function choosePlace(
  choice: FacetChoice,
  place: keyof FacetChoice,
  property: string | null,
): Record<string, string | null> {
  const next: Record<keyof FacetChoice, string | null> = { ...choice };
  for (const other of Object.keys(next) as (keyof FacetChoice)[])
    if (property !== null && other !== place && next[other] === property) next[other] = choice[place];
  next[place] = property;
  return Object.fromEntries(
    (Object.keys(next) as (keyof FacetChoice)[]).map((one) => [FACET_KEYS[one], next[one] ?? NONE]),
  );
}

/** Threads by encodes at once: how far an encoder scales. Null where the benchmark does not vary both. */
export function scalingChoice(properties: readonly VaryingProperty[]): Record<string, string | null> | null {
  const names = varyingProperties(properties).map(({ name }) => name);
  if (!names.includes('threads') || !names.includes('concurrent')) return null;
  const encoder = ['codec', 'encoder'].find((name) => names.includes(name)) ?? NONE;
  return {
    [FACET_KEYS.x]: 'threads',
    [FACET_KEYS.color]: 'concurrent',
    [FACET_KEYS.column]: encoder,
    [FACET_KEYS.row]: NONE,
  };
}

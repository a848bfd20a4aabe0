// A link may be older than what it points to: what of a view is not there any more is told, and the rest is shown.

import type { Dataset, MetricColumn } from './data/dataset.ts';
import { codeOfValue } from './data/same-value.ts';
import { PLACES, type Filter, type Place, type Placed, type View } from './view.ts';

export interface CheckedView {
  /** Without what is gone. */
  readonly view: View;
  /** Sentences without a full stop. */
  readonly gone: readonly string[];
}

/**
 * @param metrics all that there are, custom ones included
 * @param missing benchmarks that the lab does not have
 */
export function checkView(
  view: View,
  dataset: Dataset,
  metrics: readonly MetricColumn[],
  missing: readonly string[] = [],
): CheckedView {
  const gone = missing.map((name) => `The benchmark ${name} is not in this lab`);
  // Before its first run a benchmark has neither properties nor metrics: nothing of it is gone.
  if (dataset.count === 0) return { view, gone };
  const properties = new Map(dataset.properties.map((property) => [property.name, property]));
  const known = new Set(metrics.map(({ name }) => name));
  const has = (property: string, what: string) => {
    if (properties.has(property)) return true;
    gone.push(`No run has the property ${property}: ${what}`);
    return false;
  };
  const measures = (metric: string, what: string) => {
    if (known.has(metric)) return true;
    gone.push(`No run has the metric ${metric}: ${what}`);
    return false;
  };
  const filters = view.filters.flatMap((filter): Filter[] => {
    if (!has(filter.property, 'its filter is left out')) return [];
    if (filter.kind === 'range') return [filter];
    const property = properties.get(filter.property)!;
    const codes = filter.values.map((value) => codeOfValue(property, value));
    // In the spelling that is shown: its button is the one that is pressed.
    const kept = [...new Set(codes)].flatMap((code) => property.values[code] ?? []);
    const lost = filter.values.filter((_, i) => codes[i]! < 0);
    if (lost.length === 0) return [{ ...filter, values: kept }];
    const isEmpty = kept.length === 0 && filter.absent !== true;
    gone.push(
      `No run has ${filter.property} ${lost.join(', ')}: ${isEmpty ? 'the filter is left out' : 'the other values are kept'}`,
    );
    return isEmpty ? [] : [{ ...filter, values: kept }];
  });
  return {
    view: {
      ...view,
      filters,
      placed: view.placed === null ? null : checkPlaces(view.placed, (name) => has(name, 'its place is empty'), gone),
      stats: view.stats.filter((name) => measures(name, 'its plot is left out')),
      brushes: view.brushes.filter(({ metric }) => measures(metric, 'its brush is left out')),
    },
    gone,
  };
}

/** A property stands at one place: the first that has it. */
function checkPlaces(placed: Placed, has: (property: string) => boolean, gone: string[]): Placed {
  const taken = new Set<string>();
  const stands = (name: string) => {
    if (taken.has(name)) {
      gone.push(`${name} stands at two places: it is left at the first`);
      return false;
    }
    taken.add(name);
    return has(name);
  };
  const places = PLACES.map((place): [Place, string | null] => {
    const name = placed[place];
    return [place, name !== null && stands(name) ? name : null];
  });
  return { ...(Object.fromEntries(places) as Record<Place, string | null>), legend: placed.legend.filter(stands) };
}

// Which metrics are of other tools: nobody knows what they measure besides, and what they have is all that can be told.

import type { Dataset, MetricColumn } from '../data/dataset.ts';

/** How the build of a run begins that encodelab measured itself. */
const OURS = 'encodelab ';

/**
 * Metrics that runs of other tools have: runs whose build is known, and not encodelab's.
 * @param rows of the dataset
 */
export function importedMetrics(
  { properties }: Dataset,
  rows: Uint32Array,
  metrics: readonly MetricColumn[],
): ReadonlySet<MetricColumn> {
  const build = properties.find(({ name, origin }) => origin === 'fact' && BUILD.has(name));
  if (build === undefined) return new Set();
  const isImported = build.values.map((value) => !value.startsWith(OURS));
  const imported = rows.filter((row) => isImported[build.codes[row]!] === true);
  return new Set(metrics.filter(({ values }) => imported.some((row) => !Number.isNaN(values[row]!))));
}

/** The second where a setting has the name of the first. */
const BUILD: ReadonlySet<string> = new Set(['build', 'build (fact)']);

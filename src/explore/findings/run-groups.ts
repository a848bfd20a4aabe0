// Runs that can be compared: benchmarks that have cells in common, each of the others by itself. Across benchmarks that ask for other things a setting that is
// missing stands for everything else that differs.

import type { Dataset } from '../data/dataset.ts';
import { listText } from './wording.ts';

export interface RunGroup {
  /** Ascending. */
  readonly rows: Uint32Array;
  /** Empty for runs of no benchmark, and where there is only one group. */
  readonly benchmarks: readonly string[];
  /** `tune`, `before and after`, `before and 3 more`. */
  readonly label: string;
}

/** Names that a label has. */
const NAMED = 2;

/**
 * Groups of runs, the largest first. Benchmarks belong together where the same settings have the same values in some run of each, whatever machine or build it
 * was; runs of no benchmark where they have the same settings.
 * @param rows that count, ascending
 */
export function groupRuns(dataset: Dataset, rows: Uint32Array): RunGroup[] {
  const benchmark = dataset.properties.find(({ name, origin }) => name === 'benchmark' && origin === 'fact');
  const settings = dataset.properties.filter(({ origin }) => origin === 'setting');
  const above = new Map<string, string>();
  const top = (key: string): string => {
    let at = key;
    for (let next = above.get(at)!; next !== at; next = above.get(at)!) at = next;
    return at;
  };
  const byBenchmark = Map.groupBy(rows, (row) => benchmark?.codes[row] ?? -1);
  const byKey = new Map<string, number[]>();
  const ownerOf = new Map<string, string>();
  for (const [code, own] of byBenchmark) {
    const seen = new Map<number, string>();
    for (const row of own) {
      const cell = dataset.cells[row]!;
      let key = seen.get(cell);
      if (key === undefined) {
        key = code >= 0 || benchmark === undefined ? `${code}` : presence(settings, row);
        seen.set(cell, key);
        if (!above.has(key)) above.set(key, key);
        const values = settings.map(({ codes }) => codes[row]!).join();
        const owner = ownerOf.get(values);
        if (owner === undefined) ownerOf.set(values, key);
        else above.set(top(key), top(owner));
      }
      const list = byKey.get(key);
      if (list === undefined) byKey.set(key, [row]);
      else list.push(row);
    }
  }
  return [...Map.groupBy(byKey, ([key]) => top(key)).values()]
    .map((own) => groupOf(own, benchmark?.values ?? []))
    .toSorted((a, b) => b.rows.length - a.rows.length);
}

/** Which settings a run has. */
function presence(settings: Dataset['properties'], row: number): string {
  return `has ${settings.map(({ codes }) => (codes[row]! < 0 ? 0 : 1)).join('')}`;
}

function groupOf(
  own: readonly (readonly [key: string, rows: readonly number[]])[],
  values: readonly string[],
): RunGroup {
  const benchmarks = own.flatMap(([key]) => values[Number(key)] ?? []);
  const named = benchmarks.slice(0, NAMED);
  const label = listText(benchmarks.length > NAMED ? [named[0]!, `${benchmarks.length - 1} more`] : named);
  return {
    rows: Uint32Array.from(own.flatMap(([, rows]) => rows)).sort(),
    benchmarks,
    label: label === '' ? 'runs of no benchmark' : label,
  };
}

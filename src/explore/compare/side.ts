// One side of a comparison: cells by their settings, and of each metric the values of its repeats. A benchmark, a part of one, or a stored baseline.

import type { Better, Unit } from '#core/metric';
import { OUTCOMES } from '#core/run';
import type { Dataset, Property } from '../data/dataset.ts';

export interface SideMetric {
  readonly name: string;
  readonly unit: Unit;
  readonly better: Better;
}

export interface SideCell {
  /** By name, as written; a setting that it does not have is absent. */
  readonly settings: Readonly<Record<string, string>>;
  /** By metric the values of the runs that went well, in the order of their start; a metric without any is absent. */
  readonly values: Readonly<Record<string, readonly number[]>>;
  /** Runs that did not go well. */
  readonly failed: number;
  /** Why the last of them failed; null where none did or nobody knows. */
  readonly reason: string | null;
  /** Runs behind it, for links; empty for a baseline. */
  readonly runs: readonly string[];
}

export interface Side {
  readonly title: string;
  readonly cells: readonly SideCell[];
  readonly metrics: readonly SideMetric[];
  /** By name the values that the fact has in these runs: where and with what they were made. */
  readonly facts: Readonly<Record<string, readonly string[]>>;
}

/** Facts that say nothing of where and with what a run was made. */
const NO_ENVIRONMENT: ReadonlySet<string> = new Set(['benchmark', 'outcome', 'day', 'kind']);
const OK = OUTCOMES.indexOf('ok');

/**
 * Takes a side out of a dataset. Runs that a person left out do not count; those that failed are only counted.
 * @param rows of the dataset, in any order
 * @param without a property that tells the sides apart: it is no setting of the cells
 */
export function sideOf(dataset: Dataset, rows: Iterable<number>, title: string, without: string | null = null): Side {
  const used = withoutRetried(
    dataset,
    [...rows]
      .filter((row) => !dataset.excluded.has(row))
      .sort((a, b) => dataset.startedAtMs[a]! - dataset.startedAtMs[b]!),
  );
  const settings = dataset.properties.filter(({ name, origin }) => origin === 'setting' && name !== without);
  const drafts = new Map<string, { readonly first: number; readonly rows: number[] }>();
  for (const row of used) {
    const key = settings.map(({ codes }) => codes[row]).join(' ');
    const draft = drafts.get(key);
    if (draft === undefined) drafts.set(key, { first: row, rows: [row] });
    else draft.rows.push(row);
  }
  const cells = [...drafts.values()].map((draft) => cellOf(dataset, settings, draft.first, draft.rows));
  const measured = new Set(cells.flatMap(({ values }) => Object.keys(values)));
  return {
    title,
    cells,
    metrics: dataset.metrics
      .filter(({ name }) => measured.has(name))
      .map(({ name, unit, better }) => ({ name, unit, better })),
    facts: factsOf(dataset, used, without),
  };
}

/** Without the failed runs that were tried again. */
function withoutRetried({ cells, repeats, outcomes }: Dataset, rows: readonly number[]): number[] {
  const last = new Map(rows.map((row) => [`${cells[row]} ${repeats[row]}`, row]));
  return rows.filter((row) => outcomes[row] === OK || last.get(`${cells[row]} ${repeats[row]}`) === row);
}

function cellOf(dataset: Dataset, settings: readonly Property[], first: number, rows: readonly number[]): SideCell {
  const ok = rows.filter((row) => dataset.outcomes[row] === OK);
  const values: Record<string, number[]> = {};
  for (const metric of dataset.metrics) {
    const of = ok.map((row) => metric.values[row]!).filter((value) => !Number.isNaN(value));
    if (of.length > 0) values[metric.name] = of;
  }
  const failed = rows.filter((row) => dataset.outcomes[row] !== OK);
  return {
    settings: Object.fromEntries(
      settings.flatMap(({ name, values: names, codes }) => {
        const code = codes[first]!;
        return code < 0 ? [] : [[name, names[code]!]];
      }),
    ),
    values,
    failed: failed.length,
    reason: dataset.reasons.get(failed.at(-1) ?? -1) ?? null,
    runs: rows.map((row) => dataset.ids[row]!),
  };
}

function factsOf(dataset: Dataset, rows: readonly number[], without: string | null): Record<string, string[]> {
  const facts: Record<string, string[]> = {};
  for (const { name, origin, values, codes } of dataset.properties) {
    if (origin !== 'fact' || name === without || NO_ENVIRONMENT.has(name)) continue;
    const seen = new Set(rows.map((row) => codes[row]!));
    const known = values.filter((_, code) => seen.has(code));
    if (known.length > 0) facts[name] = known;
  }
  return facts;
}

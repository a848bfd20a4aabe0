// Custom stats that a view is about, computed for its report.

import { UserError } from '#core/user-error';
import type { Dataset, MetricColumn } from '#explore/data/dataset';
import { hiddenWords, statsNamedIn, withoutRecorded } from '#explore/stats/wanted-stats';
import type { View } from '#explore/view';
import { computeStats } from '#lab/stat-values';
import type { SavedStat } from './explore-wire.ts';
import type { LabView } from './lab-view.ts';
import { SavedStats } from './saved-stats.ts';

/** Runs that are read at once. */
const BATCH_RUNS = 5_000;
/** Of all stats together: who waits for a report does not wait for a hundred thousand recordings. What was computed before costs next to none of it. */
const BUDGET_MS = 30_000;

export interface ReportStats {
  /** With the unit and the values of each run of the dataset. */
  readonly columns: readonly MetricColumn[];
  /** Sentences without a full stop: why runs have no value, which stat could not be read. */
  readonly remarks: readonly string[];
}

/** A stat that means nothing of these runs is left out, and told. */
export async function reportStats(lab: LabView, dataset: Dataset, view: View): Promise<ReportStats> {
  const { stats, problems } = await new SavedStats(lab.path).list();
  const wanted = statsNamedIn(
    view,
    stats.map(({ name }) => name),
  );
  const isAsked = [...view.stats, ...view.brushes.map(({ metric }) => metric)].some(
    (name) => !dataset.metrics.some((metric) => metric.name === name) && !wanted.includes(name),
  );
  const columns: MetricColumn[] = [];
  const remarks = isAsked ? [...problems] : [];
  const untilMs = performance.now() + BUDGET_MS;
  const { free, hidden } = withoutRecorded(
    stats.filter(({ name }) => wanted.includes(name)),
    dataset.metrics,
  );
  for (const stat of hidden) remarks.push(hiddenWords(stat));
  for (const stat of free)
    try {
      const { column, absent } = await columnOf(lab, dataset, stat, untilMs);
      columns.push(column);
      for (const [why, runs] of absent)
        remarks.push(`${stat.name}: ${runs} ${runs === 1 ? 'run has' : 'runs have'} no value: ${why}`);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      remarks.push(`${stat.name}: ${error.problems[0]!.what}`);
    }
  return { columns, remarks };
}

async function columnOf(lab: LabView, { ids, count }: Dataset, stat: SavedStat, untilMs: number) {
  const values = new Float64Array(count).fill(NaN);
  const absent = new Map<string, number>();
  let unit: string | null = null;
  for (let begin = 0; begin < count; begin += BATCH_RUNS) {
    const runs = await lab.catalogue.runsById(ids.slice(begin, begin + BATCH_RUNS));
    const computed = await computeStats(lab, stat.expression, runs, { untilMs });
    if (computed.values.some((value) => value !== null)) unit ??= computed.unit;
    const valueOf = new Map(runs.map(({ id }, i) => [id, computed.values[i] ?? NaN]));
    for (let row = begin; row < Math.min(count, begin + BATCH_RUNS); row++) values[row] = valueOf.get(ids[row]!) ?? NaN;
    for (const { why, runs: number } of computed.absent) absent.set(why, (absent.get(why) ?? 0) + number);
  }
  const { name, better, expression } = stat;
  const column: MetricColumn = { name, unit: stat.unit ?? unit ?? '1', better, about: expression, values };
  return { column, absent };
}

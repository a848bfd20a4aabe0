// The results of a benchmark: by cell, summarised over its repeats, judged, and watched for drift.

import type { BenchmarkRecord, Catalogue, CellRecord } from '#core/catalogue';
import type { RunRecord } from '#core/run';
import { findDrift, type Drift } from '#analysis/drift';
import { summarize, type Summary } from '#analysis/summary';
import { judge, type Verdict } from '#analysis/thresholds';

export interface CellResult {
  readonly cell: CellRecord;
  /** The newest run of each repeat, by repeat. */
  readonly runs: readonly RunRecord[];
  readonly state: 'ok' | 'failed' | 'waiting';
}

export interface BenchResults {
  readonly benchmark: BenchmarkRecord;
  readonly cells: readonly CellResult[];
  readonly verdicts: readonly Verdict[];
  readonly drift: Drift | null;
  /** Results of its cells that a person left out: they count nowhere above. */
  readonly excluded: readonly ExcludedRun[];
}

export interface ExcludedRun {
  readonly run: RunRecord;
  readonly reason: string;
}

/** The metric that tells whether the machine itself changed. */
const SENTINEL_METRIC = 'encode.fps';

/** Reads the results of a benchmark from the catalogue. */
export async function readResults(catalogue: Catalogue, benchmark: BenchmarkRecord): Promise<BenchResults> {
  const [cells, runs] = await Promise.all([catalogue.cells(benchmark.name), catalogue.results(benchmark.name)]);
  const results = cells.map((cell) => cellResult(cell, runs.get(cell.sameKey) ?? [], benchmark.repeat));
  const verdicts = results
    .filter(({ state }) => state !== 'waiting')
    .flatMap(({ cell, runs: repeats }) =>
      benchmark.thresholds.map((threshold) =>
        judge(
          threshold,
          cell.label,
          repeats.filter(({ outcome }) => outcome === 'ok').map(({ metrics }) => metrics),
        ),
      ),
    );
  const { reasons } = await catalogue.exclusions();
  return {
    benchmark,
    cells: results,
    verdicts,
    drift: await readDrift(catalogue, benchmark, reasons),
    excluded: await readExcluded(catalogue, cells, reasons),
  };
}

async function readExcluded(
  catalogue: Catalogue,
  cells: readonly CellRecord[],
  reasons: ReadonlyMap<string, string>,
): Promise<ExcludedRun[]> {
  const keys = new Set(cells.map(({ sameKey }) => sameKey));
  const runs = await catalogue.runsById([...reasons.keys()]);
  return runs
    .filter((run) => keys.has(run.sameKey) && run.repeat >= 1 && run.outcome !== null && !run.interrupted)
    .map((run) => ({ run, reason: reasons.get(run.id)! }));
}

/** Keeps the newest run of each repeat that the benchmark asks for. */
export function cellResult(cell: CellRecord, runs: readonly RunRecord[], repeat: number): CellResult {
  const newest = new Map<number, RunRecord>();
  for (const run of runs) {
    if (run.repeat < 1 || run.repeat > repeat || run.outcome === null || run.interrupted) continue;
    const known = newest.get(run.repeat);
    if (known === undefined || known.id < run.id) newest.set(run.repeat, run);
  }
  const kept = [...newest.values()].toSorted((a, b) => a.repeat - b.repeat);
  const state = kept.some(({ outcome }) => outcome !== 'ok') ? 'failed' : kept.length > 0 ? 'ok' : 'waiting';
  return { cell, runs: kept, state };
}

/** One metric over the repeats of a cell that went well; null where none has it. */
export function summarizeMetric(result: CellResult, name: string): (Summary & { unit: string }) | null {
  // What a foreign catalogue or JSON made of a number that is none does not count.
  const metrics = result.runs
    .filter(({ outcome }) => outcome === 'ok')
    .flatMap((run) => run.metrics[name] ?? [])
    .filter(({ value }) => Number.isFinite(value));
  const summary = summarize(metrics.map(({ value }) => value));
  return summary === null ? null : { ...summary, unit: metrics[0]!.unit };
}

/** Visits of the sentinel since the benchmark was last started. */
async function readDrift(
  catalogue: Catalogue,
  benchmark: BenchmarkRecord,
  excluded: ReadonlyMap<string, string>,
): Promise<Drift | null> {
  const runs = await catalogue.runs({ benchmark: benchmark.name, outcome: 'ok', limit: MOST_VISITS });
  const visits = runs
    .filter(
      (run) =>
        run.repeat < 0 &&
        run.startedAt >= benchmark.startedAt &&
        run.metrics[SENTINEL_METRIC] !== undefined &&
        !excluded.has(run.id),
    )
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const times = visits.map((run) => Date.parse(run.startedAt) / 1000);
  return findDrift(
    times,
    visits.map((run) => run.metrics[SENTINEL_METRIC]!.value),
  );
}

/** Runs looked through for visits of the sentinel. */
const MOST_VISITS = 20_000;

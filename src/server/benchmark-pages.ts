// Benchmarks as the page shows them: how far each has come, and one with all of its results.

import type { BenchmarkRecord, Catalogue, CellRecord, Progress } from '#core/catalogue';
import { judge } from '#analysis/thresholds';
import { OUTCOMES } from '#core/run';
import { cellResult } from '#matrix/bench-results';
import { cellColumns, resultColumns } from './result-columns.ts';
import { WIRE_VERSION, type BenchmarkPage, type BenchmarkSummary } from './wire.ts';

/** Runs of one benchmark that have not ended: one a bench, and what dead ones left behind. */
const MAX_OPEN_RUNS = 100;

interface Counted {
  readonly runsDone: number;
  readonly failed: number;
  readonly thresholdsMissed: number;
}

export class BenchmarkPages {
  readonly #catalogue: Catalogue;
  readonly #counted = new Map<string, { readonly key: string; readonly counted: Counted }>();

  constructor(catalogue: Catalogue) {
    this.#catalogue = catalogue;
  }

  /** Every benchmark of the lab, the one started last first. */
  async list(): Promise<BenchmarkSummary[]> {
    const [records, progress, ended] = await Promise.all([
      this.#catalogue.benchmarks(),
      this.#catalogue.progress(),
      this.#endedRuns(),
    ]);
    const summaries: BenchmarkSummary[] = [];
    for (const record of records) {
      summaries.push(
        await this.#summarize(record, progress.find((one) => one.benchmark === record.name) ?? null, ended),
      );
    }
    return summaries.toSorted((a, b) => b.startedAt.localeCompare(a.startedAt));
  }

  /**
   * One benchmark with every result; null where there is none of that name.
   * @param metrics those that come with their values: of ten thousand runs all would be many
   */
  async page(name: string, metrics: ReadonlySet<string> | null = null): Promise<BenchmarkPage | null> {
    const benchmark = await this.#catalogue.benchmark(name);
    if (benchmark === null) return null;
    const [cells, results, progress, started] = await Promise.all([
      this.#catalogue.cells(name),
      this.#catalogue.results(name),
      this.#catalogue.progress(),
      this.#catalogue.runs({ benchmark: name, limit: MAX_OPEN_RUNS }),
    ]);
    const cellOfKey = new Map(cells.map((cell, position) => [cell.sameKey, position]));
    const ended = [...results.values()].flat();
    const known = new Set(ended.map((run) => run.id));
    const open = started.filter((run) => run.outcome === null && run.repeat > 0 && !known.has(run.id));
    return {
      version: WIRE_VERSION,
      benchmark,
      thresholds: benchmark.thresholds,
      encodes:
        cells.some(({ settings }) => 'encoder' in settings) &&
        ![...ended, ...started].some(({ kind }) => kind === 'stream'),
      cells: cellColumns(cells, benchmark.properties),
      results: resultColumns([...ended, ...open], cellOfKey, metrics),
      progress: progress.find((one) => one.benchmark === name) ?? null,
    };
  }

  async #summarize(record: BenchmarkRecord, progress: Progress | null, ended: string): Promise<BenchmarkSummary> {
    const cells = await this.#catalogue.cells(record.name);
    const runsTotal = cells.length * record.repeat;
    const { name, file, startedAt, repeat, properties } = record;
    const common = { name, file, startedAt, repeat, properties, cells: cells.length, progress };
    if (progress !== null)
      return {
        ...common,
        runsDone: progress.runsDone,
        runsTotal: progress.runsTotal,
        failed: progress.failed,
        thresholdsMissed: 0,
      };
    const counted = await this.#count(record, cells, `${ended} ${startedAt}`);
    return { ...common, ...counted, runsTotal };
  }

  /** Counting reads every result: done again only when a run has ended since. */
  async #count(record: BenchmarkRecord, cells: readonly CellRecord[], key: string): Promise<Counted> {
    const known = this.#counted.get(record.name);
    if (known?.key === key) return known.counted;
    const results = await this.#catalogue.results(record.name);
    let runsDone = 0;
    let failed = 0;
    const missed = new Set<string>();
    for (const cell of cells) {
      const { runs } = cellResult(cell, results.get(cell.sameKey) ?? [], record.repeat);
      const well = runs.filter((run) => run.outcome === 'ok').map(({ metrics }) => metrics);
      runsDone += runs.length;
      failed += runs.length - well.length;
      if (runs.length === 0) continue;
      for (const threshold of record.thresholds)
        if (judge(threshold, cell.label, well).state !== 'met') missed.add(threshold.text);
    }
    const counted = { runsDone, failed, thresholdsMissed: missed.size };
    this.#counted.set(record.name, { key, counted });
    return counted;
  }

  /** Changes whenever a run has ended, and with the runs that are left out. */
  async #endedRuns(): Promise<string> {
    const counts = await Promise.all(OUTCOMES.map((outcome) => this.#catalogue.countRuns({ outcome })));
    return [...counts, (await this.#catalogue.exclusions()).stamp].join(' ');
  }
}

// The results of a benchmark in the page: columns that grow while the bench runs, and what is derived of them.

import { mean, median, quantileSorted } from '#analysis/quantile';
import { displayUnit, type DisplayUnit } from '#core/format-quantity';
import type { Better, Unit } from '#core/metric';
import type { Outcome } from '#core/run';
import type { BenchmarkPage, ResultColumns } from '#server/wire';
import { EXPECTED_METRICS } from './metric-choice.ts';

export interface MetricInfo {
  readonly name: string;
  readonly unit: Unit;
  readonly better: Better;
}

/** `failed` where any of its runs ended badly, even if others did not. */
export type CellState = 'waiting' | 'running' | 'partial' | 'done' | 'failed';

/** Runs in columns; rows are only added or replaced, so a position stays what it is. NaN is an absent metric. */
export class Results {
  readonly cells: number;
  readonly repeat: number;
  readonly id: string[] = [];
  readonly cell: number[] = [];
  readonly repeatOf: number[] = [];
  readonly outcome: (Outcome | null)[] = [];
  readonly reason: (string | null)[] = [];
  readonly startedAtMs: number[] = [];
  readonly durationS: number[] = [];
  /** Rows of each cell by repeat: of a repeat that was run again, the newest. */
  readonly rowsOfCell: number[][];
  readonly #metrics = new Map<string, { info: MetricInfo; values: number[]; isLoaded: boolean }>();
  readonly #rowOfId = new Map<string, number>();
  readonly #medians = new Map<string, Float64Array>();
  readonly #units: Map<string, DisplayUnit>;

  /** @param units that metrics are shown in already: once chosen, a unit stays, whatever else comes */
  constructor(page: BenchmarkPage, units = new Map<string, DisplayUnit>()) {
    this.#units = units;
    this.cells = page.cells.label.length;
    this.repeat = page.benchmark.repeat;
    this.rowsOfCell = Array.from({ length: this.cells }, () => []);
    this.merge(page.results);
    // Before the first result the page already has the columns and the metric that it will have.
    if (page.encodes && this.#metrics.size === 0)
      for (const info of EXPECTED_METRICS) this.#metrics.set(info.name, { info, values: [], isLoaded: true });
  }

  get metrics(): MetricInfo[] {
    return [...this.#metrics.values()].map(({ info }) => info);
  }

  metric(name: string): MetricInfo | null {
    return this.#metrics.get(name)?.info ?? null;
  }

  /** The unit that fits the middle of a metric's values when the first of them come. */
  shownIn({ name, unit }: MetricInfo): DisplayUnit {
    const known = this.#units.get(name);
    if (known !== undefined) return known;
    const middle = median(this.medians(name).filter((value) => !Number.isNaN(value)));
    if (Number.isNaN(middle)) {
      // A unit that depends on the size is not named before there is one.
      const isFixed = displayUnit(unit, Number.MIN_VALUE).name === displayUnit(unit, Number.MAX_VALUE).name;
      return isFixed ? displayUnit(unit, 1) : { name: '', divisor: 1 };
    }
    const chosen = displayUnit(unit, middle);
    this.#units.set(name, chosen);
    return chosen;
  }

  /** Values of a metric by row; empty where they were not read. */
  values(name: string): readonly number[] {
    return this.#metrics.get(name)?.values ?? [];
  }

  /** Takes rows in; a run that is known already is replaced. */
  merge(columns: ResultColumns): void {
    const targets = columns.id.map((id, row) => this.#place(id, columns.cell[row]!, columns.repeat[row]!));
    for (const [from, to] of targets.entries()) {
      this.repeatOf[to] = columns.repeat[from]!;
      this.outcome[to] = columns.outcome[from]!;
      this.reason[to] = columns.reason[from]!;
      this.startedAtMs[to] = columns.startedAtMs[from]!;
      this.durationS[to] = columns.durationS[from] ?? NaN;
    }
    for (const { name, unit, better, values } of columns.metrics) {
      let metric = this.#metrics.get(name);
      if (metric === undefined) {
        // What came without values is only named; news of it alone would be a column of holes.
        metric = { info: { name, unit, better }, values: [], isLoaded: values !== null };
        this.#metrics.set(name, metric);
      }
      if (values === null || !metric.isLoaded) continue;
      while (metric.values.length < this.id.length) metric.values.push(NaN);
      for (const [from, to] of targets.entries()) metric.values[to] = values[from] ?? NaN;
    }
    for (const { values, isLoaded } of this.#metrics.values())
      while (isLoaded && values.length < this.id.length) values.push(NaN);
    for (const cell of new Set(columns.cell))
      this.rowsOfCell[cell]?.sort((a, b) => this.repeatOf[a]! - this.repeatOf[b]!);
    this.#medians.clear();
  }

  #place(id: string, cell: number, repeat: number): number {
    const known = this.#rowOfId.get(id);
    if (known !== undefined) return known;
    const row = this.id.length;
    this.#rowOfId.set(id, row);
    this.id.push(id);
    this.cell.push(cell);
    const rows = this.rowsOfCell[cell];
    if (rows === undefined || repeat > this.repeat) return row;
    const before = rows.findIndex((one) => this.repeatOf[one] === repeat);
    if (before === -1) rows.push(row);
    // Ids sort by the time at which a run began.
    else if (this.id[rows[before]!]! < id) rows[before] = row;
    this.repeatOf[row] = repeat;
    return row;
  }

  /** Values of a metric in one cell: of the runs that went well, without the absent. */
  cellValues(name: string, cell: number): number[] {
    return this.#wellValues(this.values(name), cell);
  }

  /** The same for every cell. */
  valuesOfCells(name: string): number[][] {
    const values = this.values(name);
    return this.rowsOfCell.map((_, cell) => this.#wellValues(values, cell));
  }

  #wellValues(values: readonly number[], cell: number): number[] {
    const well: number[] = [];
    for (const row of this.rowsOfCell[cell] ?? []) {
      const value = values[row] ?? NaN;
      if (this.outcome[row] === 'ok' && !Number.isNaN(value)) well.push(value);
    }
    return well;
  }

  /** Median over the repeats of each cell; NaN where there is none. */
  medians(name: string): Float64Array {
    const known = this.#medians.get(name);
    if (known !== undefined) return known;
    const values = this.values(name);
    const medians = new Float64Array(this.cells);
    for (let cell = 0; cell < this.cells; cell++) medians[cell] = medianOf(this.#wellValues(values, cell));
    this.#medians.set(name, medians);
    return medians;
  }

  cellState(cell: number, running: boolean): CellState {
    const rows = this.rowsOfCell[cell]!;
    let ended = 0;
    let failed = false;
    for (const row of rows) {
      const outcome = this.outcome[row]!;
      if (outcome !== null) ended++;
      failed ||= outcome !== null && outcome !== 'ok';
    }
    if (running) return 'running';
    if (failed) return 'failed';
    if (ended === 0) return 'waiting';
    return ended < this.repeat ? 'partial' : 'done';
  }

  /** How many runs of a cell went well, and how the others ended. */
  endings(cell: number): { readonly ok: number; readonly bad: ReadonlyMap<Outcome, number> } {
    const bad = new Map<Outcome, number>();
    let ok = 0;
    for (const row of this.rowsOfCell[cell]!) {
      const outcome = this.outcome[row]!;
      if (outcome === 'ok') ok++;
      else if (outcome !== null) bad.set(outcome, (bad.get(outcome) ?? 0) + 1);
    }
    return { ok, bad };
  }

  /** Runs of a cell that have ended. */
  ended(cell: number): number {
    return this.rowsOfCell[cell]!.reduce((count, row) => count + (this.outcome[row] === null ? 0 : 1), 0);
  }
}

/** Most cells have one to five repeats: their medians are had without the ceremony of a sorted copy. */
function medianOf(values: readonly number[]): number {
  return values.length <= 2
    ? mean(values)
    : quantileSorted(
        values.toSorted((a, b) => a - b),
        0.5,
      );
}

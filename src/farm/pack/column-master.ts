// The master problem of column generation: how many workers of each pattern, at least cost, so that every class has its demand. HiGHS solves it.

import type { Highs, Model } from 'highs';
import type { PackingProblem } from './packing-problem.ts';

/** A way to fill one worker. */
export interface Column {
  readonly size: number;
  readonly classes: readonly number[];
  readonly times: readonly number[];
}

export interface MasterSolution {
  /** Workers of each column, fractions. */
  readonly workers: Float64Array;
  /** What one item of each class is worth: no column has a negative reduced cost at the optimum over all columns. */
  readonly worth: Float64Array;
  readonly cost: number;
}

/** The linear program over the columns known so far. Must be disposed of: its memory lies in WebAssembly. */
export class ColumnMaster {
  readonly columns: Column[] = [];
  readonly #problem: PackingProblem;
  readonly #model: Model & { dispose(): void };
  readonly #known = new Set<string>();

  constructor(problem: PackingProblem, highs: Highs) {
    this.#problem = problem;
    this.#model = highs.createModel();
    this.#model.options.set({ output_flag: false });
    const none = { indices: [], values: [] };
    for (let c = 0; c < problem.classes; c++) this.#model.addRow(problem.demand[c]!, highs.infinity, none);
  }

  /** @returns whether it was new */
  add(column: Column): boolean {
    const pairs = column.classes.map((c, i) => [c, column.times[i]!] as const).sort((a, b) => a[0] - b[0]);
    const key = `${column.size}:${pairs.join(';')}`;
    if (this.#known.has(key)) return false;
    this.#known.add(key);
    this.columns.push(column);
    this.#model.addCol(this.#problem.cost[column.size]!, 0, Infinity, {
      indices: pairs.map(([c]) => c),
      values: pairs.map(([, times]) => times),
    });
    return true;
  }

  /** Only so many items of each class are wanted from now on. */
  want(demand: Int32Array): void {
    for (let c = 0; c < demand.length; c++) this.#model.changeRowBounds(c, demand[c]!, Infinity);
  }

  /** @param seconds at most @returns null where the time was too short */
  solve(seconds: number): MasterSolution | null {
    this.#model.zeroAllClocks();
    this.#model.options.set({ time_limit: Math.max(0.01, seconds) });
    this.#model.run();
    if (this.#model.getModelStatus() !== OPTIMAL) return null;
    const { colValue, rowDual } = this.#model.getSolution();
    return {
      workers: colValue,
      worth: rowDual.map((value) => Math.max(0, value)),
      cost: this.#model.getObjectiveValue(),
    };
  }

  /** The best whole numbers of workers over the columns known, at most `seconds` long. Null where none was found. */
  solveWhole(seconds: number): Float64Array | null {
    const model = this.#model;
    for (let j = 0; j < this.columns.length; j++) model.changeColIntegrality(j, INTEGER);
    model.zeroAllClocks();
    model.options.set({ time_limit: Math.max(0.01, seconds) });
    model.run();
    const found = model.info.get('primal_solution_status') === FEASIBLE ? model.getSolution().colValue : null;
    model.clearIntegrality();
    return found === null ? null : found.map((value) => Math.round(value));
  }

  dispose(): void {
    this.#model.dispose();
  }
}

/** HiGHS' own numbers: HighsModelStatus kOptimal, HighsVarType kInteger, kSolutionStatusFeasible. */
const OPTIMAL = 7;
const INTEGER = 1;
const FEASIBLE = 2;

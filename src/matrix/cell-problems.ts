// Problems of cells, each told once and at the place of the value in the file.

import type { Benchmark, Cell } from '#core/benchmark';
import { UserError, type Problem } from '#core/user-error';
import type { SettingProblem } from '#media/encode-settings';
import { settingPosition } from '#media/settings-file/setting-position';

/** Problems told at once: of a thousand cells with the same slip nobody wants a thousand lines. */
export const MAX_PROBLEMS = 20;

export class CellProblems {
  readonly #benchmark: Benchmark;
  readonly #problems = new Map<string, Problem>();

  constructor(benchmark: Benchmark) {
    this.#benchmark = benchmark;
  }

  add(cell: Cell, { setting, what, todo }: SettingProblem): void {
    const where = settingPosition(this.#benchmark, setting, cell.settings[setting]);
    const problem = { what, where, todo };
    this.#problems.set(JSON.stringify(problem), problem);
  }

  /** @throws UserError with all of them */
  throwIfAny(): void {
    if (this.#problems.size === 0) return;
    const all = [...this.#problems.values()];
    const more = all.length - MAX_PROBLEMS;
    throw new UserError(more > 0 ? [...all.slice(0, MAX_PROBLEMS), { what: `and ${more} more of the kind` }] : all);
  }
}

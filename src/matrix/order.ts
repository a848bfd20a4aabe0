// The order in which a plan is carried out: hooks and runs, one after the other, made as they are asked for.

import type { Benchmark, Cell, HookCommand } from '#core/benchmark';
import { formatSettingValue } from '#core/settings';
import { seededRandom, shuffled, type Random } from '#analysis/random';
import { withValue } from './hook-commands.ts';

export type PlanStep = HookStep | RunStep;

export interface HookStep {
  readonly kind: 'hook';
  /** `setup` and `teardown` stand around everything and belong to no property. */
  readonly moment: 'setup' | 'before' | 'after' | 'teardown';
  readonly property: string | null;
  /** Name of the property's value. */
  readonly value: string | null;
  /** With the value put in for `$property`. */
  readonly commands: readonly HookCommand[];
}

export interface RunStep {
  readonly kind: 'run';
  readonly cell: Cell;
  /** 1, 2, 3 …; 0 for a warm-up; -1, -2 … for visits of the drift sentinel. */
  readonly repeat: number;
  readonly sentinel: boolean;
}

export interface PlanOptions {
  /** False for what is recorded already: it is left out, and so are hooks around nothing. */
  readonly wanted?: ((cell: Cell, repeat: number) => boolean) | undefined;
  /** Visits the first cell at the start, after this many runs each, and at the end: does the machine itself change? */
  readonly sentinelEvery?: number | undefined;
  /** Asked before each run; once true, only what closes the open hooks follows. */
  readonly stopped?: (() => boolean) | undefined;
}

/** Below this many runs a drift sentinel costs more than it tells. */
export const MIN_RUNS_FOR_SENTINEL = 20;

/**
 * The steps of a benchmark. Each repeat visits every cell once. Properties with hooks form blocks, the first property
 * outermost; random order shuffles the blocks and the cells inside them anew for each repeat, so that a slow change of
 * the machine hits all cells alike. A property's hooks run only when its value changes: `after` for the old value,
 * `before` for the new one. Warm-ups come right before a cell's first run. With hooks, a visit of the sentinel waits
 * until its cell's own block is at work.
 * @param seed of the order; the same seed gives the same order, whatever is left out
 */
export function* planSteps(
  benchmark: Benchmark,
  seed: number,
  options: PlanOptions = {},
): Generator<PlanStep, void, void> {
  const { wanted = () => true, stopped = () => false } = options;
  const random = benchmark.order === 'random' ? seededRandom(seed) : null;
  const hooks = new OpenHooks(benchmark);
  const sentinel = new Sentinel(benchmark, wanted, options.sentinelEvery);
  const warmed = new Set<Cell>();
  let begun = false;

  for (let repeat = 1; repeat <= benchmark.repeat && !stopped(); repeat++) {
    // Drawn in full even where little is wanted, so that a resumed bench keeps the order.
    for (const cell of inBlocks(benchmark.cells, hooks.properties, random)) {
      if (!wanted(cell, repeat)) continue;
      if (stopped()) break;
      if (!begun && benchmark.setup.length > 0) yield around('setup', benchmark.setup);
      begun = true;
      yield* hooks.change(cell, stopped);
      if (stopped()) break;
      const visit = sentinel.due(hooks);
      if (visit !== null) yield visit;
      if (!warmed.has(cell) && wanted(cell, 0))
        for (let n = 0; n < benchmark.warmup && !stopped(); n++)
          yield { kind: 'run', cell, repeat: 0, sentinel: false };
      warmed.add(cell);
      if (stopped()) break;
      yield { kind: 'run', cell, repeat, sentinel: false };
      sentinel.count();
    }
  }
  if (!begun) return;
  const visit = stopped() ? null : sentinel.last(hooks);
  if (visit !== null) yield visit;
  yield* hooks.close();
  if (benchmark.teardown.length > 0) yield around('teardown', benchmark.teardown);
}

/** Cells grouped by the values of these properties, the first outermost; groups and cells shuffled where random. */
function inBlocks(cells: readonly Cell[], properties: readonly string[], random: Random | null): readonly Cell[] {
  const [property, ...inner] = properties;
  if (property === undefined) return random === null ? cells : shuffled(cells, random);
  const blocks = [...Map.groupBy(cells, (cell) => cell.properties[property]).values()];
  return (random === null ? blocks : shuffled(blocks, random)).flatMap((block) => inBlocks(block, inner, random));
}

/** The value of each property with hooks that is in place now. */
class OpenHooks {
  readonly properties: readonly string[];
  readonly #hooks: Benchmark['hooks'];
  readonly #open = new Map<string, { readonly name: string; readonly text: string }>();

  constructor(benchmark: Benchmark) {
    this.#hooks = benchmark.hooks;
    this.properties = benchmark.hooks.map(({ property }) => property);
  }

  /** What must run before this cell: `after` of the values it does not have, from the inside, then `before` of its own. */
  *change(cell: Cell, stopped: () => boolean): Generator<HookStep, void, void> {
    const changed = this.#hooks.filter(({ property }) => this.#open.get(property)?.name !== cell.properties[property]);
    yield* this.#leave(changed);
    for (const { property, before } of changed) {
      const name = cell.properties[property];
      if (stopped()) return;
      // A property nested in another value does not exist in every cell.
      if (name === undefined) continue;
      const text = formatSettingValue(cell.settings[property] ?? name);
      this.#open.set(property, { name, text });
      if (before.length > 0) yield hookStep('before', property, name, text, before);
    }
  }

  /** `after` of everything that is in place. */
  close(): Generator<HookStep, void, void> {
    return this.#leave(this.#hooks);
  }

  /** True where the values in place are this cell's. */
  fits(cell: Cell): boolean {
    return this.properties.every((property) => this.#open.get(property)?.name === cell.properties[property]);
  }

  *#leave(hooks: Benchmark['hooks']): Generator<HookStep, void, void> {
    for (const { property, after } of hooks.toReversed()) {
      const open = this.#open.get(property);
      if (open === undefined) continue;
      this.#open.delete(property);
      if (after.length > 0) yield hookStep('after', property, open.name, open.text, after);
    }
  }
}

/** When the first cell is visited again. */
class Sentinel {
  readonly #cell: Cell | undefined;
  readonly #every: number | null;
  #sinceLast = Infinity;
  #visits = 0;

  constructor(benchmark: Benchmark, wanted: (cell: Cell, repeat: number) => boolean, every: number | undefined) {
    this.#cell = benchmark.cells[0];
    const enough = every !== undefined && benchmark.cells.length * benchmark.repeat >= MIN_RUNS_FOR_SENTINEL;
    this.#every = enough && countWanted(benchmark, wanted) >= MIN_RUNS_FOR_SENTINEL ? every : null;
  }

  count(): void {
    this.#sinceLast++;
  }

  due(hooks: OpenHooks): RunStep | null {
    return this.#every !== null && this.#sinceLast >= this.#every ? this.#visit(hooks) : null;
  }

  last(hooks: OpenHooks): RunStep | null {
    return this.#every !== null && this.#sinceLast > 0 ? this.#visit(hooks) : null;
  }

  #visit(hooks: OpenHooks): RunStep | null {
    if (this.#cell === undefined || !hooks.fits(this.#cell)) return null;
    this.#sinceLast = 0;
    this.#visits++;
    return { kind: 'run', cell: this.#cell, repeat: -this.#visits, sentinel: true };
  }
}

function countWanted(benchmark: Benchmark, wanted: (cell: Cell, repeat: number) => boolean): number {
  let count = 0;
  for (const cell of benchmark.cells)
    for (let repeat = 1; repeat <= benchmark.repeat && count < MIN_RUNS_FOR_SENTINEL; repeat++)
      if (wanted(cell, repeat)) count++;
  return count;
}

function around(moment: 'setup' | 'teardown', commands: readonly HookCommand[]): HookStep {
  return { kind: 'hook', moment, property: null, value: null, commands };
}

function hookStep(
  moment: 'before' | 'after',
  property: string,
  value: string,
  text: string,
  commands: readonly HookCommand[],
): HookStep {
  return {
    kind: 'hook',
    moment,
    property,
    value,
    commands: commands.map((command) => withValue(command, property, text)),
  };
}

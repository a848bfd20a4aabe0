// What a simulation tells.

import { quantileSorted } from '#analysis/quantile';
import type { Resource } from '#core/packing';

/** Seconds; NaN where there is nothing to tell of. */
export interface Spread {
  readonly mean: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** What a size of worker cost. Null where it has no price. */
export interface SizeCost {
  readonly name: string;
  readonly count: number;
  /** All workers paid from the start of time to the makespan; NaN, and so is the next one, where that is not known. */
  readonly held: number | null;
  /** Each worker paid until its own last item had ended. */
  readonly released: number | null;
  /** CPU seconds reserved on it over those that it had. */
  readonly cpu: number;
}

export interface Simulation {
  readonly seed: number;
  readonly items: number;
  /** Items that ended well, each once. */
  readonly ended: number;
  /** Items that fit no worker. */
  readonly unplaceable: number;
  /** Items that never came, for they come after some that fit no worker. */
  readonly neverCame: number;
  /** NaN where some items never end, and so is all that follows from it. */
  readonly makespanS: number;
  /** Nothing could have ended earlier; NaN, and so is the gap, where some items never end. */
  readonly boundS: number;
  /** makespan / bound - 1. */
  readonly gap: number;
  /** Of the whole fleet until the last item has ended, from 0 to 1: reserved; null where nothing limits it. `busy` is of cores in use. */
  readonly used: Readonly<Record<Resource, number | null>> & { readonly busy: number };
  /** The same over time, with workers up, items running and waiting; means of equal steps. */
  readonly steps: {
    readonly stepS: number;
    readonly used: Readonly<Record<Resource, readonly number[] | null>>;
    readonly busy: readonly number[];
    readonly workers: readonly number[];
    readonly running: readonly number[];
    readonly waiting: readonly number[];
  };
  /** From when an item came to when it first began. */
  readonly waitS: Spread;
  /** From a title's first item that came to the end of its last; of titles that come to their end. */
  readonly turnAroundS: Spread;
  /** Titles of which some items never end. */
  readonly unfinishedTitles: number;
  /** Items that ended after their deadline, and titles that have such. */
  readonly late: number;
  readonly lateTitles: number;
  readonly cost: readonly SizeCost[];
  /** Sum of what is held; null where no size has a price, NaN where it is not known. */
  readonly costHeld: number | null;
  readonly failures: number;
  /** Items begun again, because their worker failed or because they outgrew their memory. */
  readonly restarts: number;
  /** CPU seconds that were used for nothing. */
  readonly lostCpuS: number;
  /** Items whose memory grew past their reservation: into room that their worker had, slowed, or ended and retried larger. */
  readonly outgrown: { readonly grown: number; readonly slowed: number; readonly retried: number };
}

/** Whether all work was done: else there is no makespan, no cost and no turn-around of some titles. */
export function isDone({ items, ended }: Pick<Simulation, 'items' | 'ended'>): boolean {
  return ended === items;
}

/** @param values in any order; NaN values do not count */
export function spreadOf(values: Float64Array): Spread {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  const at = (p: number) => quantileSorted(sorted, p);
  return {
    mean: sorted.length === 0 ? NaN : sorted.reduce((sum, value) => sum + value, 0) / sorted.length,
    p50: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
    max: at(1),
  };
}

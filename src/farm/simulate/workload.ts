// A workload: what a YAML file says is to be simulated. docs/simulate.md describes the format.

import type { PackPolicy } from '#core/packing';
import type { Fleet } from './fleet.ts';
import type { Outgrow } from './simulate.ts';

/** A log-normal quantity: its median, and the standard deviation of its logarithm (0: always the median). */
export interface Quantity {
  readonly median: number;
  readonly sigma: number;
}

/** Work of one kind: drawn from distributions, or from measured shapes that a filter chooses. */
export type WorkClass =
  | {
      readonly name: string;
      readonly kind: 'drawn';
      readonly durationS: Quantity;
      readonly cores: Quantity;
      readonly memoryBytes: Quantity;
      readonly diskBytes: Quantity;
      /** Bytes a second. */
      readonly network: Quantity;
    }
  | { readonly name: string; readonly kind: 'shapes'; readonly filter: string };

export type Arrivals =
  | { readonly kind: 'at once' }
  | { readonly kind: 'every'; readonly seconds: number }
  | { readonly kind: 'poisson'; readonly perHour: number };

/** Items of one class in a stage. */
export interface StagePart {
  /** Into the workload's classes. */
  readonly class: number;
  readonly count: number;
}

/** Titles of one kind. A stage begins when all of the one before it has ended. */
export interface TitleKind {
  readonly name: string;
  readonly count: number;
  readonly arrivals: Arrivals;
  readonly priority: number;
  /** Seconds after the title came; null where there is none. */
  readonly deadlineS: number | null;
  /** Titles are longer and shorter: what a stage has several of is multiplied by a log-normal factor of the title. */
  readonly sigma: number;
  readonly stages: readonly (readonly StagePart[])[];
}

/** Measured shapes as they are: each row an item, so many times over. */
export interface Replay {
  readonly filter: string;
  readonly times: number;
}

/** How wrong predictions are: standard deviations of the logarithm of predicted over true. */
export interface PredictionError {
  readonly duration: number;
  readonly cpu: number;
  readonly memory: number;
}

export interface Workload {
  readonly name: string;
  readonly seed: number;
  readonly policy: PackPolicy;
  /** Null where the command line has to tell it. */
  readonly fleet: Fleet | null;
  readonly startS: number;
  readonly failuresPerHour: number;
  readonly outgrow: Outgrow;
  readonly prediction: PredictionError;
  readonly classes: readonly WorkClass[];
  readonly titles: readonly TitleKind[];
  readonly replay: Replay | null;
}

/** Filters of shapes that have to be read before the work can be drawn. */
export function shapeFilters({ classes, replay }: Workload): readonly string[] {
  const filters = classes.flatMap((one) => (one.kind === 'shapes' ? [one.filter] : []));
  return [...new Set(replay === null ? filters : [...filters, replay.filter])];
}

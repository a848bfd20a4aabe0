// What the explorer's page and the server say to each other.

import type { Unit } from '#core/metric';
import type { DisplayNames } from '#explore/data/dataset';
import type { Finding } from '#explore/findings/finding';
import type { View } from '#explore/view';

export const EXPLORE_VERSION = 1;

/**
 * `GET /explore/runs?benchmark=…` (several, or none for every run of the lab): a packed Dataset (#explore/data/unpack-dataset), and this
 * as what is said besides.
 */
export interface RunsAbout {
  readonly version: typeof EXPLORE_VERSION;
  /** Benchmarks that were asked for, and are not in this lab. */
  readonly missing: readonly string[];
  /** Those that are, the one started last first. */
  readonly benchmarks: readonly string[];
  /** Runs that are more than a page can hold: the oldest. */
  readonly leftOut: number;
  /** Runs that lack machine, host, kernel and build: nobody has looked into their recordings yet. */
  readonly withoutFacts: number;
}

/** `POST /explore/facts` looks for about half a second into recordings that nobody looked into yet. Once it is complete, the runs are asked for again. */
export interface FactsProgress {
  readonly complete: boolean;
}

/** `GET /explore/views`: what was saved by name. */
export interface SavedViewList {
  readonly views: readonly SavedView[];
  /** Of files that can't be read. */
  readonly problems: readonly string[];
}

/** `GET|PUT|DELETE /explore/views/:name`, PUT with `{view}`. */
export interface SavedView {
  readonly version: typeof EXPLORE_VERSION;
  readonly name: string;
  /** UTC, ISO 8601. */
  readonly savedAt: string;
  readonly view: View;
}

/** `GET|PUT /explore/names`, PUT with `{names}`: all of them. */
export interface SavedNames {
  readonly version: typeof EXPLORE_VERSION;
  readonly names: DisplayNames;
}

/** `GET /explore/stats`: custom stats that were saved. */
export interface SavedStatList {
  readonly stats: readonly SavedStat[];
  /** Of files that can't be read. */
  readonly problems: readonly string[];
}

/** A custom stat: a name for an expression over recorded columns. `PUT|DELETE /explore/stats/:name`, PUT without the name. */
export interface SavedStat {
  readonly name: string;
  readonly expression: string;
  /** Null where it follows from the expression. */
  readonly unit: Unit | null;
  readonly better: 'higher' | 'lower' | null;
}

/** `GET /explore/stats/columns?run=…`: what an expression can read of that run. */
export interface StatColumns {
  readonly columns: readonly { readonly name: string; readonly unit: Unit; readonly of: 'frames' | 'indicator' }[];
}

/** `POST /explore/stats/values {expression, runs, trial}`, MAX_STAT_RUNS at most, trial true where nothing need be kept for later: of each run its value, null where it has none; why, where it has none for a reason worth telling. */
export interface StatValues {
  readonly unit: Unit;
  readonly values: readonly (number | null)[];
  readonly absent: readonly { readonly why: string; readonly runs: number }[];
}

/** `PUT /explore/exclusions {runs, reason}`; a reason of null takes them in again. `POST /explore/delete {runs}` deletes them with their recordings. */
export interface ExclusionChange {
  readonly runs: readonly string[];
  readonly reason: string | null;
}

/** `GET /explore/findings?benchmark=…` (several, or none for all runs). */
export interface FindingsPage {
  readonly version: typeof EXPLORE_VERSION;
  readonly findings: readonly Finding[];
  /** What could not be looked for, and why. */
  readonly notes: readonly string[];
}

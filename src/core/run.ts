// A run: one execution with its settings, environment, outcome, metrics and recording.

import type { Metrics } from './metric.ts';
import type { Settings } from './settings.ts';

export type RunKind = 'stream' | 'encode' | 'spice' | 'command';

export const OUTCOMES = ['ok', 'failed', 'timeout', 'killed'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** A run as the catalogue keeps it. */
export interface RunRecord {
  /** UUIDv7: ids sort by the time a run began. */
  readonly id: string;
  readonly kind: RunKind;
  /** Name of the benchmark that made it; null for a run made by hand. */
  readonly benchmark: string | null;
  /** Label of its cell, `codec=x264 bitrate=1M preset=medium`; of a recording made by hand the name that it was given. */
  readonly cell: string | null;
  /** 1, 2, 3 … among the runs of one cell; 0 is a warm-up, -1 and below are visits of the drift sentinel. */
  readonly repeat: number;
  /** As the user wrote them; `labels` names those that only name a group of others (`codec: x264`). */
  readonly settings: Settings;
  readonly labels: readonly string[];
  /** SHA-256 of what makes two runs the same (settings, source content, encoder build, CPU model, core count). */
  readonly sameKey: string;
  /** Null while it runs. */
  readonly outcome: Outcome | null;
  /** Why it did not end well, with the tail of its log. */
  readonly reason: string | null;
  /** True where the bench died or was told to stop, the disk was full, or the source changed: kept, and no result. */
  readonly interrupted: boolean;
  /** UTC, ISO 8601. */
  readonly startedAt: string;
  /** From start to end, monotonic; null while it runs or where the end is not known. */
  readonly durationS: number | null;
  readonly metrics: Metrics;
  /** Folder of the recording, relative to the lab; null where there is none. */
  readonly recording: string | null;
}

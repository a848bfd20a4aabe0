// Metrics of a stream: computed from its frame journeys and series, on one clock. docs/metrics.md says what each means.

import type { Metrics } from '#core/metric';

/** Rows of one step in one role; all arrays have the same length. Times are microseconds on the reference clock. */
export interface JourneySteps {
  readonly role: string;
  /** A name of STEPS. */
  readonly step: string;
  /** Position of its stream in `streams`, and number of the frame in it. */
  readonly stream: Uint16Array;
  readonly frame: Int32Array;
  readonly startUs: Float64Array;
  /** NaN where it is not known. */
  readonly durationUs: Float64Array;
  readonly busyUs: Float64Array;
  /** Code in STEP_OUTCOMES. */
  readonly outcome: Uint8Array;
}

/** What metrics of a stream are computed from. */
export interface SessionColumns {
  readonly streams: readonly string[];
  /** Seconds that were recorded. */
  readonly durationS: number;
  /** Frames a second that were asked for; NaN where nobody asked. */
  readonly requestedRate: number;
  /** Encoded frames. */
  readonly frames: {
    readonly stream: Uint16Array;
    readonly frame: Int32Array;
    /** Capture time, reference clock. */
    readonly captureUs: Float64Array;
    readonly type: Uint8Array;
    readonly key: Uint8Array;
    readonly bytes: Int32Array;
    readonly quantizer: Float32Array;
  };
  readonly steps: readonly JourneySteps[];
  /** Bound of the error of each agent's clock, microseconds, by role. */
  readonly clockErrorUs: ReadonlyMap<string, number>;
  /** Time-weighted means of indicators, by `role/indicator`. */
  readonly means: ReadonlyMap<string, { readonly value: number; readonly unit: string }>;
}

export function sessionMetrics(columns: SessionColumns): Metrics {
  return { streams: { value: columns.streams.length, unit: '1', better: null } };
}

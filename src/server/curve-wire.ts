// What the page is told of a benchmark's rate-quality curves.

import type { CurveComparison, RateCurve, RateCurves } from '#matrix/rate-curves';
import type { WIRE_VERSION } from './wire.ts';

export interface CurvesPage {
  readonly version: typeof WIRE_VERSION;
  /** Metrics of picture quality that the runs have, the most telling first; empty where nothing was measured. */
  readonly metrics: readonly string[];
  /** Null where no run has the metric that was asked for. */
  readonly metric: RateCurves['metric'] | null;
  readonly curves: readonly RateCurve[];
  /** Curves that there are; more than came where there are very many. */
  readonly total: number;
  /** Label of the curve that the others are compared with; null where there is none. */
  readonly reference: string | null;
  readonly comparisons: readonly CurveComparison[];
}

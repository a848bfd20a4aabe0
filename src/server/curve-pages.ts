// The rate-quality curves of a benchmark as the page shows them.

import type { Catalogue } from '#core/catalogue';
import { readResults } from '#matrix/bench-results';
import { compareCurves, qualityMetrics, rateCurves } from '#matrix/rate-curves';
import type { CurvesPage } from './curve-wire.ts';
import { WIRE_VERSION } from './wire.ts';

/** Curves that are sent: more could not be told apart. */
export const MAX_CURVES = 60;

export interface CurvesQuery {
  /** Metric of quality; null takes the most telling that there is. */
  readonly metric: string | null;
  /** Label of the reference; null, or one that is not there, takes the first curve. */
  readonly against: string | null;
  readonly hull: boolean;
}

/** Null where there is no benchmark of that name. */
export async function curvesPage(catalogue: Catalogue, name: string, query: CurvesQuery): Promise<CurvesPage | null> {
  const benchmark = await catalogue.benchmark(name);
  if (benchmark === null) return null;
  const results = await readResults(catalogue, benchmark);
  const metrics = qualityMetrics(results);
  const wanted = query.metric ?? metrics[0];
  const found = wanted === undefined ? null : rateCurves(results, wanted);
  if (found === null) {
    return { version: WIRE_VERSION, metrics, metric: null, curves: [], total: 0, reference: null, comparisons: [] };
  }
  const reference = found.curves.find(({ label }) => label === query.against) ?? found.curves[0]!;
  const first = found.curves.slice(0, MAX_CURVES);
  const curves = first.includes(reference) ? first : [reference, ...first.slice(1)];
  return {
    version: WIRE_VERSION,
    metrics,
    metric: found.metric,
    curves,
    total: found.curves.length,
    reference: reference.label,
    comparisons: compareCurves(curves, reference, { hull: query.hull }),
  };
}

// The quality metrics of a run, pooled from the scores of its frames.

import type { Better, Metric, Metrics, Unit } from '#core/metric';
import {
  QUALITY_COLUMNS,
  QUALITY_METRICS,
  QUALITY_UNITS,
  type FrameMatch,
  type QualityHeader,
  type QualityMetric,
} from '#core/quality';
import { mean, quantileSorted, sortedSample } from './quantile.ts';

/** Of the frames' scores; the mean has no word of its own. */
const STATISTICS = ['harmonic', 'p1', 'p5', 'min'] as const;
const COUNTS = ['dropped', 'doubled', 'missing', 'surplus'] as const satisfies readonly (keyof FrameMatch)[];
const COUNT_BETTER: Readonly<Record<(typeof COUNTS)[number], Better>> = {
  // A conversion of the rate drops and doubles frames because it is told to.
  dropped: null,
  doubled: null,
  missing: 'lower',
  surplus: 'lower',
};

/** Names of all metrics that `qualityMetrics` may give. */
export function qualityMetricNames(): string[] {
  return [
    ...QUALITY_METRICS.flatMap((metric) => [
      `quality.${metric}`,
      ...STATISTICS.map((statistic) => `quality.${metric} ${statistic}`),
      ...QUALITY_COLUMNS[metric].slice(1).map((plane) => `quality.${plane}`),
    ]),
    'quality.psnr total',
    'quality.xpsnr total',
    'quality.frames.compared',
    ...COUNTS.map((count) => `quality.frames.${count}`),
    'quality.identical',
  ];
}

/**
 * Pools the scores of a run. Identical pictures have no finite PSNR: both means are of the frames that differ from their
 * source, and `quality.identical` counts the others; a total is finite as soon as one frame differs; a quantile that is
 * not finite is absent.
 * @param columns scores by column of the table `quality`, in the order of the frames
 */
export function qualityMetrics(columns: ReadonlyMap<string, ArrayLike<number>>, header: QualityHeader): Metrics {
  const metrics: Record<string, Metric> = {};
  const put = (name: string, value: number, unit: Unit, better: Better = 'higher', model: string | null = null) => {
    if (Number.isFinite(value)) metrics[name] = { value, unit, better, ...(model === null ? {} : { model }) };
  };
  for (const metric of QUALITY_METRICS) {
    const [whole, ...planes] = QUALITY_COLUMNS[metric];
    const unit = QUALITY_UNITS[metric];
    const values = columns.get(whole!);
    const model = header.scores.find((score) => score.metric === metric)?.model ?? null;
    if (values !== undefined) pool(metric, values, (name, value) => put(name, value, unit, 'higher', model));
    for (const plane of planes) put(`quality.${plane}`, finiteMean(columns.get(plane) ?? []), unit);
  }
  put('quality.psnr total', pooledError(columns.get('psnr') ?? [], 10), 'dB');
  put('quality.xpsnr total', totalXpsnr(columns), 'dB');
  put('quality.frames.compared', header.match.compared, 'frame', null);
  for (const count of COUNTS) put(`quality.frames.${count}`, header.match[count].count, 'frame', COUNT_BETTER[count]);
  const distances = columns.get('psnr') ?? columns.get('xpsnr');
  if (distances !== undefined) put('quality.identical', countInfinite(distances), 'frame', null);
  return metrics;
}

/**
 * XPSNR of a whole picture from its planes: four parts luma and one of each chroma plane, weighted as errors and not as
 * decibels, so that a very good chroma plane can't hide a bad luma plane. FFmpeg's filter gives planes only; that averages of
 * decibels hide just that is why its authors report the minimum (github.com/fraunhoferhhi/xpsnr, issue 1). The
 * weights are those of the planes' sizes in 4:2:0, by which the reference software VTM combines squared errors.
 * @returns Y alone where there is no chroma (NaN)
 */
export function weightedXpsnr(y: number, u: number, v: number): number {
  if (Number.isNaN(u) || Number.isNaN(v)) return y;
  return -10 * Math.log10((4 * 10 ** (-y / 10) + 10 ** (-u / 10) + 10 ** (-v / 10)) / 6);
}

function pool(metric: QualityMetric, values: ArrayLike<number>, put: (name: string, value: number) => void): void {
  const name = `quality.${metric}`;
  const sorted = sortedSample(values);
  if (sorted.length === 0) return;
  put(name, finiteMean(sorted));
  put(`${name} harmonic`, harmonicMean(sorted));
  put(`${name} p1`, quantileSorted(sorted, 0.01));
  put(`${name} p5`, quantileSorted(sorted, 0.05));
  put(`${name} min`, sorted[0]!);
}

function finiteMean(values: ArrayLike<number>): number {
  return mean(Array.prototype.filter.call(values, Number.isFinite) as number[]);
}

/** Of the frames that the mean is of. NaN where a score is zero or less: a harmonic mean has no meaning there. */
function harmonicMean(sorted: Float64Array): number {
  if (sorted[0]! <= 0) return NaN;
  let inverse = 0;
  let count = 0;
  for (const value of sorted) {
    if (!Number.isFinite(value)) continue;
    inverse += 1 / value;
    count++;
  }
  return count / inverse;
}

/**
 * Decibels of the mean over all frames of the errors that decibels stand for.
 * @param decade 10 for the mean squared error (as FFmpeg's psnr sums up), 20 for its root (as its xpsnr does)
 */
function pooledError(decibels: ArrayLike<number>, decade: 10 | 20): number {
  let error = 0;
  for (let i = 0; i < decibels.length; i++) error += 10 ** (-decibels[i]! / decade);
  return decibels.length === 0 ? NaN : -decade * Math.log10(error / decibels.length);
}

/** The planes pooled as FFmpeg's xpsnr does in its summary, then weighted. */
function totalXpsnr(columns: ReadonlyMap<string, ArrayLike<number>>): number {
  const [y, u, v] = QUALITY_COLUMNS.xpsnr.slice(1).map((plane) => pooledError(columns.get(plane) ?? [], 20));
  return weightedXpsnr(y!, u!, v!);
}

function countInfinite(values: ArrayLike<number>): number {
  let count = 0;
  for (let i = 0; i < values.length; i++) if (values[i] === Infinity) count++;
  return count;
}

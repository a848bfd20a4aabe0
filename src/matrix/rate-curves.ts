// Rate-quality curves of a benchmark: cells that are alike in everything but the rate they ask for, compared by BD-rate.

import { bdQuality, bdRate, meanDifference, type BdOptions, type BdRefusal, type BdResult } from '#analysis/bd-rate';
import { median } from '#analysis/quantile';
import { byRate, upperHull, type RatePoint } from '#analysis/rate-quality';
import type { Summary } from '#analysis/summary';
import type { Better, Unit } from '#core/metric';
import { RATE_SETTINGS } from '#core/rate-settings';
import { canonicalSettings, formatSettingValue, type Settings } from '#core/settings';
import { summarizeMetric, type BenchResults, type CellResult } from './bench-results.ts';

/** Metrics that stand beside a point: what it took. */
export const RATE_METRIC = 'bitrate';
export const SPEED_METRIC = 'encode.fps';
export const CPU_METRIC = 'cpu.time per frame';

/** One cell with results, as a point of its curve: medians over its repeats. */
export interface CurvePoint extends RatePoint {
  readonly cell: string;
  /** What was asked for, `crf=28`. */
  readonly asked: string;
  /** 95 % intervals of the medians; null for a single run. */
  readonly repeats: number;
  /** Of fewer than 6 repeats it is their range. */
  readonly rateInterval: Summary['interval'];
  readonly qualityInterval: Summary['interval'];
  /** frame/s; null where it was not measured. */
  readonly fps: number | null;
  /** CPU milliseconds a frame; null where it was not measured. */
  readonly cpuMs: number | null;
}

export interface RateCurve {
  /** `codec=x264 preset=medium`: what its cells have in common of what varies in the benchmark. */
  readonly label: string;
  readonly properties: Readonly<Record<string, string>>;
  /** In the order of the rate. */
  readonly points: readonly CurvePoint[];
  /** Models behind its scores, `vmaf_v0.6.1`: one for all of them, else they can't be compared. Empty for a metric without. */
  readonly models: readonly string[];
  /** Cells that have no rate or no quality (yet). */
  readonly missing: number;
}

export interface RateCurves {
  readonly metric: { readonly name: string; readonly unit: Unit; readonly better: Better };
  /** In the order of their first cells. */
  readonly curves: readonly RateCurve[];
}

/** A curve against the reference. */
export interface CurveComparison {
  readonly label: string;
  /** Share of bits at the same quality. */
  readonly rate: BdResult | BdRefusal;
  /** In the metric's unit, at the same rate. */
  readonly quality: BdResult | BdRefusal;
  /** CPU time a frame at the same quality, as a multiple of the reference's: the price of those bits. Null where not known. */
  readonly cpuRatio: number | null;
}

/**
 * The curves of a benchmark.
 * @param metric name of a run's metric, `quality.xpsnr`
 * @returns null where no run has that metric
 */
export function rateCurves(results: BenchResults, metric: string): RateCurves | null {
  const known = results.cells.flatMap(({ runs }) => runs.flatMap((run) => run.metrics[metric] ?? []))[0];
  if (known === undefined) return null;
  const groups = Map.groupBy(results.cells, curveKey(results.cells));
  const names = results.benchmark.properties.map(({ name }) => name);
  const curves = uniquelyNamed([...groups.values()].map((cells) => rateCurve(cells, names, metric)));
  return { metric: { name: metric, unit: known.unit, better: known.better }, curves };
}

/** Every curve but the reference, against it. */
export function compareCurves(
  curves: readonly RateCurve[],
  reference: RateCurve,
  options: BdOptions = {},
): CurveComparison[] {
  return curves
    .filter((curve) => curve !== reference)
    .map((curve) => {
      const refused = otherModel(reference, curve);
      if (refused !== null) return { label: curve.label, rate: refused, quality: refused, cpuRatio: null };
      return compareTwo(reference, curve, options);
    });
}

function compareTwo(reference: RateCurve, curve: RateCurve, options: BdOptions): CurveComparison {
  return {
    label: curve.label,
    rate: bdRate(reference.points, curve.points, options),
    quality: bdQuality(reference.points, curve.points, options),
    cpuRatio: cpuRatio(reference.points, curve.points, options),
  };
}

/** Scores of two models are two kinds of numbers. */
function otherModel(reference: RateCurve, curve: RateCurve): BdRefusal | null {
  const models = [...new Set([...reference.models, ...curve.models])];
  return models.length > 1 ? { ok: false, reason: `scored by different models: ${models.join(', ')}` } : null;
}

/** Names of metrics that tell picture quality, the most telling first. */
export function qualityMetrics(results: BenchResults): string[] {
  const names = new Set(results.cells.flatMap(({ runs }) => runs.flatMap((run) => Object.keys(run.metrics))));
  const place = (name: string) => {
    const known = USUAL.indexOf(name);
    return known === -1 ? USUAL.length : known;
  };
  return [...names].filter((name) => name.startsWith('quality.')).toSorted((a, b) => place(a) - place(b));
}

const USUAL = ['quality.xpsnr', 'quality.vmaf', 'quality.psnr', 'quality.ssim'];

function rateCurve(cells: readonly CellResult[], names: readonly string[], metric: string): RateCurve {
  const points = cells.flatMap((cell) => curvePoint(cell, metric) ?? []);
  const first = cells[0]!.cell.properties;
  const common = names.filter(
    (name) =>
      first[name] !== undefined &&
      !RATE_SETTINGS.has(name) &&
      cells.every(({ cell }) => cell.properties[name] === first[name]),
  );
  return {
    label: common.map((name) => `${name}=${first[name]}`).join(' ') || ONLY_CURVE,
    properties: Object.fromEntries(common.map((name) => [name, first[name]!])),
    points: byRate(points),
    models: [...new Set(cells.flatMap(({ runs }) => runs.flatMap((run) => run.metrics[metric]?.model ?? [])))],
    missing: cells.length - points.length,
  };
}

/** Cells that differ in what no property says (an `include` may do that) would share a name: they get numbers. */
function uniquelyNamed(curves: readonly RateCurve[]): RateCurve[] {
  const seen = new Map<string, number>();
  return curves.map((curve) => {
    const count = (seen.get(curve.label) ?? 0) + 1;
    seen.set(curve.label, count);
    return count === 1 ? curve : { ...curve, label: `${curve.label} (${count})` };
  });
}

/** Where nothing but the rate varies. */
const ONLY_CURVE = 'all cells';

function curvePoint(result: CellResult, metric: string): CurvePoint | null {
  const rate = summarizeMetric(result, RATE_METRIC);
  const quality = summarizeMetric(result, metric);
  if (rate === null || quality === null) return null;
  const { settings, label } = result.cell;
  return {
    cell: label,
    asked: Object.entries(settings)
      .filter(([name]) => RATE_SETTINGS.has(name))
      .map(([name, value]) => `${name}=${formatSettingValue(value)}`)
      .join(' '),
    rate: rate.median,
    repeats: rate.count,
    rateInterval: rate.interval,
    quality: quality.median,
    qualityInterval: quality.interval,
    fps: medianOf(result, SPEED_METRIC),
    cpuMs: medianOf(result, CPU_METRIC),
  };
}

/** Without the interval, which takes a thousand times as long. */
function medianOf({ runs }: CellResult, name: string): number | null {
  const values = runs.flatMap(({ outcome, metrics }) => (outcome === 'ok' ? (metrics[name]?.value ?? []) : []));
  return values.length === 0 ? null : median(values);
}

/** Mean of the logarithm over the qualities that both reach: noise in the time of one point weighs little. */
function cpuRatio(
  reference: readonly CurvePoint[],
  test: readonly CurvePoint[],
  { hull = false }: BdOptions,
): number | null {
  if (!bdRate(reference, test, { hull }).ok) return null;
  const [ofReference, ofTest] = [reference, test].map((points) => {
    const used = hull ? upperHull(points) : points;
    return { x: used.map(({ quality }) => quality), y: used.map(({ cpuMs }) => Math.log(cpuMs ?? NaN)) };
  });
  const mean = meanDifference(ofReference!, ofTest!);
  return mean.ok && Number.isFinite(mean.value) ? Math.exp(mean.value) : null;
}

/**
 * What cells of one curve have in common: every setting but the rate. A label (a name that only stands for other settings) counts
 * unless it follows from the rate, as in `rate: {low: {bitrate: 1M, maxrate: 2M}, …}`.
 */
function curveKey(cells: readonly CellResult[]): (result: CellResult) => string {
  const labels = new Set(cells.flatMap(({ runs }) => runs.flatMap((run) => run.labels)));
  const plain = (settings: Settings) => pick(settings, (name) => !RATE_SETTINGS.has(name) && !labels.has(name));
  const byRest = Map.groupBy(cells, ({ cell }) => plain(cell.settings));
  const telling = [...labels].filter((label) =>
    [...byRest.values()].some(
      (group) =>
        !followsFromRate(
          label,
          group.map(({ cell }) => cell.settings),
        ),
    ),
  );
  return ({ cell }) =>
    pick(cell.settings, (name) => telling.includes(name) || (!RATE_SETTINGS.has(name) && !labels.has(name)));
}

function followsFromRate(label: string, group: readonly Settings[]): boolean {
  const valueOfRate = new Map<string, unknown>();
  for (const settings of group) {
    const rate = pick(settings, (name) => RATE_SETTINGS.has(name));
    if (valueOfRate.has(rate) && valueOfRate.get(rate) !== settings[label]) return false;
    valueOfRate.set(rate, settings[label]);
  }
  return true;
}

function pick(settings: Settings, wanted: (name: string) => boolean): string {
  return canonicalSettings(Object.fromEntries(Object.entries(settings).filter(([name]) => wanted(name))));
}

// encodelab bench curves FILE|NAME: rate-quality curves and BD-rate.

import type { Command } from 'commander';
import type { BdRefusal, BdResult } from '#analysis/bd-rate';
import { ABSENT, formatNumber, formatQuantity } from '#core/format-quantity';
import { nearestName } from '#core/nearest-name';
import { UserError } from '#core/user-error';
import { withSpread } from '#explore/report/spread-text';
import type { BenchResults } from '#matrix/bench-results';
import {
  compareCurves,
  qualityMetrics,
  rateCurves,
  type CurveComparison,
  type RateCurve,
  type RateCurves,
} from '#matrix/rate-curves';
import { findResults } from './bench.ts';
import { labOption } from './lab-option.ts';
import { textTable } from './text-table.ts';
import { withLab } from './with-lab.ts';

interface CurvesOptions {
  readonly lab: string;
  readonly metric?: string;
  readonly against?: string;
  readonly hull?: true;
  readonly json?: true;
}

export function addCurvesCommand(bench: Command): void {
  bench
    .command('curves')
    .argument('<file>', 'a benchmark file, or the name of a benchmark in the lab')
    .description('print rate-quality curves and the BD-rate of each against a reference')
    .option('--metric <name>', 'quality metric (default: quality.xpsnr, or what the runs have)')
    .option(
      '--against <curve>',
      'the reference, by its properties: codec=x264,preset=medium (default: the first curve)',
    )
    .option('--hull', 'compare only the points on the upper hull of each curve')
    .option('--json', 'print one JSON object')
    .addOption(labOption())
    .addHelpText('after', '\nExample:\n  encodelab bench curves ladder --metric quality.psnr --against codec=x264')
    .action((file: string, options: CurvesOptions) => curves(file, options));
}

async function curves(file: string, options: CurvesOptions): Promise<void> {
  await withLab(
    options.lab,
    async (lab) => {
      const results = await findResults(file, lab, options);
      const found = findCurves(results, options.metric);
      const reference = chooseReference(found.curves, options.against);
      const comparisons = compareCurves(found.curves, reference, { hull: options.hull });
      console.log(
        options.json === true
          ? JSON.stringify({ ...found, reference: reference.label, comparisons })
          : `${pointsTable(found)}\n\n${comparisonText(found, reference, comparisons)}`,
      );
    },
    { readonly: true },
  );
}

function findCurves(results: BenchResults, wanted: string | undefined): RateCurves {
  const known = qualityMetrics(results);
  const metric = wanted ?? known[0];
  if (metric === undefined)
    throw new UserError({
      what: `no run of ${results.benchmark.name} has a picture quality`,
      todo: 'it is measured after each run unless the benchmark file says quality: none; --metric takes any other metric',
    });
  const found = rateCurves(results, metric);
  if (found !== null) return found;
  const near = nearestName(metric, known);
  throw new UserError({
    what: `no run of ${results.benchmark.name} has a metric "${metric}"`,
    where: '--metric',
    todo: near !== null ? `did you mean ${near}?` : `there are: ${known.join(', ') || 'none of quality'}`,
  });
}

/** A curve's whole label, or `codec=x264,preset=medium`: some of the properties of one curve alone. */
export function chooseReference(curves: readonly RateCurve[], against: string | undefined): RateCurve {
  if (against === undefined) return curves[0]!;
  const named = curves.find(({ label }) => label === against);
  if (named !== undefined) return named;
  const wanted = against
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  const matching = curves.filter(({ properties }) => {
    const parts = Object.entries(properties).map(([name, value]) => `${name}=${value}`);
    return wanted.every((part) => parts.includes(part));
  });
  if (matching.length === 1) return matching[0]!;
  const some = (matching.length === 0 ? curves : matching).slice(0, NAMED_CURVES).map(({ label }) => label);
  throw new UserError({
    what: matching.length === 0 ? `no curve is ${against}` : `${matching.length} curves are ${against}`,
    where: '--against',
    todo: `name one of: ${some.join('; ')}${some.length === NAMED_CURVES ? '; …' : ''}`,
  });
}

const RATE = { name: 'bitrate', unit: 'bit/s' };

/** Curves that a message names. */
const NAMED_CURVES = 8;

function pointsTable({ metric, curves: all }: RateCurves): string {
  const columns = [
    { title: 'curve' },
    { title: 'asked' },
    ...['bitrate', metric.name, 'encode.fps', 'CPU a frame'].map((title) => ({ title, align: 'right' as const })),
  ];
  const rows = all.flatMap(({ label, points, missing }) => [
    ...points.map((point, i) => [
      i === 0 ? label : '',
      point.asked,
      withSpread(
        formatQuantity(point.rate, 'bit/s'),
        { count: point.repeats, median: point.rate, interval: point.rateInterval },
        RATE,
      ),
      withSpread(
        formatQuality(point.quality, metric.unit),
        { count: point.repeats, median: point.quality, interval: point.qualityInterval },
        metric,
      ),
      formatQuantity(point.fps, 'frame/s'),
      formatQuantity(point.cpuMs, 'ms'),
    ]),
    ...(missing > 0 ? [[points.length === 0 ? label : '', `${missing} without results`]] : []),
  ]);
  return textTable(columns, rows);
}

function comparisonText({ metric }: RateCurves, reference: RateCurve, comparisons: readonly CurveComparison[]): string {
  if (comparisons.length === 0) return 'There is one curve: nothing to compare it with.';
  const columns = [
    { title: `against ${reference.label}` },
    ...['BD-rate', 'BD-quality', 'CPU at same quality'].map((title) => ({ title, align: 'right' as const })),
    { title: `over ${metric.name}` },
  ];
  const rows = comparisons.map(({ label, rate, quality, cpuRatio }) => [
    label,
    rate.ok ? formatShare(rate.value) : ABSENT,
    quality.ok ? signed(quality.value, (value) => formatQuality(value, metric.unit)) : ABSENT,
    cpuRatio === null ? ABSENT : `× ${formatNumber(cpuRatio)}`,
    rate.ok ? overlapText(rate, metric.unit) : rate.reason,
  ]);
  return textTable(columns, rows);
}

/** `33.2 dB to 41.0 dB (87 % of the reference, 100 % of this)`. */
function overlapText(result: Exclude<BdResult, BdRefusal>, unit: string): string {
  const share = (value: number) => `${(value * 100).toFixed(0)} %`;
  const { low, high, coverage } = result;
  return `${formatQuality(low, unit)} to ${formatQuality(high, unit)} (${share(coverage.reference)} of the reference, ${share(coverage.test)} of this)`;
}

/** Differences of quality are small: two decimals of a decibel, four of a share. */
function formatQuality(value: number, unit: string): string {
  return unit === 'dB' ? `${value.toFixed(2)} dB` : Math.abs(value) <= 1 ? value.toFixed(4) : value.toFixed(2);
}

function formatShare(value: number): string {
  return signed(value * 100, (percent) => `${percent.toFixed(1)} %`);
}

function signed(value: number, format: (value: number) => string): string {
  return `${value > 0 ? '+' : value < 0 ? '−' : ''}${format(Math.abs(value))}`;
}

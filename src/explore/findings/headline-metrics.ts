// Which metrics are looked at, in which order, and on which scale.

import type { MetricColumn } from '../data/dataset.ts';

/** What people ask first. Of each line the first metric that the runs have stands for all of the line. */
const HEADLINES: readonly (readonly string[])[] = [
  ['encode.fps', 'stream.rate presented', 'stream.rate encoded', 'wall'],
  ['latency p95', 'latency', 'encode.delay p95'],
  ['encode.time p95', 'encode.time'],
  ['cpu.time per frame', 'guest.sender.cpu', 'guest.cpu.busy'],
  ['quality.vmaf', 'quality.xpsnr', 'quality.psnr', 'quality.ssim'],
  ['bitrate'],
  ['keyframe.period'],
  ['frame.bytes p95'],
  ['memory.peak'],
  ['stream.drops', 'drops.untold'],
  ['capture.time p95'],
  ['guest.gpu.video', 'gpu.video'],
];

/** What was asked for, what counts the work, and what describes the machine: no results of a setting. */
const NO_RESULT =
  /^(frames|streams|stream\.time|stream\.rate requested|stream\.frames presented|host\..*|.*\.network\.loopback|latency\.error|quality\.frames\..*)$/;

/** Of a metric that is there itself: its percentiles tell much the same. The 95th, the slow frames, stays. */
const VARIANT = / (p1|p5|p50|p99|min|max|harmonic|total)$/;

/** What the machine did meanwhile: looked at as causes. */
export const CAUSES = ['host.frequency', 'host.others', 'host.steal'] as const;

/** Metrics beyond this many are not looked at. */
export const MAX_METRICS = 40;
/** Of these, so many are looked at for what costs more. */
const MAX_HEADLINES = 12;

/** Metrics of the list that are results, what people ask first in front. */
export function resultMetrics(metrics: readonly MetricColumn[]): MetricColumn[] {
  const names = new Set(metrics.map(({ name }) => name));
  const isVariant = (name: string) => VARIANT.test(name) && names.has(name.replace(VARIANT, ''));
  const results = metrics.filter(({ name }) => !NO_RESULT.test(name) && !isVariant(name));
  const first = headlinesOf(results);
  return [...first, ...results.filter((metric) => !first.includes(metric))];
}

/**
 * One metric of each line, then those that no line knows: a command's own, custom stats, and what another tool measured and no headline stands for.
 * @param imported those that runs of other tools have
 */
export function headlineMetrics(metrics: readonly MetricColumn[], imported: ReadonlySet<MetricColumn>): MetricColumn[] {
  const first = headlinesOf(metrics);
  const told = new Set(first.map(({ name }) => quantityOf(name)));
  const others = metrics.filter((metric) => {
    if (!KNOWN_FAMILY.test(metric.name)) return true;
    const quantity = quantityOf(metric.name);
    if (!imported.has(metric) || told.has(quantity)) return false;
    told.add(quantity);
    return true;
  });
  return [...first, ...others].slice(0, MAX_HEADLINES);
}

/** What is measured, whatever the statistic of it: `cpu.time` of `cpu.time per frame`. */
function quantityOf(name: string): string {
  return name.split(' ', 1)[0]!;
}

/** Families of metrics that encodelab computes by itself: their headlines stand for them. */
const KNOWN_FAMILY =
  /^(encode|decode|scale|capture|send|network|relay|present|cpu|wall|memory|keyframe|keyframes|bytes|bitrate|frame|frames|quantizer|host|gpu|quality|stream|drops|latency|freezes|freeze|jitter|guest|server|client|streams|element)\b/;

/** 1 of what people ask first, less of what they ask when they have to. */
export function importanceOf({ name }: MetricColumn): number {
  const line = HEADLINES.findIndex((names) => names.includes(name));
  return line >= 0 && line < FIRST_LINES ? 1 : 0.6;
}

/** Speed, latency, CPU, quality and rate. */
const FIRST_LINES = 6;

function headlinesOf(metrics: readonly MetricColumn[]): MetricColumn[] {
  return HEADLINES.flatMap((line) => {
    const name = line.find((wanted) => metrics.some((metric) => metric.name === wanted));
    return name === undefined ? [] : [metrics.find((metric) => metric.name === name)!];
  });
}

/**
 * Whether differences of a metric are ratios (rates, times, sizes) or plain differences (decibels, scores, shares, anything that may be 0).
 * @param lowest of its values
 */
export function isRatioScale({ unit, name }: MetricColumn, lowest: number): boolean {
  return lowest > 0 && unit !== 'dB' && unit !== '1' && !name.startsWith('quality.');
}

/** A smaller difference is not worth a sentence: 2 % of ratios, 0.2 dB, half a point of a score up to 100, 0.5 % of shares. */
export function leastDifference({ unit, name }: MetricColumn, isRatio: boolean): number {
  if (isRatio) return LEAST_RATIO;
  if (unit === 'dB') return 0.2;
  if (name.startsWith('quality.vmaf')) return 0.5;
  return 0.005;
}

/** Natural logarithm of 1.02. */
const LEAST_RATIO = Math.log(1.02);

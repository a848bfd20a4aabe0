// Which metrics are shown where nobody has chosen yet.

import type { MetricInfo } from './results.ts';

/** What one wants to know of an encode first, and what every encode will have. */
export const EXPECTED_METRICS: readonly MetricInfo[] = [
  { name: 'encode.fps', unit: 'frame/s', better: 'higher' },
  { name: 'encode.fps p5', unit: 'frame/s', better: 'higher' },
  { name: 'encode.time p95', unit: 'ms', better: 'lower' },
  { name: 'encode.delay p95', unit: 'ms', better: 'lower' },
  { name: 'cpu.time per frame', unit: 'ms', better: 'lower' },
  { name: 'memory.peak', unit: 'byte', better: 'lower' },
  { name: 'bitrate', unit: 'bit/s', better: null },
];
const ENCODE_METRICS = EXPECTED_METRICS.map(({ name }) => name);
/** What a stream is judged by: the same as in the terminal. */
export const STREAM_METRICS: readonly string[] = [
  'stream.rate presented',
  'stream.drops',
  'latency p50',
  'latency p95',
  'freeze.time',
  'encode.time p95',
  'bitrate',
];
/** Only streams have it, and every one that was seen by a client. */
const OF_STREAMS = 'stream.drops';
/** Metrics that are read with their values from the beginning. */
export const FIRST_METRICS: readonly string[] = [...new Set([...ENCODE_METRICS, ...STREAM_METRICS])];
/** The most telling of those that were measured stands in the table. */
const QUALITY_METRICS = ['quality.vmaf', 'quality.xpsnr', 'quality.ssim', 'quality.psnr'];
const COUNT = 7;

/** Columns of the table: those chosen in the address, else the most telling ones. */
export function chosenColumns(text: string | null, metrics: readonly MetricInfo[]): string[] {
  const names = metrics.map((metric) => metric.name);
  if (text !== null) return text.split(',').filter((name) => names.includes(name));
  const quality = QUALITY_METRICS.filter((name) => names.includes(name)).slice(0, 1);
  const telling = [...firstMetrics(names).filter((name) => names.includes(name)), ...quality];
  return telling.length > 0 ? telling : names.slice(0, COUNT);
}

/** The metric of the matrix and the chart. */
export function chosenMetric(
  text: string | null,
  metrics: readonly MetricInfo[],
  thresholds: readonly { metric: string }[],
): string | null {
  const names = metrics.map((metric) => metric.name);
  const wished = [text, firstMetrics(names)[0]!, ...thresholds.map((threshold) => threshold.metric)];
  return wished.find((name) => name !== null && names.includes(name)) ?? names[0] ?? null;
}

function firstMetrics(names: readonly string[]): readonly string[] {
  return names.includes(OF_STREAMS) ? STREAM_METRICS : ENCODE_METRICS;
}

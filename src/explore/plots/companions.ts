// Which metrics are worth seeing beside the chosen one, where nobody chose.

import type { MetricColumn } from '../data/dataset.ts';
import type { PlotOption } from './plot.ts';

/** Costs and gains of an encode or a stream, the most telling first. */
const TELLING = [
  'quality.vmaf',
  'quality.xpsnr',
  'quality.psnr',
  'bitrate',
  'cpu.time per frame',
  'encode.fps',
  'latency p95',
  'latency',
  'stream.rate presented',
  'encode.time',
  'stream.drops',
  'host.energy per frame',
  'memory.peak',
];

/** Metrics that differ among the rows, the telling ones first, then the others in their order; without the one given. */
export function companions(metrics: readonly MetricColumn[], rows: Uint32Array, without: string): MetricColumn[] {
  const place = ({ name }: MetricColumn) => {
    const known = TELLING.indexOf(name);
    return known === -1 ? TELLING.length : known;
  };
  return metrics
    .filter(({ name, values }) => name !== without && differs(values, rows))
    .toSorted((a, b) => place(a) - place(b));
}

/** Of each family (`quality.…`, `encode.…`) the first one first: four metrics that say the same say little. */
export function familiesFirst(metrics: readonly MetricColumn[], known: string): MetricColumn[] {
  const seen = new Set([family(known)]);
  const [first, rest]: [MetricColumn[], MetricColumn[]] = [[], []];
  for (const metric of metrics) {
    (seen.has(family(metric.name)) ? rest : first).push(metric);
    seen.add(family(metric.name));
  }
  return [...first, ...rest];
}

/**
 * The metric against which another one is drawn: the one that was chosen, if there is one of that name, else the most telling companion
 * that is of another kind than the metric (a quality is not drawn against a quality).
 */
export function partner(
  all: readonly MetricColumn[],
  chosen: string | undefined,
  metric: MetricColumn,
  rows: Uint32Array,
): MetricColumn | null {
  const asked = all.find(({ name }) => name === chosen);
  if (asked !== undefined) return asked;
  const others = companions(all, rows, metric.name);
  return others.find(({ name }) => family(name) !== family(metric.name)) ?? others[0] ?? null;
}

function family(name: string): string {
  return name.split('.')[0]!;
}

/** The choice of a metric. */
export function metricOption(
  name: string,
  title: string,
  metrics: readonly MetricColumn[],
  chosen: string,
): PlotOption {
  return { name, title, values: metrics.map((metric) => ({ value: metric.name, title: metric.name })), chosen };
}

function differs(values: Float64Array, rows: Uint32Array): boolean {
  let known = NaN;
  for (const row of rows) {
    const value = values[row]!;
    if (Number.isNaN(value)) continue;
    if (Number.isNaN(known)) known = value;
    else if (value !== known) return true;
  }
  return false;
}

// Frame rates of groups, from the one that was asked for to the one that was seen.

import type { Dataset, MetricColumn } from '../data/dataset.ts';
import { mediansOf } from './group-medians.ts';
import type { Groups } from './grouping.ts';

/** Stations of a frame, in their order; `requested` is what the others are held against. */
const STATIONS = [
  { title: 'captured', metric: 'stream.rate captured' },
  { title: 'encoded', metric: 'stream.rate encoded' },
  { title: 'received', metric: 'stream.rate received' },
  { title: 'presented', metric: 'stream.rate presented' },
  { title: 'encoded (file)', metric: 'encode.fps' },
] as const;

const REQUESTED_METRIC = 'stream.rate requested';
/** The setting that asks for a rate. */
const REQUESTED_SETTING = 'framerate';

export interface Station {
  readonly title: string;
  readonly metric: string;
  /** Frames a second of each row; NaN where absent. */
  readonly values: Float64Array;
}

/** The rate that each run was asked for: of a stream its metric, else the setting where that is a number; NaN where neither is. */
export function requestedRates(dataset: Dataset, metrics: readonly MetricColumn[]): Float64Array {
  const rates =
    metrics.find(({ name }) => name === REQUESTED_METRIC)?.values.slice() ?? new Float64Array(dataset.count).fill(NaN);
  const setting = dataset.properties.find(({ name }) => name === REQUESTED_SETTING);
  if (setting?.numbers === null || setting === undefined) return rates;
  for (let row = 0; row < rates.length; row++)
    if (Number.isNaN(rates[row]!)) rates[row] = setting.numbers[setting.codes[row]!] ?? NaN;
  return rates;
}

/** Stations that any of the rows was measured at. */
export function stations(metrics: readonly MetricColumn[], rows: Uint32Array): Station[] {
  return STATIONS.flatMap(({ title, metric }) => {
    const values = metrics.find(({ name }) => name === metric)?.values;
    return values !== undefined && rows.some((row) => !Number.isNaN(values[row]!)) ? [{ title, metric, values }] : [];
  });
}

/** The last station that a group was measured at: what it really came to. */
export function actualRates(
  groups: Groups,
  all: readonly Station[],
): { readonly rates: Float64Array; readonly names: readonly string[] } {
  const rates = new Float64Array(groups.count).fill(NaN);
  const names = new Set<string>();
  for (const { metric, values } of all.toReversed()) {
    const medians = mediansOf(groups, values);
    for (let group = 0; group < rates.length; group++) {
      if (!Number.isNaN(rates[group]!) || Number.isNaN(medians[group]!)) continue;
      rates[group] = medians[group]!;
      names.add(metric);
    }
  }
  return { rates, names: [...names] };
}

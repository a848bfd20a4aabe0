// Samples a probe by itself and tells its values by name.

import type { Opened, Probe } from '#measure/probe';
import { SeriesBuffer } from '#measure/series-buffer';

export interface SampledProbe {
  readonly probe: Probe;
  /** Takes a sample: the last value of each indicator. */
  readonly values: () => Record<string, number>;
  /** All values of a sample with their times. */
  readonly rows: () => { name: string; timeUs: number; value: number }[];
  /** What the last sample could not read. */
  readonly failure: () => string | null;
}

/** @throws Error where there is no probe, with the reasons */
export function sampled(opened: Opened<Probe>): SampledProbe {
  if (!('probe' in opened)) throw new Error(opened.absent.join('; '));
  const { probe } = opened;
  let failure: string | null = null;
  const rows = () => {
    const found: { name: string; timeUs: number; value: number }[] = [];
    const buffer = new SeriesBuffer('a', Math.max(1, probe.indicators.length), (batch) => {
      batch.indicator.forEach((position, i) => {
        found.push({ name: probe.indicators[position]!.name, timeUs: batch.timeUs[i]!, value: batch.value[i]! });
      });
    });
    buffer.begin(0, probe.indicators.length);
    failure = probe.sample(buffer, 0);
    buffer.flush();
    return found;
  };
  return {
    probe,
    rows,
    values: () => Object.fromEntries(rows().map(({ name, value }) => [name, value])),
    failure: () => failure,
  };
}

// CPUs that were there and did not give what they can: taken by the hypervisor, or clocked down.

import type { ProfileFinding } from '#core/profile';
import { intersectRanges, lengthOf, normalRanges } from '../selection-ranges.ts';
import type { Chosen } from './chosen.ts';
import type { DiagnosisContext, DiagnosisSeries } from './context.ts';
import { meanIn, timesWhere } from './host-series.ts';
import { FREQUENCY, MIN_SHARE, STEAL } from './limits.ts';
import { finding } from './make-finding.ts';
import { RangeSet } from './ranges.ts';
import type { Timeline } from './timeline.ts';
import { duration, percent } from './words.ts';

export function findThrottled(chosen: Chosen, timeline: Timeline | null, context: DiagnosisContext): ProfileFinding[] {
  const series = context.series ?? [];
  return [...stolen(chosen, series), ...clockedDown(chosen, timeline, series)];
}

function stolen(chosen: Chosen, series: readonly DiagnosisSeries[]): ProfileFinding[] {
  const steal = series.find(({ name }) => name === 'cpu.steal');
  const capacity = chosen.watched ?? chosen.capacity;
  if (steal === undefined || capacity === null) return [];
  const ranges = intersectRanges(
    timesWhere(steal, (value) => value > STEAL.share * capacity),
    chosen.ranges,
  );
  const ns = lengthOf(ranges);
  if (ns < STEAL.minNs || ns < MIN_SHARE * lengthOf(chosen.ranges)) return [];
  const mean = meanIn(steal, ranges);
  return [
    finding(chosen, 'throttled', {
      what: `for ${duration(ns)} the hypervisor gave ${mean.toFixed(2)} of ${capacity} CPUs to other guests`,
      ranges,
      confidence: confidenceOf(steal, ranges),
      evidence: [
        `cpu.steal: ${mean.toFixed(2)} cores on average there, ${meanIn(steal, chosen.ranges).toFixed(2)} over the whole profile`,
      ],
      todo: [
        'a machine with CPUs of its own, or another time; repeat before you compare',
        'compare CPU time instead of wall time',
      ],
    }),
  ];
}

/** Frequencies fall when nothing runs, which is meant so: only busy times count. */
function clockedDown(chosen: Chosen, timeline: Timeline | null, series: readonly DiagnosisSeries[]): ProfileFinding[] {
  const cores = series.filter(({ name, value }) => name.startsWith('cpu.frequency[') && value.length > 1);
  if (cores.length === 0 || timeline === null) return [];
  const highest = Math.max(...cores.map(({ value }) => value.reduce((a, b) => (b > a ? b : a), 0)));
  const isLow = (value: number) => value < FREQUENCY.low * highest;
  const pairs = cores.flatMap((core) => [...timesWhere(core, isLow)]);
  const ranges = busyOnly(intersectRanges(normalRanges(pairs), chosen.ranges), timeline, chosen.capacity);
  const ns = lengthOf(ranges);
  if (ns < FREQUENCY.minNs || ns < MIN_SHARE * lengthOf(chosen.ranges)) return [];
  const means = cores.map((core) => meanIn(core, ranges)).filter((mean) => !Number.isNaN(mean));
  const mean = means.reduce((a, b) => a + b, 0) / means.length;
  return [
    finding(chosen, 'throttled', {
      what: `for ${duration(ns)} the CPUs were busy at ${(mean / 1e9).toFixed(2)} GHz, and had run at ${(highest / 1e9).toFixed(2)} GHz`,
      ranges,
      confidence: confidenceOf(cores[0]!, ranges),
      evidence: [`${percent(1 - mean / highest)} below the highest frequency that was seen in this profile`],
      todo: [
        'look at the governor (encodelab doctor), at cooling and at power limits',
        'wide vector code lowers the clock of some CPUs: compare with fewer vector levels',
      ],
    }),
  ];
}

function busyOnly(ranges: Float64Array, { busy, startNs, cellNs }: Timeline, capacity: number | null): Float64Array {
  const set = new RangeSet(ranges);
  const pairs: number[] = [];
  for (let cell = 0; cell < busy.length; cell++) {
    const from = startNs + cell * cellNs;
    if (busy[cell]! > 0.5 * (capacity ?? 1) && set.overlapNs(from, from + cellNs) > cellNs / 2)
      pairs.push(from, from + cellNs);
  }
  return normalRanges(pairs);
}

/** Each value that says so makes it surer: one may be a mistake of measuring. */
function confidenceOf({ timeNs }: DiagnosisSeries, ranges: Float64Array): number {
  const set = new RangeSet(ranges);
  let count = 0;
  for (const time of timeNs) if (set.has(time)) count++;
  return 1 - 0.5 ** Math.max(1, count);
}

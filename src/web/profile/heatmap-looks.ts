// How each cell looks, as one small number: made once for cells that are drawn many times.

import type { HeatmapCells } from '#profile/heatmap-cells';
import { RAMP_STEPS } from './heatmap-ramp.ts';

/** Stripes of time that is missing altogether: half of the ground stays, so that they are seen as stripes. */
export const WIDEST_STRIPE = 4;
/** Less than this share is missing in most cells, as no timer is exact. */
const LEAST_MISSING = 0.03;

/** A cell that is not there: the page shows through. */
export const ABSENT_LOOK = 0xffff;

/** Parts of a look: the ramp's step, widths of stripes, and what else is to be seen. */
export const stepOf = (look: number) => look & 0x7f;
export const stolenOf = (look: number) => (look >> 7) & 7;
export const noDataOf = (look: number) => (look >> 10) & 7;
/** Nobody knows what else ran. */
export const isUnknown = (look: number) => (look & 0x2000) !== 0;
/** Next to nothing is known. */
export const isBlank = (look: number) => (look & 0x4000) !== 0;

/**
 * @param group neighbours that look as one: cells `i, i + stride, …` of a group of `group`; 1 for each cell by itself
 * @param stride cells from one second of a folded heatmap to the next
 */
export function cellLooks(cells: HeatmapCells, group = 1, stride = 1): Uint16Array {
  const { capacityNs, busyNs, stolenNs, noDataNs, idleNs } = cells;
  if (group === 1) {
    const looks = new Uint16Array(capacityNs.length);
    for (let i = 0; i < looks.length; i++)
      looks[i] = lookOf(capacityNs[i]!, busyNs[i]!, stolenNs[i]!, noDataNs[i]!, idleNs[i]!);
    return looks;
  }
  const seconds = Math.floor(cells.count / stride);
  const looks = new Uint16Array(Math.ceil(seconds / group) * stride);
  for (let i = 0; i < looks.length; i++) {
    const first = Math.floor(i / stride) * group;
    const last = Math.min(seconds, first + group);
    let [capacity, busy, stolen, noData, idle] = [0, 0, 0, 0, 0];
    for (let second = first; second < last; second++) {
      const at = second * stride + (i % stride);
      capacity += capacityNs[at]!;
      busy += busyNs[at]!;
      stolen += stolenNs[at]!;
      noData += noDataNs[at]!;
      idle += idleNs[at]!;
    }
    looks[i] = lookOf(capacity, busy, stolen, noData, idle);
  }
  return looks;
}

function lookOf(capacity: number, busy: number, stolen: number, noData: number, idle: number): number {
  if (!(capacity > 0)) return ABSENT_LOOK;
  const step = Math.round(Math.min(1, busy / capacity) * RAMP_STEPS);
  const isMostlyBlank = noData > capacity / 2 && step === 0;
  return (
    step |
    (stripeOf(stolen / capacity) << 7) |
    (stripeOf(noData / capacity) << 10) |
    (Number.isNaN(idle) ? 0x2000 : 0) |
    (isMostlyBlank ? 0x4000 : 0)
  );
}

/** Width of the stripes by the share that is missing; 0 where it is too little to tell. */
function stripeOf(share: number): number {
  return share < LEAST_MISSING ? 0 : Math.min(WIDEST_STRIPE, Math.ceil(share * WIDEST_STRIPE));
}

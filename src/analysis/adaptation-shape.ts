// Frame rate and size of the picture: for machines that are too slow, and for bitrates that are too low for so many pixels.

import type { AdaptationBounds, AdaptationFeedback } from './adaptation.ts';

export interface ShapeState {
  /** Of the frame rate and of each side of the picture: members of SCALES. */
  readonly rateScale: number;
  readonly sizeScale: number;
  /** So long there has been time to spare on the machines, or too little of it: microseconds. */
  readonly spareUs: number;
  readonly busyUs: number;
  /** Until the next change: each costs a keyframe. */
  readonly shapeHoldUs: number;
}

const SCALES: readonly number[] = [1, 0.75, 0.5];
const HOLD_US = 5_000_000;
const SPARE_US = 10_000_000;
/** Bits a pixel below which a smaller picture looks better, and above which the next larger one does. */
const FEW_BITS = 0.018;
const ENOUGH_BITS = 0.045;
/** Share of a frame interval that sender or decoder may take, and from which on they are not done in time. */
const SPARE_SHARE = 0.5;
const BUSY_SHARE = 0.9;
/** So long must they be too slow. */
const BUSY_US = 1_000_000;

/** @param state with the bitrate that holds from now on */
export function nextShape(
  state: ShapeState & { readonly bitrate: number },
  { report, workUs }: AdaptationFeedback,
  bounds: AdaptationBounds,
): { readonly state: ShapeState; readonly why: string | null } {
  const { rateScale, sizeScale, bitrate } = state;
  const { intervalUs, decodeUs } = report;
  const slowest = Math.max(workUs ?? 0, Number.isFinite(decodeUs) ? decodeUs : 0);
  const frameUs = 1e6 / (bounds.frameRate * rateScale);
  const busyUs = slowest > BUSY_SHARE * frameUs ? state.busyUs + intervalUs : 0;
  const spareUs = slowest < SPARE_SHARE * frameUs ? state.spareUs + intervalUs : 0;
  const shapeHoldUs = Math.max(0, state.shapeHoldUs - intervalUs);
  const same: ShapeState = { rateScale, sizeScale, busyUs, spareUs, shapeHoldUs };
  const changed = (what: Partial<ShapeState>, why: string) => ({
    state: { ...same, busyUs: 0, spareUs: 0, shapeHoldUs: HOLD_US, ...what },
    why,
  });
  if (shapeHoldUs > 0) return { state: same, why: null };
  const down = smaller(sizeScale);
  if (busyUs >= BUSY_US) {
    const slow = 'encoding or decoding takes longer than a frame lasts';
    const slower = smaller(rateScale);
    if (slower !== null) return changed({ rateScale: slower }, slow);
    return down === null ? { state: same, why: null } : changed({ sizeScale: down }, slow);
  }
  const bitsAt = (scale: number) => bitrate / (bounds.pixels * scale ** 2 * bounds.frameRate * rateScale);
  if (down !== null && bitsAt(sizeScale) < FEW_BITS && bitrate < bounds.maxBitrate)
    return changed({ sizeScale: down }, 'a smaller picture looks better at this bitrate');
  if (spareUs < SPARE_US) return { state: same, why: null };
  const up = larger(sizeScale);
  if (up !== null && (bitsAt(up) > ENOUGH_BITS || bitrate === bounds.maxBitrate))
    return changed({ sizeScale: up }, 'there is room for a larger picture');
  const faster = larger(rateScale);
  return faster === null ? { state: same, why: null } : changed({ rateScale: faster }, 'there is time for more frames');
}

function smaller(scale: number): number | null {
  return SCALES[SCALES.indexOf(scale) + 1] ?? null;
}

function larger(scale: number): number | null {
  return SCALES[SCALES.indexOf(scale) - 1] ?? null;
}

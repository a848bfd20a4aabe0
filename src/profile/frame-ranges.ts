// Frames of a video that are chosen, and the times in which they were encoded: from "the slowest 1 %" to ranges on a profile's clock.

import { normalRanges } from './selection-ranges.ts';
import { FRAME_TYPES } from '#core/recording';
import type { FrameChoice } from './frame-ranges-text.ts';

/** Encode steps, one a frame, in any order; all of one length. */
export interface FrameTimes {
  /** Number in the stream, from 0. */
  readonly frame: ArrayLike<number>;
  /** When it went into the encoder, microseconds on the recording's clock; NaN where it is not known. */
  readonly startUs: ArrayLike<number>;
  /** In calls for this frame, microseconds; below zero or NaN where it is not known. */
  readonly busyUs: ArrayLike<number>;
  /** From its way in to its way out, microseconds; below zero or NaN where it is not known. */
  readonly delayUs: ArrayLike<number>;
  /** Code in FRAME_TYPES. */
  readonly type: ArrayLike<number>;
  /** 1 for a keyframe. */
  readonly key: ArrayLike<number>;
  readonly bytes: ArrayLike<number>;
}

/**
 * Which time counts as that of a frame's encoding. `calls`: as long as its calls took, from its way in. `output`: from the packet
 * before it to its own packet: what an encoder that looks ahead did to finish it. `way`: all the time that it was in the encoder.
 */
export const FRAME_WAYS = ['calls', 'output', 'way'] as const;
export type FrameWay = (typeof FRAME_WAYS)[number];

/** Rows of the chosen frames, ascending. */
export function chooseFrames(frames: FrameTimes, choice: FrameChoice): Uint32Array {
  switch (choice.kind) {
    case 'slowest':
      return slowest(frames, choice.percent / 100);
    case 'keyframes':
      return rowsWhere(frames, (row) => frames.key[row] === 1);
    case 'others':
      return rowsWhere(frames, (row) => frames.key[row] !== 1);
    case 'numbers':
      return rowsWhere(frames, (row) =>
        choice.ranges.some(([from, to]) => frames.frame[row]! >= from && frames.frame[row]! <= to),
      );
    case 'type':
      return rowsWhere(frames, (row) => FRAME_TYPES[frames.type[row]!] === choice.type);
    case 'largest':
      return most(frames, (row) => frames.bytes[row]!, choice.percent / 100);
    case 'around':
      return rowsWhere(frames, (row) => {
        const delay = known(frames.delayUs[row]!) ?? known(frames.busyUs[row]!) ?? 0;
        const [low, high] = [(choice.timeS - choice.withinS) * 1e6, (choice.timeS + choice.withinS) * 1e6];
        return frames.startUs[row]! < high && frames.startUs[row]! + delay >= low;
      });
  }
}

export interface FrameRanges {
  /** Normal, nanoseconds. */
  readonly rangesNs: Float64Array;
  /** Chosen frames with a time. */
  readonly frames: number;
  /** Chosen frames whose time is not known. */
  readonly unknown: number;
  /**
   * Frames that were in the encoder during these times, on the mean: at 1 nothing but the chosen frames was worked on; at 20 another
   * 19 may have had their share of it. NaN where no frame has a time.
   */
  readonly inside: number;
  /** That in a sentence. */
  readonly exactness: string;
}

/** @param shiftNs added to the frames' times to have them on the profile's clock; 0 for a profile that we took */
export function frameRanges(frames: FrameTimes, rows: Uint32Array, way: FrameWay = 'calls', shiftNs = 0): FrameRanges {
  const pairs: number[] = [];
  const before = way === 'output' ? packetsBefore(frames) : null;
  let unknown = 0;
  for (const row of rows) {
    const startUs = frames.startUs[row]!;
    const busyUs = known(frames.busyUs[row]!);
    const delayUs = known(frames.delayUs[row]!);
    const tookUs = way === 'calls' ? (busyUs ?? delayUs) : (delayUs ?? busyUs);
    if (!Number.isFinite(startUs) || tookUs === null) {
      unknown++;
      continue;
    }
    const endUs = startUs + (way === 'calls' && delayUs !== null ? Math.min(tookUs, delayUs) : tookUs);
    const fromUs = before === null ? startUs : Math.max(startUs, before[row]!);
    pairs.push(fromUs * 1e3 + shiftNs, endUs * 1e3 + shiftNs);
  }
  const rangesNs = normalRanges(pairs);
  const inside = framesInside(frames, rangesNs, shiftNs);
  const counted = rows.length - unknown;
  return { rangesNs, frames: counted, unknown, inside, exactness: exactnessOf(inside, counted, unknown, way) };
}

function exactnessOf(inside: number, counted: number, unknown: number, way: FrameWay): string {
  if (counted === 0) return 'No time is known of these frames.';
  const missing = unknown === 0 ? '' : ` Of ${unknown} more no time is known.`;
  if (!(inside >= 1.05)) return `Exact: while these frames were encoded no other frame was in the encoder.${missing}`;
  const others = (inside - 1).toFixed(inside < 10 ? 1 : 0);
  const what = { calls: 'their calls', output: 'the time before their packets', way: 'their way through it' }[way];
  return `During ${what} ${others} other frames were in the encoder on the mean, and may have been worked on as well.${missing}`;
}

/** Mean count of frames that are in the encoder while the ranges last. */
function framesInside(frames: FrameTimes, rangesNs: Float64Array, shiftNs: number): number {
  let sharedNs = 0;
  for (let row = 0; row < frames.frame.length; row++) {
    const delayUs = known(frames.delayUs[row]!) ?? known(frames.busyUs[row]!);
    const from = frames.startUs[row]! * 1e3 + shiftNs;
    if (delayUs !== null && Number.isFinite(from)) sharedNs += overlap(rangesNs, from, from + delayUs * 1e3);
  }
  let lengthNs = 0;
  for (let i = 0; i < rangesNs.length; i += 2) lengthNs += rangesNs[i + 1]! - rangesNs[i]!;
  return lengthNs > 0 ? sharedNs / lengthNs : NaN;
}

function overlap(ranges: Float64Array, from: number, to: number): number {
  let low = 0;
  let high = ranges.length / 2;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ranges[2 * middle + 1]! <= from) low = middle + 1;
    else high = middle;
  }
  let sum = 0;
  for (let i = 2 * low; i < ranges.length && ranges[i]! < to; i += 2)
    sum += Math.min(to, ranges[i + 1]!) - Math.max(from, ranges[i]!);
  return sum;
}

/** When the packet before each frame's own came out, microseconds. */
function packetsBefore(frames: FrameTimes): Float64Array {
  const out = Float64Array.from({ length: frames.frame.length }, (_, row) => {
    const delayUs = known(frames.delayUs[row]!) ?? known(frames.busyUs[row]!);
    return delayUs === null ? NaN : frames.startUs[row]! + delayUs;
  });
  const order = Uint32Array.from(out.keys())
    .filter((row) => Number.isFinite(out[row]!))
    .sort((a, b) => out[a]! - out[b]!);
  const before = new Float64Array(out.length).fill(-Infinity);
  for (let i = 1; i < order.length; i++) before[order[i]!] = out[order[i - 1]!]!;
  return before;
}

/** By the time in calls; where that is not known of any frame, by their way through the encoder. */
function slowest(frames: FrameTimes, share: number): Uint32Array {
  const isBusyKnown = rowsWhere(frames, (row) => known(frames.busyUs[row]!) !== null).length > 0;
  const took = isBusyKnown ? frames.busyUs : frames.delayUs;
  return most(frames, (row) => took[row]!, share);
}

/** At least one; of equals those that came first. */
function most(frames: FrameTimes, of: (row: number) => number, share: number): Uint32Array {
  const rows = rowsWhere(frames, (row) => known(of(row)) !== null);
  const count = Math.min(rows.length, Math.max(1, Math.round(rows.length * share)));
  return rows
    .sort((a, b) => of(b) - of(a) || a - b)
    .slice(0, count)
    .sort();
}

function rowsWhere(frames: FrameTimes, holds: (row: number) => boolean): Uint32Array {
  const rows: number[] = [];
  for (let row = 0; row < frames.frame.length; row++) if (holds(row)) rows.push(row);
  return Uint32Array.from(rows);
}

function known(us: number): number | null {
  return us >= 0 ? us : null;
}

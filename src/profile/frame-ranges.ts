// Frames of a video that are chosen, and the times in which they were encoded: from "the slowest 1 %" to ranges on a profile's clock.

import { normalRanges } from './selection-ranges.ts';
import { FRAME_TYPES } from '#core/recording';
import type { FrameChoice } from './frame-ranges-text.ts';
import { frameSpans, known, usualWay, type FrameTimes, type FrameWay } from './frame-times.ts';

export type { FrameTimes, FrameWay } from './frame-times.ts';

/**
 * Rows of the chosen frames, ascending.
 * @param way which time makes a frame slow
 */
export function chooseFrames(frames: FrameTimes, choice: FrameChoice, way: FrameWay = usualWay(frames)): Uint32Array {
  switch (choice.kind) {
    case 'slowest':
      return slowest(frames, choice.percent / 100, way);
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
export function frameRanges(
  frames: FrameTimes,
  rows: Uint32Array,
  way: FrameWay = usualWay(frames),
  shiftNs = 0,
): FrameRanges {
  const { fromUs, toUs } = frameSpans(frames, way);
  const timed = rows.filter((row) => Number.isFinite(toUs[row]!));
  const pairs = Array.from(timed, (row) => [fromUs[row]! * 1e3 + shiftNs, toUs[row]! * 1e3 + shiftNs]);
  const rangesNs = normalRanges(pairs.flat());
  const inside = framesInside(frames, rangesNs, shiftNs);
  const unknown = rows.length - timed.length;
  return {
    rangesNs,
    frames: timed.length,
    unknown,
    inside,
    exactness: exactnessOf(inside, timed.length, unknown, way),
  };
}

/** How many frames are chosen, and which time counts as theirs: `2 frames. Their time is …`. */
export function framesWords({ frames, exactness }: Pick<FrameRanges, 'frames' | 'exactness'>): string {
  return `${frames.toLocaleString('en')} ${frames === 1 ? 'frame' : 'frames'}. ${exactness}`;
}

const TIMES: Readonly<Record<FrameWay, string>> = {
  calls: 'Their time is that in their own calls',
  output: 'Their time is that before their packets: from the packet before to their own',
  way: 'Their time is all their way through the encoder',
};

function exactnessOf(inside: number, counted: number, unknown: number, way: FrameWay): string {
  if (counted === 0) return 'No time is known of these frames.';
  const missing = unknown === 0 ? '' : ` Of ${unknown} more no time is known.`;
  if (!(inside >= 1.05)) return `${TIMES[way]}. It is exact: no other frame was in the encoder meanwhile.${missing}`;
  const others = (inside - 1).toFixed(inside < 10 ? 1 : 0);
  return `${TIMES[way]}. Meanwhile ${others} other frames were in the encoder on the mean, and may have been worked on as well.${missing}`;
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

/** Where the way tells no time of any frame there is nothing to choose by. */
function slowest(frames: FrameTimes, share: number, way: FrameWay): Uint32Array {
  const { fromUs, toUs } = frameSpans(frames, way);
  return most(frames, (row) => toUs[row]! - fromUs[row]!, share);
}

/** Of equals those that came first. */
function most(frames: FrameTimes, of: (row: number) => number, share: number): Uint32Array {
  const rows = rowsWhere(frames, (row) => known(of(row)) !== null);
  return rows
    .sort((a, b) => of(b) - of(a) || a - b)
    .slice(0, countOfShare(rows.length, share))
    .sort();
}

/** How many frames "the slowest 1 %" are, for a choice and for a diagnosis: at least that share of them. */
export function countOfShare(frames: number, share: number): number {
  return frames === 0 ? 0 : Math.min(frames, Math.ceil(frames * share - ROUNDING));
}

/** 700 times 0.01 is a little more than 7. */
const ROUNDING = 1e-9;

function rowsWhere(frames: FrameTimes, holds: (row: number) => boolean): Uint32Array {
  const rows: number[] = [];
  for (let row = 0; row < frames.frame.length; row++) if (holds(row)) rows.push(row);
  return Uint32Array.from(rows);
}

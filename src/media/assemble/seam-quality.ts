// Does quality dip at a seam? Its frames are held against their neighbours in the same chunk. Pure.

import { median } from '#analysis/quantile';
import { SEAM_FRAMES } from '../chunk/edge-frames.ts';

/** Fewer samples than these tell nothing about a side. */
const LEAST_SAMPLES = 4;
/** Robust standard deviations that count as normal. */
const NORMAL_DEVIATIONS = 4;
/** Makes a median absolute deviation comparable to a standard deviation. */
const MAD_TO_SIGMA = 1.4826;
/** Less than this is not seen, however even the rendition is: dB. */
const LEAST_DIP_DB = 1;
/** More than this is told, however uneven the rendition is: dB. */
const MOST_NORMAL_DB = 3;
/** Stands for equal pictures, whose XPSNR has no bound: dB. */
const MOST_DB = 100;

/** Scores around a seam, each list from the seam outwards; NaN where a frame has none. */
export interface SeamScores {
  /** First frame behind the seam, numbered in the source. */
  readonly frame: number;
  readonly before: readonly number[];
  readonly after: readonly number[];
}

export interface SeamQuality {
  readonly frame: number;
  /** XPSNR of the frames either side in their order, dB. */
  readonly xpsnr: readonly (number | null)[];
  /** What is usual in front of it and behind it, dB; null where too few frames tell. */
  readonly usual: readonly [before: number | null, after: number | null];
  /** By how much the worst of the frames lies below what was to be expected, dB; null where that is not known. */
  readonly dip: number | null;
}

export interface SeamReport {
  readonly seams: readonly SeamQuality[];
  /** Deviation of frames that are away from seams from what is usual around them, dB (robust); null where not known. */
  readonly spread: number | null;
  /** Dips beyond this are none of the normal spread, dB. */
  readonly limit: number;
  /** First frames of the seams at which quality dips. */
  readonly dips: readonly number[];
}

/**
 * What is usual on a side of a seam is the median of the frames next to those judged, in the same chunk; how far frames
 * deviate from it is pooled over all sides of all seams of the rendition (median absolute deviation). Where they fall
 * towards the seam that is expected to go on, as encoders let quality fall towards the end of a scene; and where the other
 * side is worse, half-way to it.
 */
export function judgeSeams(scores: readonly SeamScores[]): SeamReport {
  const deviations: number[] = [];
  const seams = scores.map(({ frame, before, after }): SeamQuality => {
    const [left, right] = [sideOf(before, deviations), sideOf(after, deviations)];
    const dip = Math.max(dipOf(left, right.usual), dipOf(right, left.usual));
    return {
      frame,
      xpsnr: [...left.judged.toReversed(), ...right.judged].map(orNull),
      usual: [orNull(left.usual), orNull(right.usual)],
      dip: dip === -Infinity ? null : rounded(dip),
    };
  });
  const spread = deviations.length === 0 ? null : rounded(MAD_TO_SIGMA * median(deviations.map(Math.abs)));
  const limit = rounded(Math.min(MOST_NORMAL_DB, Math.max(LEAST_DIP_DB, NORMAL_DEVIATIONS * (spread ?? 0))));
  const dips = seams.filter(({ dip }) => dip !== null && dip > limit).map(({ frame }) => frame);
  return { seams, spread, limit, dips };
}

interface Side {
  /** From the seam outwards. */
  readonly judged: readonly number[];
  /** NaN where too few frames tell. */
  readonly usual: number;
  /** What is to be expected of each frame that is judged. */
  readonly expected: readonly number[];
}

function sideOf(scores: readonly number[], deviations: number[]): Side {
  const bounded = scores.map((score) => Math.min(score, MOST_DB));
  const judged = bounded.slice(0, SEAM_FRAMES);
  const samples = bounded.slice(SEAM_FRAMES).filter((score) => !Number.isNaN(score));
  if (samples.length < LEAST_SAMPLES) return { judged, usual: NaN, expected: [] };
  const usual = median(samples);
  for (const sample of samples) deviations.push(sample - usual);
  const fall = Math.max(0, slopeOf(samples));
  const middle = SEAM_FRAMES + (samples.length - 1) / 2;
  return { judged, usual, expected: judged.map((_, frame) => usual - fall * (middle - frame)) };
}

/** Median of the slopes between all pairs (Theil and Sen). */
function slopeOf(values: readonly number[]): number {
  return median(values.flatMap((to, i) => values.slice(0, i).map((from, j) => (to - from) / (i - j))));
}

/** -Infinity where it can't be told. */
function dipOf({ judged, expected }: Side, other: number): number {
  const dips = expected.map((own, frame) => (other < own ? (own + other) / 2 : own) - judged[frame]!);
  return Math.max(...dips.filter((dip) => !Number.isNaN(dip)), -Infinity);
}

/** Decibels to the thousandth: more is noise in a report. */
function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : rounded(value);
}

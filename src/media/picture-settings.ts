// Which pictures an encode is of: size, rate and frames, decided from settings and source.

import { formatSettingValue, type Settings } from '#core/settings';
import type { Fraction, SourceInfo } from '#core/source';
import { sameFraction } from './fraction.ts';
import { parseFrameRate, parseFrames, parseResolution } from './setting-value.ts';

/** One thing that is wrong with one setting; the caller knows where it is written. */
export interface SettingProblem {
  readonly setting: string;
  readonly what: string;
  readonly todo?: string | undefined;
}

/** Tells a problem of a setting. */
export type Report = (setting: string, what: string, todo?: string) => void;

/** Sizes beyond which no encoder here works (AV1's limit is 65536, x264's and ours is 16384). */
const MIN_SIDE = 2;
const MAX_SIDE = 16_384;
const MAX_FRAME_RATE = 1_000;
/** The size of a trial where no source is known yet. */
const UNKNOWN_SOURCE = { width: 1280, height: 720, rate: { num: 30, den: 1 } } as const;

/** Size of the encoded pictures; null where it told a problem. */
export function resolveSize(
  asked: Settings[string],
  source: SourceInfo | null,
  problem: Report,
): { width: number; height: number } | null {
  if (asked === 'source') {
    const { width, height } = source?.video ?? UNKNOWN_SOURCE;
    return { width, height };
  }
  const size = parseResolution(asked);
  if (size === null) {
    problem('resolution', `"${formatSettingValue(asked)}" is no size`, 'Write source, or a size like 1280x720.');
    return null;
  }
  for (const side of [size.width, size.height])
    if (side < MIN_SIDE || side > MAX_SIDE) {
      problem(
        'resolution',
        `${size.width}x${size.height} lies outside ${MIN_SIDE}x${MIN_SIDE} to ${MAX_SIDE}x${MAX_SIDE}`,
      );
      return null;
    }
  return size;
}

export interface ResolvedRate {
  readonly frameRate: Fraction;
  readonly variable: boolean;
  readonly timeBase: Fraction;
  /** True where another rate than the source's was asked for. */
  readonly converted: boolean;
}

/** Rate and ticks of the encoded pictures; null where it told a problem. */
export function resolveRate(asked: Settings[string], source: SourceInfo | null, problem: Report): ResolvedRate | null {
  const video = source?.video;
  const own = video === undefined ? UNKNOWN_SOURCE.rate : video.frameRate;
  if (asked === 'source') {
    if (own !== null)
      return { frameRate: own, variable: false, timeBase: { num: own.den, den: own.num }, converted: false };
    // The encoder is told the average, in thousandths: its rate control needs no more.
    const average = { num: Math.max(1, Math.round(video!.averageFrameRate * 1000)), den: 1000 };
    return { frameRate: average, variable: true, timeBase: video!.timeBase, converted: false };
  }
  const rate = parseFrameRate(asked);
  if (rate === null) {
    problem(
      'framerate',
      `"${formatSettingValue(asked)}" is no frame rate`,
      'Write source, a number, or a fraction like 30000/1001.',
    );
    return null;
  }
  if (rate.num / rate.den > MAX_FRAME_RATE) {
    problem('framerate', `${formatSettingValue(asked)} frames a second are more than ${MAX_FRAME_RATE}`);
    return null;
  }
  return {
    frameRate: rate,
    variable: false,
    timeBase: { num: rate.den, den: rate.num },
    converted: own === null || !sameFraction(own, rate),
  };
}

/** First and last frame of the source, both included; null for all of them. */
export function resolveFrames(
  asked: Settings[string],
  source: SourceInfo | null,
  problem: Report,
): readonly [number, number] | null {
  if (asked === 'source') return null;
  const frames = parseFrames(asked);
  if (frames === null) {
    problem(
      'frames',
      `"${formatSettingValue(asked)}" is no range of frames`,
      'Write source, or [first, last], counted from 0.',
    );
    return null;
  }
  if (source !== null && frames[1] >= source.video.frames)
    problem('frames', `frame ${frames[1]} lies behind the source's last, ${source.video.frames - 1}`);
  return frames;
}

/** Frames that will come out; null where that can't be told. */
export function expectedFrames(
  source: SourceInfo | null,
  rate: ResolvedRate,
  frames: readonly [number, number] | null,
): number | null {
  if (source === null) return null;
  const chosen = frames === null ? source.video.frames : frames[1] - frames[0] + 1;
  if (!rate.converted) return chosen;
  const own = source.video.frameRate;
  return own === null
    ? null
    : Math.max(1, Math.round((chosen * rate.frameRate.num * own.den) / (rate.frameRate.den * own.num)));
}

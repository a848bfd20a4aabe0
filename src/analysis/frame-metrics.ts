// Metrics that whole encodes and streams have in common: times of frames, their sizes and keyframes.

import type { Better, Metric, Unit } from '#core/metric';
import { FRAME_TYPES } from '#core/recording';
import { mean, quantileSorted, sortedSample } from './quantile.ts';

/** Metrics as they are computed: what is not known (NaN) or not finite is left out. */
export class MetricList {
  readonly metrics: Record<string, Metric> = {};
  readonly add: Add = (name, value, unit, better) => {
    if (Number.isFinite(value)) this.metrics[name] = { value, unit, better };
  };
}

/** By frame; all columns have the same length. */
interface FrameColumns {
  readonly bytes: ArrayLike<number>;
  /** Codes in FRAME_TYPES. */
  readonly type: ArrayLike<number>;
  readonly key: ArrayLike<number>;
  /** Number of each frame in presentation order. */
  readonly frame: ArrayLike<number>;
  /** Streams whose frames are in the columns. */
  readonly streams: number;
}

export type Add = (name: string, value: number, unit: Unit, better: Better) => void;

/** Mean and quantiles of times in microseconds, told in milliseconds. */
export function addTimes(add: Add, name: string, us: ArrayLike<number>, points: readonly number[]): void {
  const sorted = sortedSample(us);
  add(name, mean(sorted) / 1000, 'ms', 'lower');
  for (const p of points)
    add(`${name} ${p === 1 ? 'max' : `p${p * 100}`}`, quantileSorted(sorted, p) / 1000, 'ms', 'lower');
}

export function addKeyframes(add: Add, { key, frame, streams }: FrameColumns): void {
  const numbers = sortedSample(Array.from(frame).filter((_, i) => key[i] === 1));
  if (streams > 0) add('keyframes', numbers.length, 'frame', null);
  if (streams === 1 && numbers.length > 1)
    add('keyframe.period', (numbers.at(-1)! - numbers[0]!) / (numbers.length - 1), 'frame', null);
}

export function addSizes(add: Add, { bytes, type, key }: FrameColumns): void {
  const sorted = sortedSample(bytes);
  add('frame.bytes p50', quantileSorted(sorted, 0.5), 'byte', null);
  add('frame.bytes p95', quantileSorted(sorted, 0.95), 'byte', null);
  add('frame.bytes max', quantileSorted(sorted, 1), 'byte', null);
  for (const [code, name] of FRAME_TYPES.entries()) {
    // Of a frame whose type nobody told it is known still that it is no keyframe.
    const isOther = name === 'unknown';
    const ofType = sortedSample(Array.from(bytes).filter((_, i) => type[i] === code && !(isOther && key[i] === 1)));
    if (ofType.length > 0)
      add(`frame.bytes.${isOther ? 'other' : name} p50`, quantileSorted(ofType, 0.5), 'byte', null);
  }
}

export function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]!;
  return total;
}

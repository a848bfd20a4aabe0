// The metrics of an encode, from the columns of its recording.

import type { Metrics } from '#core/metric';
import { addKeyframes, addSizes, addTimes, MetricList, sum } from './frame-metrics.ts';
import { mean, quantileSorted, sortedSample } from './quantile.ts';

/** What was recorded of one encode. NaN and absent columns mean "not known": their metrics are left out. */
export interface EncodeColumns {
  /** By frame, in the order of the encoder's output. */
  readonly bytes: ArrayLike<number>;
  /** Codes in FRAME_TYPES. */
  readonly type: ArrayLike<number>;
  readonly key: ArrayLike<number>;
  readonly quantizer: ArrayLike<number>;
  /** Number of each frame in presentation order. */
  readonly frame: ArrayLike<number>;
  /** Streams that were encoded at once, whose frames are all in the columns; 0 where a program wrote none that could be read. */
  readonly streams: number;
  /** Seconds that the stream plays, of several the sum. */
  readonly playS: number;
  /** Microseconds, monotonic: when each frame went into the encoder; its delay to the way out; time in calls for it. */
  readonly encodeStartUs: ArrayLike<number>;
  readonly encodeDelayUs: ArrayLike<number>;
  readonly encodeBusyUs: ArrayLike<number>;
  readonly decodeBusyUs: ArrayLike<number>;
  readonly scaleBusyUs: ArrayLike<number>;
  /** Wall seconds of the phases that frames pass through (encode and flush). */
  readonly encodeWallS: number;
  /** CPU seconds of all threads in those phases. */
  readonly encodeCpuS: number;
  /** Wall seconds of all phases, and CPU seconds of the whole tree over them. */
  readonly wallS: number;
  readonly cpuS: number;
  /** Bytes, the whole tree's peak. */
  readonly memoryPeak: number;
  /** Means over the run of the host's indicators, NaN where absent: cores busy, cores stolen, Hz. */
  readonly hostBusy: number;
  readonly hostSteal: number;
  readonly hostFrequency: number;
  /** Watts of the processor packages. */
  readonly hostPower: number;
  /** Share of the time that the graphics processor was busy, that its video engine was; its watts. */
  readonly gpuBusy: number;
  readonly gpuVideo: number;
  readonly gpuPower: number;
}

/** Frames in the sliding window of `encode.fps p5`: long enough for frame threads, which hand out in bursts. */
export const FPS_WINDOW = 24;

/** Names of all metrics that an encode can have, in their order. */
export function encodeMetricNames(): string[] {
  const times = Array.from({ length: 2 * FPS_WINDOW }, (_, i) => i * 1000);
  const known = times.map(() => 1);
  const every = { bytes: known, type: times.map((_, i) => 1 + (i % 3)), key: known, quantizer: known, frame: times };
  const steps = {
    encodeStartUs: times,
    encodeDelayUs: known,
    encodeBusyUs: known,
    decodeBusyUs: known,
    scaleBusyUs: known,
  };
  const sums = { streams: 1, playS: 1, encodeWallS: 1, encodeCpuS: 1, wallS: 1, cpuS: 1, memoryPeak: 1 };
  const host = { hostBusy: 1, hostSteal: 1, hostFrequency: 1, hostPower: 1, gpuBusy: 1, gpuVideo: 1, gpuPower: 1 };
  return Object.keys(encodeMetrics({ ...every, ...steps, ...sums, ...host }));
}

/** Computes every metric that the columns allow. */
export function encodeMetrics(columns: EncodeColumns): Metrics {
  const { metrics, add } = new MetricList();
  // A program that writes no file tells of no frames: then nothing that counts them is known.
  const frames = columns.streams === 0 ? NaN : columns.bytes.length;
  const bytes = columns.streams === 0 ? NaN : sum(columns.bytes);

  add('encode.fps', frames / columns.encodeWallS, 'frame/s', 'higher');
  add('encode.fps p5', windowedRate(columns, 0.05), 'frame/s', 'higher');
  addTimes(add, 'encode.time', columns.encodeBusyUs, [0.5, 0.95, 0.99, 1]);
  addTimes(add, 'encode.delay', columns.encodeDelayUs, [0.5, 0.95, 0.99]);
  addTimes(add, 'decode.time', columns.decodeBusyUs, [0.5, 0.95]);
  addTimes(add, 'scale.time', columns.scaleBusyUs, [0.5, 0.95]);

  add('cpu.time', columns.encodeCpuS, 's', 'lower');
  add('cpu.cores', columns.encodeCpuS / columns.encodeWallS, 'core', null);
  add('cpu.time per frame', (columns.encodeCpuS * 1000) / frames, 'ms', 'lower');
  add('wall', columns.wallS, 's', 'lower');
  add('wall.cpu', columns.cpuS, 's', 'lower');
  add('memory.peak', columns.memoryPeak, 'byte', 'lower');

  add('frames', frames, 'frame', null);
  add('streams', columns.streams || NaN, '1', null);
  add('bytes', bytes, 'byte', null);
  add('bitrate', (bytes * 8) / columns.playS, 'bit/s', null);
  addKeyframes(add, columns);
  addSizes(add, columns);
  add('quantizer', mean(columns.quantizer), '1', 'lower');

  add('host.busy', columns.hostBusy, 'core', null);
  // Two clocks and two counters differ by a little: fewer than no cores are not busy.
  add('host.others', Math.max(0, columns.hostBusy - columns.cpuS / columns.wallS), 'core', 'lower');
  add('host.steal', columns.hostSteal, 'core', 'lower');
  add('host.frequency', columns.hostFrequency, 'Hz', null);
  add('host.power', columns.hostPower, 'W', 'lower');
  add('host.energy per frame', (columns.hostPower * columns.wallS) / frames, 'J', 'lower');
  add('gpu.busy', columns.gpuBusy, '1', null);
  add('gpu.video', columns.gpuVideo, '1', null);
  add('gpu.power', columns.gpuPower, 'W', 'lower');
  return metrics;
}

/**
 * A quantile of the frame rate over every window of FPS_WINDOW frames; NaN for a short stream. A window lasts as long as
 * its frames took to go in, or to come out, whichever is longer: an encoder that swallows frames into its lookahead, or
 * spits them out at the end, is not faster for it.
 */
function windowedRate({ encodeStartUs, encodeDelayUs }: EncodeColumns, p: number): number {
  const inUs = sortedSample(encodeStartUs);
  const outUs = sortedSample(Array.from(encodeStartUs, (start, i) => start + encodeDelayUs[i]!));
  if (outUs.length < 2 * FPS_WINDOW || inUs.length !== outUs.length) return NaN;
  const rates = Float64Array.from({ length: outUs.length - FPS_WINDOW }, (_, i) => {
    const wentInUs = inUs[i + FPS_WINDOW]! - inUs[i]!;
    const cameOutUs = outUs[i + FPS_WINDOW]! - outUs[i]!;
    return (FPS_WINDOW * 1e6) / Math.max(wentInUs, cameOutUs);
  });
  return quantileSorted(rates.sort(), p);
}

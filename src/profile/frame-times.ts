// When the frames of a video were encoded: which part of a frame's way through an encoder counts as its own time.

/** Encode steps, one a frame, in any order; all of one length. */
export interface FrameTimes {
  /** Number in the stream, from 0. */
  readonly frame: ArrayLike<number>;
  /** When it went into the encoder, microseconds on the recording's clock, or from second 0 of the run; NaN where it is not known. */
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
 * before it to its own packet: what the encoder did to finish it. `way`: all the time that it was in the encoder.
 */
export const FRAME_WAYS = ['calls', 'output', 'way'] as const;
export type FrameWay = (typeof FRAME_WAYS)[number];

/** Frames in an encoder at once, on the mean, above which its calls are not for one frame alone. */
const SEVERAL_AT_ONCE = 1.05;

/**
 * The way that tells a frame's own time best. Where frames come out in the call that they went in with, that call: nothing else was worked
 * on. An encoder that looks ahead, or has threads for several frames, spends a call on other frames than the one that came with it, and a
 * frame that is hard holds up the packets: then the time in which its packet was waited for.
 */
export function usualWay(frames: FrameTimes): FrameWay {
  return framesAtOnce(frames) >= SEVERAL_AT_ONCE ? 'output' : 'calls';
}

/** Frames that were in the encoder at once, on the mean of the time in which there was any; NaN where no frame has a time. */
export function framesAtOnce(frames: FrameTimes): number {
  const { fromUs, toUs } = frameSpans(frames, 'way');
  const order = knownRows(fromUs).sort((a, b) => fromUs[a]! - fromUs[b]!);
  let [within, any, end] = [0, 0, -Infinity];
  for (const row of order) {
    const [from, to] = [fromUs[row]!, toUs[row]!];
    within += to - from;
    any += Math.max(0, to - Math.max(from, end));
    end = Math.max(end, to);
  }
  return any > 0 ? within / any : NaN;
}

/** The time of each frame, microseconds on the recording's clock; NaN where it is not known. */
export interface FrameSpans {
  readonly fromUs: Float64Array;
  readonly toUs: Float64Array;
}

export function frameSpans(frames: FrameTimes, way: FrameWay): FrameSpans {
  const fromUs = Float64Array.from(frames.startUs);
  const toUs = new Float64Array(fromUs.length).fill(NaN);
  for (let row = 0; row < toUs.length; row++) {
    const busyUs = known(frames.busyUs[row]!);
    const delayUs = known(frames.delayUs[row]!);
    const tookUs = way === 'calls' ? (busyUs ?? delayUs) : (delayUs ?? busyUs);
    if (tookUs !== null) toUs[row] = fromUs[row]! + Math.min(tookUs, delayUs ?? tookUs);
    if (Number.isNaN(toUs[row]!)) fromUs[row] = NaN;
  }
  if (way === 'output') waitForPackets(fromUs, toUs);
  return { fromUs, toUs };
}

/**
 * Each begins with the packet before its own. Before the first packet an encoder that looks ahead only takes frames in: its time begins
 * with the last frame that went in before it came.
 */
function waitForPackets(fromUs: Float64Array, toUs: Float64Array): void {
  const order = knownRows(toUs).sort((a, b) => toUs[a]! - toUs[b]!);
  const [first] = order;
  if (first === undefined) return;
  let before = fromUs[first]!;
  for (const from of fromUs) if (from > before && from < toUs[first]!) before = from;
  for (const row of order) {
    fromUs[row] = Math.max(fromUs[row]!, before);
    before = toUs[row]!;
  }
}

function knownRows(values: Float64Array): Uint32Array<ArrayBuffer> {
  return Uint32Array.from(values.keys()).filter((row) => Number.isFinite(values[row]!));
}

/** Microseconds; null where they are not known. */
export function known(us: number): number | null {
  return us >= 0 ? us : null;
}

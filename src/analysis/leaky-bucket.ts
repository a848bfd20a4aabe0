// The buffer of a decoder that is fed at a limited rate: does every frame arrive before it is decoded? Pure.

/** Frames that are named; the others are counted. */
export const MAX_NAMED_UNDERFLOWS = 100;

export interface BucketLimits {
  /** Bits a second at which the stream arrives, while there is room. */
  readonly maxBitrate: number;
  /** Bits that the buffer holds. */
  readonly bufferBits: number;
  /** Share of the buffer that is full when the first frame is decoded, 0 to 1: `vbv-init`. */
  readonly initialFullness: number;
}

export interface Underflow {
  /** Position in the order of decoding, from 0. */
  readonly frame: number;
  /** Bits that have not arrived when it is to be decoded. */
  readonly bits: number;
}

export interface BucketResult {
  /** Frames that have not arrived whole when they are to be decoded. */
  readonly underflows: number;
  /** The first of them. */
  readonly first: readonly Underflow[];
  /** The one that lacks most; null where there is none. */
  readonly worst: Underflow | null;
  /** Fullness behind the frame that leaves least, bits; below zero where a frame has not arrived. */
  readonly lowestBits: number;
}

/**
 * The leaky bucket of ITU-T H.264, annex C, with a variable rate: the stream arrives at `maxBitrate` until the buffer is full and
 * then waits; each frame is taken out at once, at its time. What a late frame lacks is carried on, as frames are shown on
 * time: those behind it are late too until the deficit is made up.
 * @param bytes of the frames, in the order of decoding
 * @param times at which they are decoded, seconds, ascending
 */
export function leakyBucket(bytes: ArrayLike<number>, times: ArrayLike<number>, limits: BucketLimits): BucketResult {
  const { maxBitrate, bufferBits, initialFullness } = limits;
  const first: Underflow[] = [];
  let worst: Underflow | null = null;
  let underflows = 0;
  let fullness = initialFullness * bufferBits;
  let lowestBits = fullness;
  for (let frame = 0; frame < bytes.length; frame++) {
    if (frame > 0) fullness = Math.min(bufferBits, fullness + maxBitrate * (times[frame]! - times[frame - 1]!));
    fullness -= bytes[frame]! * 8;
    lowestBits = Math.min(lowestBits, fullness);
    if (fullness >= 0) continue;
    underflows++;
    const underflow = { frame, bits: -fullness };
    if (first.length < MAX_NAMED_UNDERFLOWS) first.push(underflow);
    if (worst === null || underflow.bits > worst.bits) worst = underflow;
  }
  return { underflows, first, worst, lowestBits };
}

// One chunk to encode for one or more renditions: the frames are decoded once, scaled and encoded for each output.

import type { EngineSetting } from '#core/engine';
import type { Fraction } from '#core/source';
import type { EncodeParameters } from '../encode-job.ts';
import type { EncodeResult, EncodeSink, RunningEncode, StartOptions } from '../running-encode.ts';

/** Which frames of the source a chunk takes; times are integer ticks of the source's video stream. */
export interface ChunkRange {
  /** Frames of the source in presentation order, both included. */
  readonly first: number;
  readonly last: number;
  readonly frames: number;
  readonly firstPts: number;
  readonly lastPts: number;
  /** When the frame behind the last one is shown; null where that is not known. */
  readonly endPts: number | null;
  /** A keyframe's time from which the chunk can be decoded; null decodes the source from its beginning. */
  readonly seekPts: number | null;
  /**
   * Times of all frames, where some of them are known never to come out of a decoder (faults that were accepted): the
   * picture before is then shown in their place. Every frame comes where this is left out.
   */
  readonly pts?: readonly number[] | null | undefined;
  /** True where the source has no times of its own (a raw stream): its frames are counted from the beginning. */
  readonly counted: boolean;
}

export interface ChunkOutput {
  /** Its `frames` is null: the range is the chunk's. Threads are one where they are null. */
  readonly parameters: EncodeParameters;
  readonly passes: 1 | 2;
  /** Frames at which a keyframe stands, ascending, numbered in the chunk; the first is 0. */
  readonly keyframes: readonly number[];
  /** Path of the MP4 file to write; whole only where the outcome is ok. */
  readonly output: string;
  /** Name in its rows. */
  readonly stream: string;
  /**
   * Path of a file for the source's pictures next to the chunk's ends, as the encoder gets them; null keeps none. Of
   * outputs of one form only the first one's may be written.
   */
  readonly pictures?: string | null | undefined;
}

export interface KeptPictures {
  readonly file: string;
  /** FFmpeg's name. */
  readonly pixelFormat: string;
  /** Why the file is not there, or not whole; null where it is. */
  readonly absent: string | null;
}

export const ROTATIONS = [0, 90, 180, 270] as const;
export type Rotation = (typeof ROTATIONS)[number];

export interface ChunkJob {
  /** A file or `lavfi:GRAPH`. */
  readonly source: string;
  /** The source's video stream. */
  readonly sourceStream: number;
  /** Seconds a tick of it. */
  readonly timeBase: Fraction;
  /** Clockwise degrees that the pictures are turned by: players of streams do not do it. */
  readonly rotation: Rotation;
  readonly engine: EngineSetting;
  readonly range: ChunkRange;
  readonly outputs: readonly ChunkOutput[];
}

export interface ChunkOptions extends Omit<StartOptions, 'stream' | 'cpuSeconds'> {
  /** Milliseconds without any progress after which the engine is taken for hung and killed. */
  readonly stallMs?: number | undefined;
}

/** What became of one output; its bytes count only where the chunk's outcome is ok. */
export interface ChunkOutputResult extends Pick<EncodeResult, 'frames' | 'bytes' | 'actual' | 'encoderBuild'> {
  /**
   * CPU seconds: the whole child's, split by the time spent in calls for each output, with the shared ones (reading,
   * decoding) in equal parts. Null where the engine does not tell.
   */
  readonly cpuS: number | null;
  /** Null where none were asked for, or it did not come so far. */
  readonly pictures: KeptPictures | null;
}

export interface ChunkResult extends Pick<EncodeResult, 'outcome' | 'reason' | 'unwritable' | 'logTail' | 'absent'> {
  /** True where the frames that came were not the chunk's: from the beginning of the source they may be found. */
  readonly missedFrames: boolean;
  /** Frames that were decoded only to get to the chunk, in all passes; null where the engine does not tell. */
  readonly passedFrames: number | null;
  /** CPU seconds of all that the engine did; null where it was killed. */
  readonly cpuS: number | null;
  /** One for each output of the job, in its order. */
  readonly outputs: readonly ChunkOutputResult[];
}

export interface RunningChunk extends Pick<RunningEncode, 'pid' | 'ready' | 'begin' | 'kill'> {
  /** Never rejects for what the encode does. */
  readonly result: Promise<ChunkResult>;
}

/** One for each output, in the order of the job. */
export type ChunkSinks = readonly EncodeSink[];

/** A slow encoder at 8K takes some ten seconds for a frame; one that is silent so much longer hangs. */
export const STALL_MS = 180_000;
/**
 * Seconds ahead of a chunk's first frame that are decoded where the source's keyframes can't be relied on: the way of
 * cutting that was exact for every kind of source.
 */
export const SEEK_AHEAD_S = 6;

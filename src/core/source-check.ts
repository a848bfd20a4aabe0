// What a full decode of a source shows: its faults, its scenes, and every frame of it.

import type { SourceInfo } from './source.ts';

/** Faults that a check can find, by the name that `--accept` takes. */
export const SOURCE_FAULTS = [
  'bad-packets',
  'undecodable',
  'times-go-back',
  'times-missing',
  'gap',
  'frames-missing',
  'audio-length',
  'truncated',
  'size-changes',
  'interlaced',
] as const;
export type SourceFault = (typeof SOURCE_FAULTS)[number];

export interface SourceFinding {
  readonly fault: SourceFault;
  /** An error stops the title unless it is accepted by name; a warning is listed. */
  readonly level: 'error' | 'warning';
  /** What is wrong, with its figures: `3 frames are missing behind frame 120 (5.000 s)`. */
  readonly what: string;
  /** First frame and time (seconds of the stream) that it concerns; null where it concerns the whole. */
  readonly frame: number | null;
  readonly timeS: number | null;
  /** How often it was met. */
  readonly count: number;
  readonly todo: string;
}

/** One value for each shown frame, in presentation order. */
export interface SourceFrameColumns {
  /** Integer ticks of the stream's time base. */
  readonly pts: Float64Array;
  /** Ticks; 0 where not known. */
  readonly duration: Float64Array;
  /** 1 for a frame at which a decoder can begin. */
  readonly key: Uint8Array;
  /** Bytes of its packet. */
  readonly bytes: Uint32Array;
  /** Spatial information: standard deviation of the Sobel-filtered luma of the small picture, 8-bit steps. */
  readonly spatial: Float32Array;
  /** Mean absolute difference of luma to the frame before, on the small picture, 8-bit steps; 0 for the first. */
  readonly temporal: Float32Array;
  /** Distance of luma histograms to the frame before, 0 to 1; 0 for the first. */
  readonly histogram: Float32Array;
}

/** A source that was decoded from its first to its last frame. */
export interface CheckedSource {
  readonly version: 1;
  /** With the content's hash. */
  readonly info: SourceInfo;
  readonly findings: readonly SourceFinding[];
  readonly frames: SourceFrameColumns;
  /** Frames at which a scene begins, ascending; 0 is always one. */
  readonly scenes: readonly number[];
}

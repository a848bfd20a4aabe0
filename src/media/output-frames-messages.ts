// What the child that reads an encoded file is asked and answers, besides rows of frames.

import type { Fraction } from '#core/source';

export interface OutputFramesJob {
  readonly path: string;
  /** Seconds a tick of the rows; null for the stream's own. */
  readonly timeBase: Fraction | null;
  /** Frames a second where the file keeps no times. */
  readonly frameRate: Fraction | null;
  /** Number of the source frame that the first one shows, where each frame shows the next one; null where not known. */
  readonly firstSourceFrame: number | null;
}

/** What the whole file holds. */
export interface OutputSummary {
  readonly frames: number;
  /** Of the pictures, without the container. */
  readonly bytes: number;
  /** FFmpeg's name: `h264`, `av1`; empty where nothing could be opened. */
  readonly codec: string;
  readonly width: number;
  readonly height: number;
  /** Seconds from the first frame's beginning to the last one's end. */
  readonly duration: number;
  /** False where the file keeps no times and they were made from a frame rate. */
  readonly timed: boolean;
  /** What the encoder wrote about itself into the stream; null where it does not. */
  readonly description: string | null;
  /** What is wrong with the file; null where nothing is. */
  readonly problem: string | null;
}

export type OutputFramesMessage =
  | { readonly kind: 'alive' }
  | { readonly kind: 'end'; readonly summary: OutputSummary };

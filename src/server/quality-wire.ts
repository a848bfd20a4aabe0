// Quality of a run as it travels to the page. Bulk data is columnar: arrays of one length, a row an index.

import type { FramePicture } from '#core/quality';
import type { TimeAxis } from './wire.ts';

/** A frame that was kept as pictures, with what is known of it; null where something is not. */
export interface WorstFrame extends FramePicture {
  /** On the axis of the page. */
  readonly timeS: number | null;
  /** Presentation time, seconds. */
  readonly ptsS: number | null;
  /** Code in FRAME_TYPES. */
  readonly type: number;
  readonly key: boolean;
  readonly bytes: number | null;
  readonly quantizer: number | null;
}

export interface QualityPage {
  /** The stream that was compared; others of the run are equal encodes. */
  readonly stream: string;
  /** Names in the table `quality`, the whole picture before its planes: `psnr`, `psnr.y`. */
  readonly metrics: readonly string[];
  readonly axis: TimeAxis;
  /** The worst first. */
  readonly worst: readonly WorstFrame[];
}

/** Scores by frame, ascending by time. */
export interface QualityColumns {
  readonly metric: string;
  readonly axis: TimeAxis;
  readonly timeS: readonly number[];
  readonly frame: readonly number[];
  readonly sourceFrame: readonly (number | null)[];
  /** Null where there is no score, and where it is infinite. */
  readonly value: readonly (number | null)[];
  /** 1 where the picture is the same as the source's, so that the score has no bound. */
  readonly identical: readonly number[];
  /** Frames in the selection; more than there are rows where it was thinned out. */
  readonly total: number;
}

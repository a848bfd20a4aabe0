// What is to be compared, and what the measuring child tells of it.

import type { QualityHeader, QualityMetric } from '#core/quality';
import type { QualityBatch } from '#core/recording';
import type { PictureTiming } from '../encode-job.ts';

export interface VmafJob {
  readonly ffmpeg: string;
  /** Version or file of a model; null takes the library's default. */
  readonly model: string | null;
  /** Folder that somebody else removes, whatever becomes of this process; the system's one where it is left out. */
  readonly scratch?: string | undefined;
}

export interface QualityJob {
  /** A file or `lavfi:GRAPH`. */
  readonly source: string;
  /** What was encoded from it, in any container. */
  readonly output: string;
  /** How the frames of the source became those of the output. */
  readonly timing: PictureTiming;
  readonly metrics: readonly QualityMetric[];
  /** An executable with libvmaf, and a model's version or file (null: the library's default); null where there is none. */
  readonly vmaf: VmafJob | null;
  /** Folder of the recording, in which `pictures/` is made, and how many of the worst frames to keep. */
  readonly pictures: { readonly folder: string; readonly count: number } | null;
}

export interface QualitySink {
  scores(batch: QualityBatch): void;
  /** @param of frames that will be compared; null where that is not known */
  progress(done: number, of: number | null): void;
}

/** Messages of the child beside the rows of scores. */
export type QualityMessage =
  | { readonly kind: 'progress'; readonly done: number; readonly of: number | null }
  | { readonly kind: 'end'; readonly header: QualityHeader; readonly absent: readonly string[] }
  | { readonly kind: 'failed'; readonly reason: string };

/** A way in which measuring ends badly: a reason for people, not a bug. */
export class QualityFailure extends Error {}

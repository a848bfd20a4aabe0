// What an assembled rendition tells of itself, in its item's result.

import type { BucketLimits, BucketResult } from '#analysis/leaky-bucket';
import type { SeamReport } from '#media/assemble/seam-quality';

export type BucketFacts = BucketLimits & BucketResult;

export interface AssembleFacts {
  readonly version: 1;
  readonly chunks: number;
  readonly keyframes: number;
  readonly durationS: number;
  /** Frames by which decoding is ahead of presentation. */
  readonly reordering: number;
  /** Decoded frames either side of seams that are equal to those of the chunks. */
  readonly comparedFrames: number;
  /** XPSNR at the seams; `absent` says why there is none. */
  readonly seams: SeamReport & { readonly absent: string | null };
  /** Null where the rendition has no cap. */
  readonly bucket: BucketFacts | null;
  /** What a person should look at, with its figures. */
  readonly warnings: readonly string[];
}

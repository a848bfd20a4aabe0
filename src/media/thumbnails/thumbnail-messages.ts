// What the child that makes thumbnails is asked, and what it answers.

import type { ChosenPicture, PictureShape } from './thumbnail-plan.ts';

export interface ThumbnailJob {
  readonly source: string;
  /** Video stream of the source. */
  readonly stream: number;
  /** In the order of time. */
  readonly pictures: readonly ChosenPicture[];
  readonly shape: PictureShape;
  /** Folder of the files to write. */
  readonly folder: string;
}

export type ThumbnailMessage =
  | { readonly kind: 'progress'; readonly share: number }
  | {
      readonly kind: 'made';
      /** Frame of the source that became the poster. */
      readonly posterFrame: number;
      readonly decodedFrames: number;
      readonly cpuS: number;
    }
  | { readonly kind: 'failed'; readonly what: string };

// What the child that makes thumbnails is asked, and what it answers.

import type { ChosenPicture, Size } from './thumbnail-plan.ts';

export interface ThumbnailJob {
  readonly source: string;
  /** Video stream of the source. */
  readonly stream: number;
  /** In the order of time. */
  readonly pictures: readonly ChosenPicture[];
  /** Clockwise degrees that pictures are turned by. */
  readonly rotation: number;
  readonly tile: Size;
  readonly poster: Size;
  /** Paths of the files to write. */
  readonly sheetFiles: readonly string[];
  readonly posterFile: string;
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

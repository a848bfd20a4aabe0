// What the checking child is asked, and what it tells.

import type { FieldOrder } from '#core/source';
import type { InspectJob, SourceFacts } from '../source-facts.ts';
import type { PassedPictures } from '../thumbnails/picture-pass.ts';
import type { PictureShape } from '../thumbnails/thumbnail-plan.ts';

export interface CheckJob extends InspectJob {
  /** Folder for the small pictures that are made in passing; null makes none. */
  readonly pictures: string | null;
}

/** Something that was met so often, for the first time at `firstS` (seconds of the stream; null where it has no time). */
export interface Tally {
  count: number;
  firstS: number | null;
}

/** A hole in sound: seconds of the stream. */
export interface SoundGap {
  readonly startS: number;
  readonly endS: number;
}

/** What the packets of an audio stream showed. */
export interface AudioTimes {
  readonly index: number;
  readonly packets: number;
  /** Seconds of the stream, of what is heard; null where no packet has a time. */
  readonly startS: number | null;
  readonly endS: number | null;
  readonly corrupt: Tally;
  /** Packets that begin before the one before them, and by how much at most, seconds. */
  readonly backwards: Tally;
  readonly furthestBackS: number;
  /** The first of them, in order. */
  readonly gaps: readonly SoundGap[];
  readonly gapCount: number;
}

/** A change of a picture's size or format midway. */
export interface PictureChange {
  count: number;
  readonly frame: number;
  readonly from: string;
  readonly to: string;
  /** True where the picture has another shape. */
  shape: boolean;
}

/** What was odd while the source was decoded. */
export interface CheckTallies {
  /** Video packets that the container or its checksums mark as damaged. */
  readonly corrupt: Tally;
  /** Video packets that the decoder gave an error for, and the first error. */
  readonly refused: Tally;
  readonly refusedWhy: string | null;
  /** Frames that came out with errors, and the first of them. */
  readonly damaged: number;
  readonly damagedFrame: number | null;
  /** Frames of two fields, the first of them, and which of its fields comes first. */
  readonly interlaced: number;
  readonly interlacedFrame: number | null;
  readonly fieldOrder: FieldOrder | null;
  /** Frames that did not come out at all, and the first of them. */
  readonly lost: number;
  readonly lostFrame: number | null;
  /** Video packets whose decoding time is before the one of the packet before. */
  readonly backwards: Tally;
  /** Video packets without any time. */
  readonly untimed: number;
  /** True where every frame that came out has a presentation time of its own. */
  readonly timed: boolean;
  readonly sizes: PictureChange | null;
  readonly formats: PictureChange | null;
  readonly audio: readonly AudioTimes[];
}

/** Rows of the frame columns, in base64, little-endian. */
export interface ColumnsMessage {
  readonly kind: 'columns';
  readonly first: number;
  /** Frames in all. */
  readonly of: number;
  readonly columns: Readonly<Record<string, string>>;
}

export type CheckMessage =
  | { readonly kind: 'alive'; readonly share: number | null }
  | { readonly kind: 'refused'; readonly code: number; readonly what: string; readonly cpuS: number }
  | ColumnsMessage
  | {
      readonly kind: 'end';
      readonly facts: SourceFacts;
      /** Null where nothing was decoded, since the facts tell why the source is unfit. */
      readonly tallies: CheckTallies | null;
      readonly scenes: readonly number[];
      readonly frames: number;
      /** Null where none were asked for, or none could be made in passing. */
      readonly pictures: (PassedPictures & { readonly shape: PictureShape }) | null;
      /** CPU seconds of the child. */
      readonly cpuS: number;
    };

// What the child that proves live changes is asked, line by line, and answers.

import type { EncodeParameters } from './encode-job.ts';

export interface LiveEncodeRequest {
  readonly parameters: EncodeParameters;
  /** Frames to send; fewer where `untilPackets` packets come out before. */
  readonly frames: number;
  readonly untilPackets: number | null;
  /** Options to set on the running encoder before this frame is sent; null changes nothing. */
  readonly change: { readonly atFrame: number; readonly options: Readonly<Record<string, string>> } | null;
}

export type LiveEncodeAnswer =
  | {
      readonly kind: 'encoded';
      /** Frames that were sent. */
      readonly frames: number;
      /** A check sum of each packet in the order in which they came; without what an encoder writes about itself. */
      readonly packets: readonly number[];
      /** Bytes of all packets. */
      readonly bytes: number;
      /** Packets that had come before the change, or before the last frame where there was none. */
      readonly before: number;
    }
  | { readonly kind: 'refused'; readonly reason: string };

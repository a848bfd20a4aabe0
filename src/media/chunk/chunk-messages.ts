// What the child that encodes a chunk tells. Rows of frames and steps belong to the output that was named last.

import type { PhaseRow } from '#core/recording';
import type { KeptPictures } from './chunk-job.ts';

export type ChunkMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'alive' }
  | { readonly kind: 'output'; readonly output: number }
  | { readonly kind: 'phase'; readonly output: number; readonly row: PhaseRow }
  /** Frames of all passes that went into the encoders. */
  | { readonly kind: 'progress'; readonly frames: number; readonly of: number }
  | {
      readonly kind: 'end';
      readonly ok: boolean;
      readonly reason: string | null;
      readonly unwritable: boolean;
      readonly missedFrames: boolean;
      readonly passedFrames: number;
      readonly cpuS: number;
      readonly outputs: readonly {
        readonly frames: number;
        readonly bytes: number;
        readonly cpuS: number;
        readonly actual: Readonly<Record<string, string>>;
        readonly pictures: KeptPictures | null;
      }[];
    };

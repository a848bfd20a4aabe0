// What the listing child is asked and answers.

import type { EncoderInfo } from '#core/encoder';

export interface EncoderListJob {
  /** False asks for the versions only. */
  readonly encoders: boolean;
}

export interface EncoderListing {
  readonly ffmpeg: string;
  readonly nodeAv: string;
  /** Versions of FFmpeg's libraries by name. */
  readonly libraries: Readonly<Record<string, string>>;
  /** File of the loaded FFmpeg with its encoders; null where it was not asked for or is not known. */
  readonly module: string | null;
}

export interface EncoderDescription {
  readonly info: Omit<EncoderInfo, 'available' | 'reason'>;
}

export type EncoderListMessage =
  | { readonly kind: 'versions'; readonly listing: EncoderListing }
  | { readonly kind: 'encoder'; readonly encoder: EncoderDescription };

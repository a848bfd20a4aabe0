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
}

export interface EncoderDescription {
  readonly info: Omit<EncoderInfo, 'available' | 'reason'>;
  /** True where it takes only pictures in a graphics device's memory. */
  readonly deviceOnly: boolean;
}

export type EncoderListMessage =
  | { readonly kind: 'versions'; readonly listing: EncoderListing }
  | { readonly kind: 'encoder'; readonly encoder: EncoderDescription };

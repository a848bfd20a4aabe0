// Codecs of SPICE and ours: names, and the encoders that are taken for a client that does not show what was asked for.

import type { EncoderInfo } from '#core/encoder';

/** FFmpeg's names of the codecs that SPICE calls otherwise. */
const OTHER_NAMES: Readonly<Record<string, string>> = { hevc: 'h265' };
/** In the order of preference. */
const STAND_INS: readonly string[] = ['libx264', 'libvpx', 'mjpeg', 'libvpx-vp9', 'libx265'];

/** SPICE's name of a codec. @param codec FFmpeg's */
export function spiceCodec(codec: string): string {
  return OTHER_NAMES[codec] ?? codec;
}

/**
 * The encoder for a client: the one that is wanted where the client shows what it makes, else the first of ours that it does.
 * @param codecs what the client shows
 * @returns null where there is none
 */
export function encoderFor(wanted: string, codecs: readonly string[], encoders: readonly EncoderInfo[]): string | null {
  const shows = (name: string) => {
    const encoder = encoders.find((each) => each.name === name);
    return encoder !== undefined && codecs.includes(spiceCodec(encoder.codec));
  };
  return [wanted, ...STAND_INS].find(shows) ?? null;
}

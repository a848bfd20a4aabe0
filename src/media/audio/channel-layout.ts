// The loudspeakers that a track is made for.

import type { AudioCodec } from '#core/title';

/**
 * Numbers of channels that every player knows by their number alone: mono, stereo, 5.0, 5.1, and 7.1 in Opus. AAC has
 * no number for 7.1 with side loudspeakers (ISO/IEC 14496-3, table 1.19): it would have to be described in the stream.
 */
const KNOWN: Readonly<Record<AudioCodec, readonly number[]>> = { aac: [6, 5, 2, 1], opus: [8, 6, 5, 2, 1] };

/** Channels of a track: the most that the codec knows, and no more than the source has or than are asked for. */
export function trackChannels(codec: AudioCodec, source: number, most: number): number {
  return KNOWN[codec].find((channels) => channels <= Math.min(source, most)) ?? 1;
}

// What the child that makes a track of sound is asked, and what it answers.

import type { AudioCodec } from '#core/title';

/** Samples a second of every track that is made: the rate of film and television, and the one that Opus has. */
export const SAMPLE_RATE = 48_000;

export interface AudioJob {
  readonly source: string;
  /** Stream of the source. */
  readonly stream: number;
  /** Path of the MP4 file to write. */
  readonly output: string;
  readonly codec: AudioCodec;
  /** Bits a second. */
  readonly bitrate: number;
  /** Channels at most. */
  readonly channels: number;
  /** Integrated loudness to normalise to, LUFS; null leaves it as it is. */
  readonly loudness: number | null;
  /** When the video's first frame is shown, seconds of the source's own time: the track begins there. */
  readonly startS: number;
  /** Samples of the track: as long as the video. */
  readonly samples: number;
}

/** Loudness by EBU R 128 and ITU-R BS.1770. */
export interface Loudness {
  /** Integrated loudness, LUFS; null for silence and for sound too short to tell (below 0.4 s). */
  readonly integrated: number | null;
  /** Loudness range, LU (EBU Tech 3342). */
  readonly range: number;
  /** True peak of the loudest channel, dBTP; null for silence. */
  readonly truePeak: number | null;
}

/** How the source's sound was laid along the video's time; samples at `SAMPLE_RATE`. */
export interface Placement {
  /** Silence put before it, where it begins later than the video. */
  readonly silenceBefore: number;
  /** Silence put behind it, where it ends earlier. */
  readonly silenceBehind: number;
  /** Cut off, where it begins earlier or ends later. */
  readonly cutBefore: number;
  readonly cutBehind: number;
  /** Holes in its timestamps, and the silence that fills them. */
  readonly gaps: number;
  readonly gapSamples: number;
  /** Sound that was there twice, by its timestamps. */
  readonly overlaps: number;
  readonly overlapSamples: number;
  /** Samples added (or taken away, negative) by stretching, where its clock differs from its timestamps. */
  readonly stretched: number;
}

export interface AudioFacts {
  readonly codec: AudioCodec;
  readonly channels: number;
  /** FFmpeg's name: `stereo`, `5.1`. */
  readonly layout: string;
  /** The source's, where it differs from what was made; null where nothing was mixed down. */
  readonly mixedFrom: string | null;
  readonly sampleRate: number;
  /** Samples a channel of the decoded file, counted; without what the edit list cuts away. */
  readonly samples: number;
  /** Samples that the encoder puts before the sound, which the edit list cuts away. */
  readonly priming: number;
  /** Bits a second, mean over the track. */
  readonly bitrate: number;
  readonly before: Loudness;
  readonly after: Loudness;
  /** Loudness that was asked for, LUFS; null for none. */
  readonly target: number | null;
  /** Decibels that the whole track was raised by. */
  readonly gain: number;
  /** False where the peaks forbid the gain that the target needs; null where there is no target. */
  readonly reached: boolean | null;
  readonly placement: Placement;
  /** Packets of the source that could not be decoded: silence, mostly. */
  readonly badPackets: number;
}

export type AudioMessage =
  | { readonly kind: 'progress'; readonly share: number }
  | { readonly kind: 'made'; readonly facts: AudioFacts; readonly cpuS: number; readonly checkCpuS: number }
  /** `source` where trying again can't help. */
  | { readonly kind: 'failed'; readonly what: string; readonly blame: 'source' | 'system' };

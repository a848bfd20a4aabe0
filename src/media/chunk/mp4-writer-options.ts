// How chunks are written as MP4, by both engines.

import type { Fraction } from '#core/source';

/**
 * Options of FFmpeg's muxer. Ticks of the file are the time base's whole denominator, so that every time is exact. Without
 * an edit list the first picture is shown at 0 by negative distances between decoding and presentation: FFmpeg reads back
 * the encoder's own times, where decoding begins so many frames below 0 as the encoder reorders at most.
 */
export function mp4Options(timeBase: Fraction): Readonly<Record<string, string>> {
  return {
    movflags: '+negative_cts_offsets',
    use_editlist: '0',
    video_track_timescale: String(timeBase.den),
  };
}

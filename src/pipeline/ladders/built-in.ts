// The ladders that come with encodelab. Each can be written as a file: examples/ladders holds one to begin with.

import type { AudioRung, Ladder } from '#core/title';
import type { Settings } from '#core/settings';

const STEREO_AAC: AudioRung = { codec: 'aac', bitrate: 128_000, channels: 2, loudness: null };
const STEREO_OPUS: AudioRung = { codec: 'opus', bitrate: 96_000, channels: 2, loudness: null };
const GOP_S = 2;

/** Quality decides, up to a cap that is held over two seconds. */
function x264(resolution: string, crf: number, maxKbps: number, preset = 'medium'): Settings {
  return { encoder: 'libx264', preset, resolution, crf, maxrate: maxKbps * 1000, bufsize: 2 * maxKbps * 1000 };
}

/** Constrained quality: the bitrate is a ceiling of the mean. */
function vp9(resolution: string, crf: number, maxKbps: number): Settings {
  return {
    encoder: 'libvpx-vp9',
    deadline: 'good',
    'cpu-used': 4,
    'row-mt': true,
    'tile-columns': 1,
    resolution,
    crf,
    bitrate: maxKbps * 1000,
  };
}

function av1(resolution: string, crf: number, preset = 8): Settings {
  return { encoder: 'libsvtav1', preset, resolution, crf };
}

function fixedLadder(name: string, rungs: readonly Settings[], audio: readonly AudioRung[]): Ladder {
  return { version: 1, name, gopS: GOP_S, rungs, perTitle: null, audio, protection: 'none' };
}

/** `demo` is for trying: a 30 s clip takes about a minute on two cores. */
const DEMO = fixedLadder(
  'demo',
  [x264('180p', 24, 400, 'veryfast'), x264('360p', 23, 1_200, 'veryfast'), av1('360p', 38, 10)],
  [STEREO_AAC],
);

/** H.264 for everything that plays video. */
const WEB = fixedLadder(
  'web',
  [x264('360p', 23, 900), x264('540p', 23, 1_800), x264('720p', 23, 3_200), x264('1080p', 23, 6_000)],
  [STEREO_AAC],
);

const VP9 = fixedLadder(
  'vp9',
  [vp9('360p', 36, 500), vp9('540p', 35, 1_000), vp9('720p', 34, 1_800), vp9('1080p', 33, 3_500)],
  [STEREO_OPUS],
);

const AV1 = fixedLadder('av1', [av1('360p', 37), av1('540p', 36), av1('720p', 35), av1('1080p', 34)], [STEREO_OPUS]);

/** Several codecs: each player takes the best that it decodes. */
const HD_MULTI = fixedLadder(
  'hd-multi',
  [
    x264('360p', 23, 900),
    x264('720p', 23, 3_200),
    x264('1080p', 23, 6_000),
    vp9('720p', 34, 1_800),
    vp9('1080p', 33, 3_500),
    av1('360p', 37),
    av1('720p', 35),
    av1('1080p', 34),
  ],
  [STEREO_AAC, STEREO_OPUS],
);

export const BUILT_IN_LADDERS: readonly Ladder[] = [DEMO, WEB, VP9, AV1, HD_MULTI];

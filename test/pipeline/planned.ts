// Checked sources and encoders that are made up, for tests of plans: what a real check would have found is given by the test.

import type { EncoderInfo, EncoderParameter } from '#core/encoder';
import type { AudioStreamInfo, OtherStreamInfo, VideoStreamInfo } from '#core/source';
import type { CheckedSource } from '#core/source-check';

export interface MadeUp {
  /** Ticks of the frames; by default so many at `rate`. */
  readonly pts?: Float64Array;
  readonly frames?: number;
  /** Frames a second; null for a rate that varies. */
  readonly rate?: number | null;
  readonly scenes?: readonly number[];
  readonly video?: Partial<VideoStreamInfo>;
  readonly audio?: readonly AudioStreamInfo[];
  readonly others?: readonly OtherStreamInfo[];
}

/** Ticks a second. */
export const TICKS = 90_000;

export function checkedSource(made: MadeUp = {}): CheckedSource {
  const { rate = 24, scenes = [0], audio = [], others = [] } = made;
  const count = made.pts?.length ?? made.frames ?? 720;
  const pts =
    made.pts ?? Float64Array.from({ length: count }, (_, frame) => Math.round((frame * TICKS) / (rate ?? 24)));
  const duration = (pts.at(-1)! - pts[0]!) / TICKS + 1 / (rate ?? 24);
  return {
    version: 1,
    info: {
      path: '/clips/made-up.mp4',
      bytes: 1000 * count,
      hash: 'made-up',
      container: 'mov',
      declaredDuration: duration,
      video: {
        index: 0,
        codec: 'h264',
        profile: 'High',
        width: 1920,
        height: 1080,
        pixelFormat: 'yuv420p',
        bitDepth: 8,
        sampleAspectRatio: null,
        rotation: 0,
        color: { range: 'tv', primaries: 'bt709', transfer: 'bt709', matrix: 'bt709', dynamicRange: 'SDR' },
        masteringDisplay: null,
        contentLight: null,
        dynamicMetadata: null,
        fieldOrder: null,
        closedCaptions: false,
        timeBase: { num: 1, den: TICKS },
        frameRate: rate === null ? null : { num: rate, den: 1 },
        averageFrameRate: count / duration,
        variableFrameRate: rate === null,
        frames: count,
        keyframes: 1,
        longestGop: count,
        duration,
        bitrate: 1_000_000,
        ...made.video,
      },
      audio,
      others,
      warnings: [],
    },
    findings: [],
    frames: {
      pts,
      duration: new Float64Array(count),
      key: new Uint8Array(count),
      bytes: Uint32Array.from({ length: count }, (_, frame) => 1000 + (frame % 7)),
      spatial: new Float32Array(count).fill(30),
      temporal: new Float32Array(count).fill(3),
      histogram: Float32Array.from({ length: count }, (_, frame) => (frame % 11) / 11),
    },
    scenes,
  };
}

const PARAMETERS = [
  'preset',
  'crf',
  'maxrate',
  'bufsize',
  'keyint_min',
  'sc_threshold',
  'x264-params',
  'x265-params',
  'svtav1-params',
  'cpu-used',
  'deadline',
  'row-mt',
  'tile-columns',
];

/** Encoders of the bundled engine that take any value for the parameters that ladders use. */
export function someEncoders(changes: Readonly<Record<string, Partial<EncoderInfo>>> = {}): EncoderInfo[] {
  const parameters = PARAMETERS.map((name): EncoderParameter => ({
    name,
    type: 'string',
    description: '',
    min: null,
    max: null,
    default: null,
    values: [],
    live: null,
    scope: 'private',
  }));
  const codecs = {
    libx264: 'h264',
    libx265: 'hevc',
    'libvpx-vp9': 'vp9',
    libsvtav1: 'av1',
    libvpx: 'vp8',
    h264_odd: 'h264',
  };
  return Object.entries(codecs).map(([name, codec]) => ({
    name,
    codec,
    description: '',
    engine: 'bundled',
    hardware: false,
    threads: 'other',
    pixelFormats: ['yuv420p', 'yuv422p', 'yuv444p', 'yuvj420p', 'yuv420p10le', 'nv12'],
    parameters,
    subOptions: [],
    device: null,
    available: true,
    reason: null,
    ...changes[name],
  }));
}

// Picture quality: how near the encoded pictures are to those of the source.

import type { Unit } from './metric.ts';

/** What can be measured. All of them are better when they are higher. */
export const QUALITY_METRICS = ['psnr', 'ssim', 'xpsnr', 'vmaf'] as const;
export type QualityMetric = (typeof QUALITY_METRICS)[number];

/** Measured where a benchmark does not say: what needs no program of the user's. */
export const USUAL_QUALITY: readonly QualityMetric[] = ['psnr', 'ssim', 'xpsnr'];

/** Names in the table `quality` and in metrics: of the whole picture, then of its planes where the metric has them. */
export const QUALITY_COLUMNS: Readonly<Record<QualityMetric, readonly string[]>> = {
  psnr: ['psnr', 'psnr.y', 'psnr.u', 'psnr.v'],
  ssim: ['ssim', 'ssim.y', 'ssim.u', 'ssim.v'],
  xpsnr: ['xpsnr', 'xpsnr.y', 'xpsnr.u', 'xpsnr.v'],
  vmaf: ['vmaf'],
};

export const QUALITY_UNITS: Readonly<Record<QualityMetric, Unit>> = { psnr: 'dB', ssim: '1', xpsnr: 'dB', vmaf: '1' };

/** What a benchmark asks for. */
export interface QualityWanted {
  readonly metrics: readonly QualityMetric[];
  /** An ffmpeg executable with libvmaf; null takes the first that has it. */
  readonly vmafEngine: string | null;
  /** VMAF's model: `vmaf_v0.6.1`, or the path of a model file; null takes the library's default. */
  readonly vmafModel: string | null;
}

/** What made the scores of one metric: scores of other models or implementations are other numbers. */
export interface QualityScore {
  readonly metric: QualityMetric;
  /** `vmaf_v0.6.1`; null where the metric has no model. */
  readonly model: string | null;
  /** `xpsnr of FFmpeg 8.1-Jellyfin`, `libvmaf 3.0.0 in ffmpeg 7.0.2`. */
  readonly implementation: string;
  /** Frames that have a score. */
  readonly frames: number;
}

/** How the frames of an output were matched with those of its source. */
export interface FrameMatch {
  /** Size at which pictures were compared: the source's. */
  readonly width: number;
  readonly height: number;
  readonly pixelFormat: string;
  /** Output frames that were compared. */
  readonly compared: number;
  /** Of so many: of a stream the frames that the client could decode; absent where every frame was to be compared. */
  readonly of?: number;
  /** Source frames that no output frame shows, counted; by number, the first of them. */
  readonly dropped: { readonly count: number; readonly first: readonly number[] };
  /** Source frames that more than one output frame shows. */
  readonly doubled: { readonly count: number; readonly first: readonly number[] };
  /** Output frames that should be there at a time and are not, by number in the output; they have no score. */
  readonly missing: { readonly count: number; readonly first: readonly number[] };
  /** Output frames at a time at which the source has no frame; they have no score. */
  readonly surplus: { readonly count: number; readonly first: readonly number[] };
}

/** A frame worth seeing, as pictures in the recording's folder. */
export interface FramePicture {
  /** Number in the output, in presentation order. */
  readonly frame: number;
  readonly sourceFrame: number;
  readonly metric: string;
  readonly value: number;
  /** Paths relative to the recording: `pictures/12-source.png`, `pictures/12-output.png`. */
  readonly source: string;
  readonly output: string;
}

/** What a recording's header says of its table `quality`. */
export interface QualityHeader {
  readonly scores: readonly QualityScore[];
  readonly match: FrameMatch;
  /** The worst frames first. */
  readonly pictures: readonly FramePicture[];
}

// A title: the product made from a source, with its ladder, its plan, its items and what became of it.

import type { Settings } from './settings.ts';
import type { Fraction } from './source.ts';

export const CODECS = ['h264', 'hevc', 'vp9', 'av1'] as const;
/** Codecs that CMAF carries and players know. */
export type TitleCodec = (typeof CODECS)[number];
export const AUDIO_CODECS = ['aac', 'opus'] as const;
export type AudioCodec = (typeof AUDIO_CODECS)[number];

export const PROTECTIONS = ['none', 'cenc', 'cbcs'] as const;
export type Protection = (typeof PROTECTIONS)[number];

export interface AudioRung {
  readonly codec: AudioCodec;
  /** Bits a second. */
  readonly bitrate: number;
  /** Channels at most; a source with fewer keeps its own. */
  readonly channels: number;
  /** Integrated loudness that it is normalised to, LUFS (EBU R 128); null leaves it as it is. */
  readonly loudness: number | null;
}

/** Target quality by rung: the encoder's `crf` is searched for with probe encodes. */
export interface PerTitle {
  /** Metric of quality that is aimed at; `xpsnr`, decibels. */
  readonly metric: 'xpsnr';
  /** Codecs' encoders with their own settings; the rungs are placed on the convex hull of their probes. */
  readonly encoders: readonly Settings[];
  /** Heights that are probed, pixels. */
  readonly heights: readonly number[];
  /** Rungs of each encoder at most. */
  readonly rungs: number;
  /** Bits a second of the lowest and the highest rung. */
  readonly bitrate: readonly [low: number, high: number];
}

export interface Ladder {
  readonly version: 1;
  readonly name: string;
  /** Seconds between keyframes, which all rungs share. */
  readonly gopS: number;
  /** Each as the settings of a run: `engine`, `encoder`, `resolution` (a box that the picture is fitted into), rate control … */
  readonly rungs: readonly Settings[];
  /** Rungs that are found for each title; null for a fixed ladder. */
  readonly perTitle: PerTitle | null;
  readonly audio: readonly AudioRung[];
  readonly protection: Protection;
  /** True publishes a protected title in the clear as well, in the folder `none` of its own: for a page that shows both. */
  readonly alsoClear?: boolean | undefined;
}

/** A closed-GOP piece of the source; the same for all rungs. */
export interface Chunk {
  readonly index: number;
  /** Frames of the source in presentation order, both included. */
  readonly first: number;
  readonly last: number;
  /** Frames at which a keyframe stands, ascending, numbered in the source; the first is `first`. */
  readonly keyframes: readonly number[];
  /** Mean spatial and temporal information of its frames, 8-bit steps; bytes of their packets. */
  readonly spatial: number;
  readonly temporal: number;
  readonly sourceBytes: number;
}

export interface VideoRendition {
  readonly kind: 'video';
  /** `v1-h264-720`: its folder when published. */
  readonly id: string;
  readonly codec: TitleCodec;
  readonly width: number;
  readonly height: number;
  /** Of the ladder, with what the plan decided: exact size, gop, closed GOPs. */
  readonly settings: Settings;
  /** Passes of the encoder over a chunk. */
  readonly passes: 1 | 2;
  /** Bits a second that the encoder was asked for or capped to; null for a rate that follows quality alone. */
  readonly maxBitrate: number | null;
  /** Bits of the buffer that the cap is held over; null where there is no cap. */
  readonly bufferBits: number | null;
}

export interface AudioRendition extends AudioRung {
  readonly kind: 'audio';
  readonly id: string;
  /** Stream of the source. */
  readonly stream: number;
  readonly language: string | null;
}

export interface TextRendition {
  readonly kind: 'text';
  readonly id: string;
  readonly stream: number;
  readonly language: string | null;
}

export type Rendition = VideoRendition | AudioRendition | TextRendition;

export const ITEM_KINDS = [
  'inspect',
  'encode',
  'audio',
  'text',
  'thumbnails',
  'assemble',
  'package',
  'publish',
] as const;
export type ItemKind = (typeof ITEM_KINDS)[number];

export interface PlannedItem {
  /** Unique in its title, and the same for equal plans: `encode/00007/v1-h264-720`. */
  readonly key: string;
  readonly kind: ItemKind;
  /** Keys of items whose results it takes. */
  readonly needs: readonly string[];
  /** Chunk to encode; null for other kinds. */
  readonly chunk: number | null;
  /** Ids of the renditions that it makes or takes. */
  readonly renditions: readonly string[];
  /** CPU seconds, a rough guess; null where nothing is known. */
  readonly costS: number | null;
}

/** What is done with a title. The same source and ladder always give the same plan. */
export interface TitlePlan {
  readonly version: 1;
  readonly source: {
    readonly hash: string;
    /** Video stream of the source. */
    readonly stream: number;
    readonly frames: number;
    readonly timeBase: Fraction;
    readonly frameRate: Fraction | null;
    /** Seconds, from the first frame's start to the last frame's end. */
    readonly duration: number;
  };
  readonly ladder: Ladder;
  /** Frames between keyframes. */
  readonly gop: number;
  readonly chunks: readonly Chunk[];
  readonly renditions: readonly Rendition[];
  readonly items: readonly PlannedItem[];
  /** What is converted or left out on purpose, for people: rotation, HDR, streams that can't be carried. */
  readonly notes: readonly string[];
}

/** A file that an item made, named by its content. */
export interface ItemOutput {
  readonly rendition: string;
  /** SHA-256 of the content, hex. */
  readonly hash: string;
  /** Relative to the title's folder. */
  readonly file: string;
  readonly bytes: number;
  /** Frames of video; samples of audio. */
  readonly frames: number | null;
  /** Run in the catalogue that made it; null where none was kept. */
  readonly run: string | null;
}

export interface ItemResult {
  readonly outputs: readonly ItemOutput[];
  /** CPU seconds of making it, and of checking it, told apart; null where not known. */
  readonly cpuS: number | null;
  readonly checkCpuS: number | null;
  /** What a later item or a person wants to know: `loudness`, `seams` … */
  readonly facts: Readonly<Record<string, unknown>>;
}

export const TITLE_STATES = ['running', 'paused', 'done', 'failed', 'cancelled'] as const;
export type TitleState = (typeof TITLE_STATES)[number];

/** One rendition in the summary of a finished title. */
export interface MadeRendition {
  readonly codec: string;
  readonly width: number | null;
  readonly height: number | null;
  /** Bits a second, mean over the stream. */
  readonly bitrate: number;
  readonly frames: number | null;
  readonly bytes: number;
}

/** The last line of `encode --json`. */
export interface TitleSummary {
  readonly title: string;
  readonly outcome: Exclude<TitleState, 'running' | 'paused'> | 'interrupted';
  readonly reason: string | null;
  readonly renditions: readonly MadeRendition[];
  /** Paths of the published manifests; null where nothing was published. */
  readonly manifests: { readonly hls: string; readonly dash: string } | null;
}

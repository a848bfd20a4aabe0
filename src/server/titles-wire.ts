// Titles as they travel between the server and the page, as types. Bulk data is columnar: arrays of one length, a row an index.

import type { SecondsLeft } from '#analysis/time-left';
import type { ItemState } from '#core/queue';
import type { Protection, TitleState } from '#core/title';

/** Version of everything in this file. */
export const TITLES_VERSION = 1;

export const TITLE_ACTIONS = ['pause', 'resume', 'retry', 'cancel'] as const;
export type TitleAction = (typeof TITLE_ACTIONS)[number];

export type StateCounts = Readonly<Record<ItemState, number>>;

export interface TitleLine {
  readonly id: string;
  readonly name: string;
  readonly state: TitleState;
  readonly reason: string | null;
  readonly campaign: string | null;
  readonly createdAt: string;
  readonly endedAt: string | null;
  readonly items: StateCounts;
  /** Length of the source, seconds; null before it was inspected. */
  readonly sourceS: number | null;
}

export interface TitleList {
  readonly version: typeof TITLES_VERSION;
  /** Of the queue: the same number, the same list. */
  readonly counter: number;
  readonly titles: readonly TitleLine[];
  /** True where older ones follow. */
  readonly more: boolean;
}

/** Nothing was written since. */
export interface Unchanged {
  readonly version: typeof TITLES_VERSION;
  readonly counter: number;
  readonly unchanged: true;
}

/** Items of one kind and rendition. */
export interface LaneView {
  readonly kind: string;
  readonly group: string;
  readonly counts: StateCounts;
  /** A letter for each cell, in the order of chunks: `w r R d f c`, and `m` where items of a cell are in several states. */
  readonly cells: string;
  /** Items that one cell stands for; the last may stand for fewer. */
  readonly perCell: number;
}

/** Quantiles of an item's way, seconds. */
export interface WayTimes {
  readonly kind: string;
  /** Tries that ended well. */
  readonly count: number;
  /** From ready to begun, and from begun to done: p50, p95, p99. */
  readonly waitingS: readonly [number, number, number];
  readonly runningS: readonly [number, number, number];
}

export interface RenditionView {
  readonly id: string;
  readonly kind: 'video' | 'audio' | 'text';
  readonly codec: string | null;
  readonly width: number | null;
  readonly height: number | null;
  /** Bits a second that it was capped to; null where it has no cap. */
  readonly maxBitrate: number | null;
  readonly language: string | null;
  /** What was made of it; null before that. */
  readonly made: {
    /** Bits a second, mean. */
    readonly bitrate: number;
    readonly bytes: number;
    readonly frames: number | null;
  } | null;
  /** Null before it was assembled, and of what is no video. */
  readonly seams: {
    readonly count: number;
    /** Deepest dip of quality at a seam, dB; null where none could be measured, and `absent` says why. */
    readonly worstDip: number | null;
    /** Beyond this a dip is not normal, dB. */
    readonly limit: number;
    readonly dips: number;
    readonly absent: string | null;
  } | null;
  /** The buffer of a player at the cap's rate; null where there is no cap. */
  readonly bucket: { readonly underflows: number; readonly lowestShare: number } | null;
  readonly warnings: readonly string[];
}

/** A variant that a page of the lab can play. */
export interface Playable {
  /** Address of the DASH manifest on this server. */
  readonly dash: string;
  readonly protection: Protection;
  readonly licence: { readonly url: string; readonly token: string } | null;
}

export interface TitleView {
  readonly version: typeof TITLES_VERSION;
  readonly counter: number;
  /** The server's clock, UTC, ms. */
  readonly nowMs: number;
  readonly title: TitleLine;
  readonly source: string | null;
  readonly ladder: string | null;
  readonly lanes: readonly LaneView[];
  readonly way: readonly WayTimes[];
  readonly renditions: readonly RenditionView[];
  /** Seconds of the source at which chunks begin, the first left out; at most some thousands. */
  readonly seamsS: readonly number[];
  readonly notes: readonly string[];
  /** Wall seconds left, an interval of 80 %; null while nothing is known, and where nothing is under way. */
  readonly leftS: SecondsLeft | null;
  readonly running: readonly { readonly key: string; readonly worker: string; readonly beganMs: number }[];
  /** Some of those that failed; `title.items` has how many there are. */
  readonly failed: readonly { readonly key: string; readonly error: string; readonly failures: number }[];
  readonly playable: readonly Playable[];
  /** Folder or address of the manifests; null before it is published. */
  readonly manifests: { readonly hls: string; readonly dash: string } | null;
}

export interface ItemLine {
  readonly key: string;
  readonly kind: string;
  readonly state: ItemState;
  readonly failures: number;
  readonly worker: string | null;
  readonly error: string | null;
  readonly bytes: number | null;
  /** Seconds of CPU of making it, and of checking it. */
  readonly cpuS: number | null;
  readonly checkCpuS: number | null;
  /** Runs in the catalogue. */
  readonly runs: readonly string[];
}

export interface ItemLines {
  readonly version: typeof TITLES_VERSION;
  readonly items: readonly ItemLine[];
  readonly more: boolean;
}

/** Who did what when: blocks of tries. */
export interface TitleTimeline {
  readonly version: typeof TITLES_VERSION;
  /** UTC, ms, of the whole title: from the first try to the last end, or now. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Names of the lanes, `WORKER` and a number where one does several things at once. */
  readonly slots: readonly string[];
  /** Kinds with their renditions, `encode v1-h264-720`. */
  readonly works: readonly { readonly kind: string; readonly group: string }[];
  readonly slot: readonly number[];
  readonly work: readonly number[];
  /** Chunk of the first try of the block. */
  readonly chunk: readonly number[];
  /** Milliseconds after `fromMs`; -1 where it still runs. */
  readonly began: readonly number[];
  readonly ended: readonly number[];
  /** Position in `ends`. */
  readonly end: readonly number[];
  /** Tries that the block stands for. */
  readonly count: readonly number[];
  readonly ends: readonly string[];
}

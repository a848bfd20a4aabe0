// What is to be joined and checked, and what the child tells of it.

import type { Fraction } from '#core/source';

/** A chunk's file and its place in the whole. */
export interface ChunkFile {
  readonly file: string;
  /** SHA-256 of the file, hex; null leaves it unchecked. */
  readonly hash: string | null;
  readonly frames: number;
  /** Time of its first frame in the joined file, ticks. */
  readonly startPts: number;
}

export interface JoinJob {
  /** In their order of presentation. */
  readonly chunks: readonly ChunkFile[];
  /** Seconds a tick, of every time here; the files' own time scales represent it exactly. */
  readonly timeBase: Fraction;
  /** Time of the last frame, and its end: ticks. */
  readonly lastPts: number;
  readonly endPts: number;
  /** Ticks of a frame: exactly where the rate is constant, else on average, at least 1. */
  readonly frameTicks: number;
  /** Frames a second for the file's header; null where the rate varies. */
  readonly frameRate: Fraction | null;
  /** MP4 file to write; whole only where the child says so. */
  readonly output: string;
}

/** Who is to blame: bad chunks stay bad, whoever tries again; an output or the system (a full disk) may mend. */
export type Blame = 'chunks' | 'output' | 'system';

export interface Joined {
  readonly frames: number;
  readonly bytes: number;
  /** Frames by which decoding is ahead of presentation, the same everywhere in the file. */
  readonly reordering: number;
  readonly cpuS: number;
}

/** A GOP that is decoded from the joined file. */
export interface GopToSee {
  /** Its frames, numbered in the chunk. */
  readonly start: number;
  readonly frames: number;
  /** SHA-256 of its pictures as they were decoded from the chunk, hex; null where that is not known. */
  readonly hash: string | null;
}

export interface ChunkToCheck extends ChunkFile {
  /** Those next to seams, ascending. */
  readonly gops: readonly GopToSee[];
}

export interface CheckJob {
  readonly chunks: readonly ChunkToCheck[];
  /** Seconds a tick. */
  readonly timeBase: Fraction;
  readonly frameTicks: number;
  /** As joining told it; null where the same child joins before. */
  readonly reordering: number | null;
  /** The joined file. */
  readonly file: string;
}

export interface CheckEnd {
  /** Frames that were decoded from the joined file, and found equal to those of the chunks. */
  readonly comparedFrames: number;
  readonly cpuS: number;
}

/** What a child is to do, in this order: one of them at least. */
export interface AssembleJob {
  readonly join: JoinJob | null;
  readonly check: CheckJob | null;
}

export type AssembleMessage =
  | { readonly kind: 'alive' }
  | { readonly kind: 'joined'; readonly joined: Joined }
  | { readonly kind: 'checked'; readonly end: CheckEnd }
  | { readonly kind: 'failed'; readonly work: Work; readonly blame: Blame; readonly reason: string };

/** As people are told where it failed. */
export type Work = 'joining' | 'checking';

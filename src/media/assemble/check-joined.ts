// Checks a joined file against its chunks and the plan: nothing is believed because it was just written.

import type { FrameBatch } from '#core/recording';
import type { Fraction } from '#core/source';
import { UserError } from '#core/user-error';
import type { SeenPictures } from '../chunk/check-chunk.ts';
import { runWatched } from '../watched-child.ts';
import type { ChunkFile, CheckEnd, CheckJob, CheckMessage, GopToSee } from './assemble-job.ts';
import { assembleError, STALL_MS, TIMEOUT_MS, type AssembleOptions } from './join-chunks.ts';
import { judgeSeams, type SeamReport, type SeamScores } from './seam-quality.ts';
import { timelineFault, type PacketColumns } from './timeline.ts';

/** A picture of 8K takes 50 MB, and a decoder holds some ten of them. */
const MAX_RSS_BYTES = 3_000_000_000;

export interface PlannedChunk extends ChunkFile {
  /** Number of its first frame in the source. */
  readonly first: number;
  /** Frames at which a keyframe stands, numbered in the source, ascending; the first is `first`. */
  readonly keyframes: readonly number[];
  /** As its check saw them; null where that is not known. */
  readonly pictures: SeenPictures | null;
}

export interface JoinedFile {
  readonly file: string;
  readonly chunks: readonly PlannedChunk[];
  /** Seconds a tick. */
  readonly timeBase: Fraction;
  readonly frameTicks: number;
  /** As joining told it. */
  readonly reordering: number;
  /** Times of all frames in the order of presentation, ticks. */
  readonly pts: ArrayLike<number>;
}

export interface CheckedJoin {
  readonly packets: PacketColumns;
  /** Frames either side of seams that were decoded and are equal to those of the chunks. */
  readonly comparedFrames: number;
  readonly seams: SeamReport;
  /** Why chunks were not compared with the source at their seams; null where all were. */
  readonly seamsAbsent: string | null;
  readonly cpuS: number;
}

/**
 * Every packet is compared with that of its chunk, every time and keyframe with the plan, and the decoded frames of the
 * GOPs either side of each seam with those that the chunk's check saw; seams are judged by the scores that it made.
 * @throws UserError where the chunks are not what was planned; Error where the joined file is not what was joined
 */
export async function checkJoined(joined: JoinedFile, options: AssembleOptions = {}): Promise<CheckedJoin> {
  const count = joined.chunks.reduce((sum, { frames }) => sum + frames, 0);
  const packets = { pts: new Float64Array(count), key: new Uint8Array(count), bytes: new Uint32Array(count) };
  const told: { end: CheckEnd | null; failed: Extract<CheckMessage, { kind: 'failed' }> | null; rows: number } = {
    end: null,
    failed: null,
    rows: 0,
  };
  const result = await runWatched(import.meta.url, './check-child', checkJob(joined), {
    stallMs: STALL_MS,
    timeoutMs: TIMEOUT_MS,
    maxRssBytes: MAX_RSS_BYTES,
    signal: options.signal,
    onMessage: (raw) => {
      const message = raw as unknown as CheckMessage;
      if (message.kind === 'progress') options.onProgress?.(message.frames);
      else if (message.kind === 'end') told.end = message.end;
      else told.failed = message;
    },
    onFrames: (batch) => (told.rows = keepRows(batch, packets, told.rows)),
  });
  const { end } = told;
  if (end === null) throw assembleError('checking', told.failed, result, options.signal);
  const fault = timelineFault(packets, joined.pts, keyframePositions(joined));
  if (fault !== null || told.rows !== count)
    throw new UserError({
      what: fault ?? `${told.rows} of ${count} frames were read again`,
      where: 'checking',
      todo: 'Delete the title and encode it again.',
    });
  return {
    packets,
    comparedFrames: end.comparedFrames,
    seams: judgeSeams(seamScores(joined)),
    seamsAbsent: scoresAbsent(joined),
    cpuS: end.cpuS,
  };
}

function checkJob({ file, chunks, timeBase, frameTicks, reordering }: JoinedFile): CheckJob {
  return {
    file,
    timeBase,
    frameTicks,
    reordering,
    chunks: chunks.map((chunk, index) => {
      const { hash, frames, startPts } = chunk;
      return { file: chunk.file, hash, frames, startPts, gops: gopsOf(chunk, index > 0, index < chunks.length - 1) };
    }),
  };
}

/** The first and the last GOP of a chunk, where a seam is beside them; they may be the same. */
function gopsOf({ first, frames, keyframes, pictures }: PlannedChunk, head: boolean, tail: boolean): GopToSee[] {
  const headEnd = (keyframes[1] ?? first + frames) - first;
  const tailStart = keyframes.at(-1)! - first;
  const headGop = { start: 0, frames: headEnd, hash: pictures?.headHash ?? null };
  const tailGop = { start: tailStart, frames: frames - tailStart, hash: pictures?.tailHash ?? null };
  return [...(head ? [headGop] : []), ...(tail && !(head && tailStart === 0) ? [tailGop] : [])];
}

function seamScores({ chunks }: JoinedFile): SeamScores[] {
  return chunks.slice(1).map(({ first, pictures }, i) => ({
    frame: first,
    before: chunks[i]!.pictures?.edges.last ?? [],
    after: pictures?.edges.first ?? [],
  }));
}

/** Scores are missed where there are seams. */
function scoresAbsent({ chunks }: JoinedFile): string | null {
  const without = chunks.findIndex(({ pictures }) => pictures === null || pictures.edges.absent !== null);
  if (without < 0 || chunks.length === 1) return null;
  return `chunk ${without}: ${chunks[without]!.pictures?.edges.absent ?? 'it was not scored when it was made'}`;
}

/** Positions of the keyframes among all frames of the joined file. */
function keyframePositions({ chunks }: JoinedFile): number[] {
  const positions: number[] = [];
  let start = 0;
  for (const { first, frames, keyframes } of chunks) {
    for (const key of keyframes) positions.push(start + key - first);
    start += frames;
  }
  return positions;
}

/** @returns rows that are kept by now */
function keepRows({ pts, key, bytes }: FrameBatch, packets: PacketColumns, from: number): number {
  for (let row = 0; row < pts.length && from + row < packets.pts.length; row++) {
    packets.pts[from + row] = pts[row]!;
    packets.key[from + row] = key[row]!;
    packets.bytes[from + row] = bytes[row]!;
  }
  return from + pts.length;
}

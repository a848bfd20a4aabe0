// Checks a joined file against its chunks, the plan and the source: nothing is believed because it was just written.

import type { FrameBatch, QualityBatch } from '#core/recording';
import type { Fraction } from '#core/source';
import { UserError } from '#core/user-error';
import type { ChunkRange } from '../chunk/chunk-job.ts';
import { runWatched } from '../watched-child.ts';
import type { ChunkFile, CheckEnd, CheckJob, CheckMessage } from './assemble-job.ts';
import { assembleError, STALL_MS, TIMEOUT_MS, type AssembleOptions } from './join-chunks.ts';
import { judgeSeams, SAMPLE_FRAMES, SEAM_FRAMES, WARM_UP_FRAMES, type SeamReport } from './seam-quality.ts';
import { timelineFault, type PacketColumns } from './timeline.ts';

/** Two decoders, a source of up to 8K and what the metric keeps of it. */
const MAX_RSS_BYTES = 4_000_000_000;

export interface PlannedChunk extends ChunkFile {
  /** Number of its first frame in the source. */
  readonly first: number;
  /** Frames at which a keyframe stands, numbered in the source, ascending; the first is `first`. */
  readonly keyframes: readonly number[];
}

export interface JoinedFile {
  readonly file: string;
  readonly chunks: readonly PlannedChunk[];
  /** Seconds a tick. */
  readonly timeBase: Fraction;
  readonly frameTicks: number;
  /** As joining told it. */
  readonly reordering: number;
  /** Frames a second, the average where the rate varies. */
  readonly frameRate: Fraction;
  /** Times of all frames in the order of presentation, ticks. */
  readonly pts: ArrayLike<number>;
  readonly source: {
    readonly path: string;
    readonly stream: number;
    /** Seconds a tick of the stream. */
    readonly timeBase: Fraction;
    /** Of all its frames: ticks of its stream, and 1 for a keyframe. */
    readonly pts: Float64Array;
    readonly key: Uint8Array;
  };
}

export interface CheckedJoin {
  readonly packets: PacketColumns;
  /** Frames either side of seams that were decoded and are equal to those of the chunks. */
  readonly comparedFrames: number;
  readonly seams: SeamReport;
  /** Why seams were not compared with the source; null where they were. */
  readonly seamsAbsent: string | null;
  readonly cpuS: number;
}

/**
 * Every packet is compared with that of its chunk, every time and keyframe with the plan, and the decoded frames of the
 * GOPs either side of each seam with those of the chunks; the frames at the seams are scored against the source.
 * @throws UserError where the chunks are not what was planned; Error where the joined file is not what was joined
 */
export async function checkJoined(joined: JoinedFile, options: AssembleOptions = {}): Promise<CheckedJoin> {
  const count = joined.chunks.reduce((sum, { frames }) => sum + frames, 0);
  const packets = { pts: new Float64Array(count), key: new Uint8Array(count), bytes: new Uint32Array(count) };
  const scores = new Map<number, number>();
  const told: { end: CheckEnd | null; failed: Extract<CheckMessage, { kind: 'failed' }> | null; rows: number } = {
    end: null,
    failed: null,
    rows: 0,
  };
  const spans = joined.chunks.slice(1).map((_, seam) => spanAt(joined, seam + 1));
  const windows = windowsOf(joined, spans);
  const result = await runWatched(import.meta.url, './check-child', checkJob(joined, windows), {
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
    onScores: (batch) => keepScores(batch, scores),
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
  const seams = spans.map((span, seam) => scoresOf(scores, joined.chunks[seam + 1]!.first, span, windows));
  return {
    packets,
    comparedFrames: end.comparedFrames,
    seams: judgeSeams(seams),
    seamsAbsent: end.qualityAbsent,
    cpuS: end.cpuS,
  };
}

function checkJob(joined: JoinedFile, windows: readonly ChunkRange[]): CheckJob {
  const { file, chunks, timeBase, frameTicks, reordering, frameRate, source } = joined;
  return {
    file,
    timeBase,
    frameTicks,
    reordering,
    frameRate,
    source: { path: source.path, stream: source.stream },
    windows,
    chunks: chunks.map((chunk, index) => {
      const { first, frames, keyframes, hash, startPts } = chunk;
      // Whole GOPs: at least one, and as many as hold the frames that are scored.
      const headEnd = keyframes.find((key) => key > first && key - first >= framesAfter(chunk)) ?? first + frames;
      const tailStart = keyframes.findLast((key) => first + frames - key >= framesBefore(chunk)) ?? first;
      return {
        file: chunk.file,
        hash,
        frames,
        startPts,
        first,
        headFrames: index === 0 ? 0 : headEnd - first,
        tailFrames: index === chunks.length - 1 ? 0 : first + frames - tailStart,
      };
    }),
  };
}

/** Frames of a chunk that are scored behind the seam at its start; never those of the other half. */
function framesAfter({ frames }: PlannedChunk): number {
  return Math.min(SEAM_FRAMES + SAMPLE_FRAMES, Math.ceil(frames / 2));
}

/** Frames of a chunk that are scored in front of the seam at its end. */
function framesBefore({ frames }: PlannedChunk): number {
  return Math.min(WARM_UP_FRAMES + SEAM_FRAMES + SAMPLE_FRAMES, Math.floor(frames / 2));
}

/** Frames around a seam: from the first one that is scored to the one behind the last. */
type Span = readonly [start: number, end: number];

function spanAt({ chunks }: JoinedFile, index: number): Span {
  const chunk = chunks[index]!;
  return [chunk.first - framesBefore(chunks[index - 1]!), chunk.first + framesAfter(chunk)];
}

/** Spans that touch are one window: of short chunks all frames are decoded, one after the other. */
function windowsOf({ source }: JoinedFile, spans: readonly Span[]): ChunkRange[] {
  const joined: [number, number][] = [];
  for (const [start, end] of spans)
    if (joined.at(-1)?.[1] === start) joined.at(-1)![1] = end;
    else joined.push([start, end]);
  return joined.map(([start, end]) => ({
    timeBase: source.timeBase,
    first: start,
    last: end - 1,
    frames: end - start,
    firstPts: source.pts[start]!,
    lastPts: source.pts[end - 1]!,
    endPts: null,
    seekPts: keyTimeAt(source, start),
    counted: false,
  }));
}

/** Time of the keyframe from which a frame can be decoded; null for the source's beginning. */
function keyTimeAt({ pts, key }: JoinedFile['source'], frame: number): number | null {
  const from = key.lastIndexOf(1, frame);
  return from <= 0 ? null : pts[from]!;
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

function keepScores({ metric, frame, value }: QualityBatch, scores: Map<number, number>): void {
  if (metric === 'xpsnr') frame.forEach((number, row) => scores.set(number, value[row]!));
}

/** The scores around a seam, outwards; those by which the metric only warmed up are left out. */
function scoresOf(
  scores: ReadonlyMap<number, number>,
  seam: number,
  [start, end]: Span,
  windows: readonly ChunkRange[],
) {
  const begins = start > 0 && windows.some(({ first }) => first === start);
  const from = begins ? start + WARM_UP_FRAMES : start;
  const scoreOf = (frame: number) => scores.get(frame) ?? NaN;
  return {
    frame: seam,
    before: Array.from({ length: Math.max(0, seam - from) }, (_, i) => scoreOf(seam - 1 - i)),
    after: Array.from({ length: end - seam }, (_, i) => scoreOf(seam + i)),
  };
}

// Checks a joined file against its chunks and the plan: nothing is believed because it was just written.

import type { FrameBatch } from '#core/recording';
import type { Fraction } from '#core/source';
import { UserError } from '#core/user-error';
import type { SeenPictures } from '../chunk/check-chunk.ts';
import type { ChunkFile, CheckEnd, CheckJob, GopToSee, Joined, JoinJob } from './assemble-job.ts';
import { runAssembly, type AssembleOptions } from './run-assembly.ts';
import { judgeSeams, type SeamReport, type SeamScores } from './seam-quality.ts';
import { timelineFault, type PacketColumns } from './timeline.ts';

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
export async function checkJoined(
  joined: JoinedFile,
  options: Pick<AssembleOptions, 'signal'> = {},
): Promise<CheckedJoin> {
  const packets = new Packets(joined.chunks);
  const { checked } = await runAssembly({ join: null, check: checkJob(joined) }, options, packets.add);
  return judged(joined, packets, checked!);
}

/**
 * Both in one child: what is joined as `joinChunks` does is checked as `checkJoined` does.
 * @param pts times of all frames in the order of presentation, ticks
 * @throws as they do
 */
export async function joinAndCheck(
  job: JoinJob & { readonly chunks: readonly PlannedChunk[] },
  pts: ArrayLike<number>,
  options: AssembleOptions = {},
): Promise<{ readonly joined: Joined; readonly check: CheckedJoin }> {
  const { output: file, chunks, timeBase, frameTicks } = job;
  const whole = { file, chunks, timeBase, frameTicks, reordering: null, pts };
  const packets = new Packets(chunks);
  const { joined, checked } = await runAssembly({ join: job, check: checkJob(whole) }, options, packets.add);
  return { joined: joined!, check: judged(whole, packets, checked!) };
}

/** What is read again of the joined file. */
class Packets {
  readonly columns: PacketColumns;
  /** As many as were planned. */
  readonly count: number;
  rows = 0;

  constructor(chunks: readonly PlannedChunk[]) {
    const count = chunks.reduce((sum, { frames }) => sum + frames, 0);
    this.count = count;
    this.columns = { pts: new Float64Array(count), key: new Uint8Array(count), bytes: new Uint32Array(count) };
  }

  readonly add = ({ pts, key, bytes }: FrameBatch): void => {
    const { columns, rows: from } = this;
    for (let row = 0; row < pts.length && from + row < this.count; row++) {
      columns.pts[from + row] = pts[row]!;
      columns.key[from + row] = key[row]!;
      columns.bytes[from + row] = bytes[row]!;
    }
    this.rows += pts.length;
  };
}

function judged(joined: Planned, { columns: packets, rows, count }: Packets, end: CheckEnd): CheckedJoin {
  const fault = timelineFault(packets, joined.pts, keyframePositions(joined));
  if (fault !== null || rows !== count)
    throw new UserError({
      what: fault ?? `${rows} of ${count} frames were read again`,
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

/** A joined file whose reordering joining is yet to tell. */
type Planned = Omit<JoinedFile, 'reordering'> & { readonly reordering: number | null };

function checkJob({ file, chunks, timeBase, frameTicks, reordering }: Planned): CheckJob {
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

function seamScores({ chunks }: Planned): SeamScores[] {
  return chunks.slice(1).map(({ first, pictures }, i) => ({
    frame: first,
    before: chunks[i]!.pictures?.edges.last ?? [],
    after: pictures?.edges.first ?? [],
  }));
}

/** Scores are missed where there are seams. */
function scoresAbsent({ chunks }: Planned): string | null {
  const without = chunks.findIndex(({ pictures }) => pictures === null || pictures.edges.absent !== null);
  if (without < 0 || chunks.length === 1) return null;
  return `chunk ${without}: ${chunks[without]!.pictures?.edges.absent ?? 'it was not scored when it was made'}`;
}

/** Positions of the keyframes among all frames of the joined file. */
function keyframePositions({ chunks }: Planned): number[] {
  const positions: number[] = [];
  let start = 0;
  for (const { first, frames, keyframes } of chunks) {
    for (const key of keyframes) positions.push(start + key - first);
    start += frames;
  }
  return positions;
}

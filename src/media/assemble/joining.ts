// Joins: copies the packets of one chunk after the other into one file, with new times (child only).

import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { avGetCodecName } from 'node-av/lib';
import type { Stream } from 'node-av/lib';
import { AssembleFailure, blamed } from './assemble-failure.ts';
import type { ChunkFile, Joined, JoinJob } from './assemble-job.ts';
import { DecodeTimes, MAX_REORDERING } from './decode-times.ts';
import { Mp4Writer } from './mp4-writer.ts';
import { PacketFile } from './packet-file.ts';

const READ_BYTES = 1024 * 1024;

/**
 * @param onAlive called for every packet and every piece that is read
 * @throws AssembleFailure where the chunks can't be joined
 */
export function join(job: JoinJob, onAlive: () => void): Omit<Joined, 'cpuS'> {
  const reordering = joinAll(job, onAlive);
  const frames = job.chunks.reduce((sum, chunk) => sum + chunk.frames, 0);
  return { frames, bytes: statSync(job.output).size, reordering };
}

/**
 * What the first chunk says of its reordering is believed until a packet proves otherwise; then all begins anew, deeper.
 * @returns the reordering of the whole
 */
function joinAll(job: JoinJob, onAlive: () => void): number {
  let reordering: number | null = null;
  for (;;) {
    const joining = new Joining(job, reordering, onAlive);
    try {
      if (joining.run()) return joining.reordering;
    } finally {
      joining.close();
    }
    reordering = joining.reordering + 1;
    if (reordering > MAX_REORDERING)
      throw new AssembleFailure('chunks', `frames are reordered more than ${MAX_REORDERING} deep`);
  }
}

/** What all chunks must have in common: a player is told it once. */
interface Headers {
  readonly facts: Readonly<Record<string, string | number>>;
  readonly extradata: Buffer | null;
}

class Joining {
  readonly #job: JoinJob;
  readonly #total: number;
  readonly #onAlive: () => void;
  #times: DecodeTimes | null;
  #headers: Headers | null = null;
  #writer: Mp4Writer | null = null;
  #chunk: PacketFile | null = null;
  #frames = 0;
  #firstDts = 0;
  #lastPts = -Infinity;

  constructor(job: JoinJob, reordering: number | null, onAlive: () => void) {
    this.#job = job;
    this.#onAlive = onAlive;
    this.#total = job.chunks.reduce((sum, chunk) => sum + chunk.frames, 0);
    this.#times = reordering === null ? null : new DecodeTimes(reordering, job.frameTicks);
  }

  get reordering(): number {
    return this.#times?.reordering ?? 0;
  }

  /** @returns false where frames are reordered more deeply than `reordering` */
  run(): boolean {
    for (const [index, chunk] of this.#job.chunks.entries()) if (!this.#append(index, chunk)) return false;
    if (this.#lastPts !== this.#job.lastPts)
      throw new AssembleFailure(
        'chunks',
        `the last frame is at ${this.#lastPts} ticks where ${this.#job.lastPts} are planned`,
      );
    this.#writer!.finish();
    return true;
  }

  close(): void {
    this.#chunk?.close();
    this.#writer?.close();
  }

  #append(index: number, { file, hash, frames, startPts }: ChunkFile): boolean {
    const name = `chunk ${index}`;
    if (hash !== null && this.#hashOf(file, name) !== hash)
      throw new AssembleFailure('chunks', `${name}: the file is not what was made: its content has changed`);
    if (startPts <= this.#lastPts)
      throw new AssembleFailure(
        'chunks',
        `${name}: it is to begin at ${startPts} ticks, and the chunk before it reaches ${this.#lastPts}`,
      );
    const chunk = (this.#chunk = new PacketFile(file, name, this.#job.timeBase, 'chunks'));
    this.#compareHeaders(name, chunk.stream);
    const writer = (this.#writer ??= this.#begin(chunk.stream));
    const times = (this.#times ??= new DecodeTimes(chunk.stream.codecpar.videoDelay, this.#job.frameTicks));
    let shift = 0;
    while (chunk.next()) {
      if (chunk.count > frames)
        throw new AssembleFailure('chunks', `${name}: it holds more than the ${frames} frames that are planned`);
      if (chunk.count === 1) {
        shift = startPts - chunk.pts;
        if (!chunk.packet.isKeyframe) throw new AssembleFailure('chunks', `${name}: it does not begin with a keyframe`);
      }
      const pts = chunk.pts + shift;
      if (pts < startPts)
        throw new AssembleFailure('chunks', `${name}: frame ${chunk.count - 1} is shown before its first keyframe`);
      const dts = times.next(pts);
      if (dts === null) return false;
      if (this.#frames++ === 0) this.#firstDts = dts;
      this.#lastPts = Math.max(this.#lastPts, pts);
      writer.write(chunk.packet, pts, dts, this.#duration(pts, dts));
      this.#onAlive();
    }
    if (chunk.count !== frames)
      throw new AssembleFailure('chunks', `${name}: it holds ${chunk.count} of ${frames} frames`);
    chunk.close();
    this.#chunk = null;
    return true;
  }

  /** The format takes all durations but the last from the times themselves. */
  #duration(pts: number, dts: number): number {
    const { lastPts, endPts, frameRate } = this.#job;
    if (frameRate !== null) return 1;
    if (pts === lastPts) return endPts - lastPts;
    if (this.#frames < this.#total) return 1;
    return Math.max(1, Math.min(endPts - pts, endPts - (dts - this.#firstDts)));
  }

  #begin(stream: Stream): Mp4Writer {
    const { output, timeBase, frameRate } = this.#job;
    return new Mp4Writer(output, stream, timeBase, frameRate);
  }

  #compareHeaders(name: string, stream: Stream): void {
    const headers = headersOf(stream);
    const first = (this.#headers ??= headers);
    for (const [fact, value] of Object.entries(headers.facts))
      if (value !== first.facts[fact])
        throw new AssembleFailure(
          'chunks',
          `${name}: its ${fact} is ${value}, and that of chunk 0 ${first.facts[fact]}`,
        );
    if (!(headers.extradata ?? Buffer.alloc(0)).equals(first.extradata ?? Buffer.alloc(0)))
      throw new AssembleFailure(
        'chunks',
        `${name}: its codec headers differ from those of chunk 0: they were not encoded with the same settings, or the encoder writes what differs from chunk to chunk into them (x264 needs stitchable=1)`,
      );
  }

  #hashOf(file: string, name: string): string {
    return blamed(name, () => {
      const hash = createHash('sha256');
      const buffer = Buffer.allocUnsafe(READ_BYTES);
      const descriptor = openSync(file, 'r');
      try {
        for (let read = 0; (read = readSync(descriptor, buffer)) > 0;) {
          hash.update(buffer.subarray(0, read));
          this.#onAlive();
        }
      } finally {
        closeSync(descriptor);
      }
      return hash.digest('hex');
    });
  }
}

function headersOf({ codecpar, sampleAspectRatio: { num, den } }: Stream): Headers {
  const { width, height, format, profile, colorRange, colorPrimaries, colorTrc, colorSpace } = codecpar;
  return {
    facts: {
      codec: avGetCodecName(codecpar.codecId) ?? 'unknown',
      'sample entry': codecpar.codecTagString ?? '',
      width,
      height,
      'pixel format': format,
      profile,
      'colour range': colorRange,
      'colour primaries': colorPrimaries,
      'transfer characteristics': colorTrc,
      'colour matrix': colorSpace,
      'sample aspect ratio': `${num}:${den}`,
    },
    extradata: codecpar.extradata,
  };
}

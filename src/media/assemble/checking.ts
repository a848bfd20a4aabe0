// Checks a joined file against its chunks: every packet, and the pictures of the GOPs either side of each seam (child only).

import type { Frame } from 'node-av/lib';
import { FrameRows } from '../channel/rows.ts';
import type { ChannelWriter } from '../channel/writer.ts';
import { PictureHash } from '../chunk/picture-hash.ts';
import { AssembleFailure } from './assemble-failure.ts';
import type { CheckJob, ChunkToCheck, GopToSee } from './assemble-job.ts';
import { DecodeTimes } from './decode-times.ts';
import { GopDecoder } from './gop-decoder.ts';
import { PacketFile } from './packet-file.ts';

export interface CheckTools {
  /** Takes a row of each packet. */
  readonly channel: ChannelWriter;
  /** Called for every packet. */
  readonly onAlive: () => void;
}

/**
 * @param reordering of the joined file
 * @returns frames that were decoded and compared
 * @throws AssembleFailure with what is wrong
 */
export function check(job: CheckJob, reordering: number, tools: CheckTools): number {
  const checking = new Checking(job, reordering, tools);
  try {
    return checking.run();
  } finally {
    checking.close();
  }
}

class Checking {
  readonly #job: CheckJob;
  readonly #tools: CheckTools;
  readonly #times: DecodeTimes;
  readonly #rows = new FrameRows();
  #joined: PacketFile | null = null;
  #chunk: PacketFile | null = null;
  #decoder: GopDecoder | null = null;
  /** GOPs whose packets went into the decoder, until their pictures have come out of it. */
  readonly #awaited: { readonly name: string; readonly gop: GopToSee }[] = [];
  /** Of the first of them. */
  readonly #seen = new PictureHash();
  #frames = 0;
  #compared = 0;

  constructor(job: CheckJob, reordering: number, tools: CheckTools) {
    this.#job = job;
    this.#tools = tools;
    this.#times = new DecodeTimes(reordering, job.frameTicks);
  }

  run(): number {
    const { file, timeBase, chunks } = this.#job;
    const joined = (this.#joined = new PacketFile(file, 'the joined file', timeBase, 'output'));
    for (const [index, chunk] of chunks.entries()) this.#compareChunk(joined, index, chunk);
    this.#decoder?.finish();
    if (joined.next()) throw outputFailure(`it holds more than the ${this.#frames} frames of the chunks`);
    this.#tools.channel.frames(this.#rows, timeBase);
    return this.#compared;
  }

  close(): void {
    this.#decoder?.close();
    this.#seen.close();
    this.#joined?.close();
    this.#chunk?.close();
  }

  #compareChunk(joined: PacketFile, index: number, planned: ChunkToCheck): void {
    const { timeBase } = this.#job;
    const name = `chunk ${index}`;
    const chunk = (this.#chunk = new PacketFile(planned.file, name, timeBase, 'chunks'));
    const { frames, startPts, gops } = planned;
    let shift = 0;
    for (let i = 0; i < frames; i++) {
      if (!chunk.next()) throw new AssembleFailure('chunks', `${name}: it holds ${i} of ${frames} frames`);
      if (!joined.next()) throw outputFailure(`it ends behind frame ${this.#frames - 1}`);
      if (i === 0) shift = startPts - chunk.pts;
      this.#comparePacket(joined, chunk, chunk.pts + shift);
      const gop = gopAt(gops, i);
      // A run of GOPs ends where the next packet is none of theirs.
      if (gop === null) this.#decoder?.finish();
      else this.#decode(joined, name, gop, i === gop.start);
      this.#tools.onAlive();
    }
    chunk.close();
    this.#chunk = null;
  }

  #comparePacket(joined: PacketFile, chunk: PacketFile, pts: number): void {
    const { packet } = joined;
    const frame = this.#frames++;
    if (joined.pts !== pts) throw outputFailure(`frame ${frame} is at ${joined.pts} ticks instead of ${pts}`);
    if (joined.dts !== this.#times.next(pts)) throw outputFailure(`frame ${frame} is decoded at ${joined.dts} ticks`);
    if (packet.isKeyframe !== chunk.packet.isKeyframe)
      throw outputFailure(`frame ${frame} is ${packet.isKeyframe ? 'a' : 'no'} keyframe, unlike in its chunk`);
    const data = packet.data;
    if (data === null || chunk.packet.data?.equals(data) !== true)
      throw outputFailure(`frame ${frame} differs from what its chunk holds`);
    this.#rows.add(frame, -1, pts, 0, packet.isKeyframe, packet.size, NaN);
    if (this.#rows.full) this.#tools.channel.frames(this.#rows, this.#job.timeBase);
  }

  #decode(joined: PacketFile, name: string, gop: GopToSee, isStart: boolean): void {
    if (isStart) {
      if (!joined.packet.isKeyframe)
        throw new AssembleFailure(
          'chunks',
          `${name}: no keyframe stands at frame ${this.#frames - 1}, where one is planned`,
        );
      this.#awaited.push({ name, gop });
    }
    this.#decoder ??= new GopDecoder(joined.stream, this.#job.timeBase, 'the joined file', 'output', (frame) =>
      this.#see(frame),
    );
    this.#decoder.feed(joined.packet, joined.pts, joined.dts);
  }

  /** Pictures come in the order of their GOPs, which are closed. */
  #see(picture: Frame): void {
    const [awaited] = this.#awaited;
    if (awaited === undefined) throw outputFailure('more pictures come out of it than it holds frames');
    const { start, frames, hash } = awaited.gop;
    this.#seen.add(picture);
    if (this.#seen.count < frames) return;
    const seen = this.#seen.digest();
    // Its packets are those of the chunk: another try would see the same.
    if (hash !== null && hash !== seen)
      throw new AssembleFailure(
        'chunks',
        `${awaited.name}: its frames ${start} to ${start + frames - 1} are not the pictures that were seen when it was made`,
      );
    if (hash !== null) this.#compared += frames;
    this.#awaited.shift();
  }
}

function gopAt(gops: readonly GopToSee[], frame: number): GopToSee | null {
  for (const gop of gops) if (frame >= gop.start && frame < gop.start + gop.frames) return gop;
  return null;
}

function outputFailure(what: string): AssembleFailure {
  return new AssembleFailure('output', `the joined file: ${what}`);
}

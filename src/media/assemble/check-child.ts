// The child that checks a joined file against its chunks: every packet, and the pictures of the GOPs either side of each seam.

import { hash } from 'node:crypto';
import { Log } from 'node-av/lib';
import type { Frame } from 'node-av/lib';
import { AV_LOG_ERROR } from 'node-av/constants';
import { readJob } from '../channel/job.ts';
import { FrameRows } from '../channel/rows.ts';
import { ChannelWriter } from '../channel/writer.ts';
import { AssembleFailure } from './assemble-failure.ts';
import type { CheckEnd, CheckJob, CheckMessage, CheckedChunk } from './assemble-job.ts';
import { DecodeTimes } from './decode-times.ts';
import { GopDecoder } from './gop-decoder.ts';
import { PacketFile } from './packet-file.ts';
import { SeamScorer } from './seam-scorer.ts';

const TELL_INTERVAL_MS = 250;

const channel = new ChannelWriter();
const send = (message: CheckMessage) => channel.json(message);

async function main(): Promise<void> {
  const job = readJob<CheckJob>();
  Log.setLevel(AV_LOG_ERROR);
  const checking = new Checking(job);
  try {
    send({ kind: 'end', end: await checking.run() });
  } catch (error) {
    if (!(error instanceof AssembleFailure)) throw error;
    send({ kind: 'failed', blame: error.blame, reason: error.message });
  } finally {
    checking.close();
  }
}

class Checking {
  readonly #job: CheckJob;
  readonly #times: DecodeTimes;
  readonly #rows = new FrameRows();
  readonly #scorer: SeamScorer;
  /** Of frames that only one side has decoded so far, by their times. */
  readonly #ofJoined = new Map<number, string>();
  readonly #ofChunks = new Map<number, string>();
  #joined: PacketFile | null = null;
  #joinedDecoder: GopDecoder | null = null;
  #chunk: PacketFile | null = null;
  #chunkDecoder: GopDecoder | null = null;
  /** Number in the source of the frame that the joined file's decoder gives next. */
  #nextNumber = 0;
  #frames = 0;
  #compared = 0;
  #toldMs = performance.now();

  constructor(job: CheckJob) {
    this.#job = job;
    this.#times = new DecodeTimes(job.reordering, job.frameTicks);
    this.#scorer = new SeamScorer(job, channel, () => this.#tell());
  }

  async run(): Promise<CheckEnd> {
    const { file, timeBase, chunks } = this.#job;
    const joined = (this.#joined = new PacketFile(file, 'the joined file', timeBase, 'output'));
    for (const [index, chunk] of chunks.entries()) await this.#compareChunk(joined, index, chunk);
    await this.#joinedDecoder?.finish();
    this.#checkCompared();
    if (joined.next()) throw outputFailure(`it holds more than the ${this.#frames} frames of the chunks`);
    await this.#scorer.finish();
    channel.frames(this.#rows, timeBase);
    const { user, system } = process.cpuUsage();
    return {
      comparedFrames: this.#compared,
      qualityAbsent: this.#scorer.absent,
      cpuS: (user + system) / 1e6,
    };
  }

  close(): void {
    this.#scorer.close();
    this.#joinedDecoder?.close();
    this.#chunkDecoder?.close();
    this.#joined?.close();
    this.#chunk?.close();
  }

  async #compareChunk(joined: PacketFile, index: number, planned: CheckedChunk): Promise<void> {
    const { timeBase } = this.#job;
    const name = `chunk ${index}`;
    const chunk = (this.#chunk = new PacketFile(planned.file, name, timeBase, 'chunks'));
    const { frames, startPts, headFrames, tailFrames } = planned;
    let shift = 0;
    for (let i = 0; i < frames; i++) {
      if (!chunk.next()) throw new AssembleFailure('chunks', `${name}: it holds ${i} of ${frames} frames`);
      if (!joined.next()) throw outputFailure(`it ends behind frame ${this.#frames - 1}`);
      if (i === 0) shift = startPts - chunk.pts;
      this.#comparePacket(joined, chunk, chunk.pts + shift);
      if (i < headFrames || i >= frames - tailFrames) await this.#decode(joined, chunk, name, planned.first + i);
      else if (i === headFrames) await this.#endRun();
      this.#tell();
    }
    await this.#chunkDecoder?.finish();
    this.#chunkDecoder?.close();
    this.#chunkDecoder = null;
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
    if (this.#rows.full) channel.frames(this.#rows, this.#job.timeBase);
  }

  /** @param number of the packet in its order of decoding, which is that of presentation at the beginning of a run */
  async #decode(joined: PacketFile, chunk: PacketFile, name: string, number: number): Promise<void> {
    const { timeBase } = this.#job;
    this.#joinedDecoder ??= new GopDecoder(joined.stream, timeBase, 'the joined file', 'output', async (frame, pts) => {
      this.#pair(this.#ofJoined, this.#ofChunks, frame, pts);
      await this.#scorer.offer(frame, this.#nextNumber++);
    });
    this.#chunkDecoder ??= new GopDecoder(chunk.stream, timeBase, name, 'chunks', (frame, pts) =>
      this.#pair(this.#ofChunks, this.#ofJoined, frame, pts),
    );
    if (!this.#joinedDecoder.busy) {
      if (!joined.packet.isKeyframe)
        throw new AssembleFailure('chunks', `${name}: no keyframe stands at frame ${number}, where one is planned`);
      this.#nextNumber = number;
    }
    const { pts, dts } = joined;
    await this.#joinedDecoder.feed(joined.packet, pts, dts);
    await this.#chunkDecoder.feed(chunk.packet, pts, dts);
  }

  async #endRun(): Promise<void> {
    await this.#joinedDecoder?.finish();
    await this.#chunkDecoder?.finish();
    this.#checkCompared();
  }

  #pair(own: Map<number, string>, others: Map<number, string>, frame: Frame, pts: number): void {
    const digest = hash('sha1', frame.toBuffer());
    const other = others.get(pts);
    if (other === undefined) {
      own.set(pts, digest);
      return;
    }
    others.delete(pts);
    if (other !== digest) throw outputFailure(`the picture at ${pts} ticks differs from that of its chunk`);
    this.#compared++;
  }

  #checkCompared(): void {
    const [left] = [...this.#ofJoined.keys(), ...this.#ofChunks.keys()];
    if (left !== undefined) throw outputFailure(`the picture at ${left} ticks is shown on one side only`);
  }

  #tell(): void {
    if (performance.now() - this.#toldMs < TELL_INTERVAL_MS) return;
    this.#toldMs = performance.now();
    send({ kind: 'progress', frames: this.#frames });
  }
}

function outputFailure(what: string): AssembleFailure {
  return new AssembleFailure('output', `the joined file: ${what}`);
}

await main();

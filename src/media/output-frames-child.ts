// The child that reads an encoded file packet by packet and tells of each picture what can be told without decoding it.

import { FFmpegError, Log, Packet, avGetCodecName } from 'node-av/lib';
import type { Stream } from 'node-av/lib';
import {
  AVDISCARD_ALL,
  AVERROR_EOF,
  AVMEDIA_TYPE_VIDEO,
  AV_DISPOSITION_ATTACHED_PIC,
  AV_LOG_FATAL,
  AV_NOPTS_VALUE,
  AV_PKT_FLAG_DISCARD,
} from 'node-av/constants';
import type { Fraction } from '#core/source';
import { readJob } from './channel/job.ts';
import { FrameRows } from './channel/rows.ts';
import { ChannelWriter } from './channel/writer.ts';
import { selfDescription } from './encoder-text.ts';
import { InputError, openInput } from './open-input.ts';
import type { OutputFramesJob, OutputFramesMessage, OutputSummary } from './output-frames-messages.ts';
import { DecodedOrder, TimedOrder, type PictureOrder } from './output-order.ts';
import { PictureReader } from './picture-header.ts';

const ALIVE_INTERVAL_MS = 250;
/** Codecs whose pictures come in another order than they are shown in, so that without times only a decoder knows it. */
const REORDERING = new Set(['h264', 'hevc', 'vvc', 'mpeg1video', 'mpeg2video', 'mpeg4', 'msmpeg4v3', 'vc1', 'wmv3']);

const channel = new ChannelWriter();
const send = (message: OutputFramesMessage) => channel.json(message);

function main(): void {
  const job = readJob<OutputFramesJob>();
  Log.setLevel(AV_LOG_FATAL);
  send({ kind: 'end', summary: read(job) });
}

function read(job: OutputFramesJob): OutputSummary {
  const summary = {
    frames: 0,
    bytes: 0,
    codec: '',
    width: 0,
    height: 0,
    duration: 0,
    timed: false,
    description: null,
    problem: null,
  };
  try {
    const input = openInput(job.path);
    const stream = input.format.streams.find(
      (each) =>
        each.codecpar.codecType === AVMEDIA_TYPE_VIDEO && (each.disposition & AV_DISPOSITION_ATTACHED_PIC) === 0,
    );
    if (stream === undefined) return { ...summary, problem: 'there is no video in it' };
    for (const other of input.format.streams) if (other.index !== stream.index) other.discard = AVDISCARD_ALL;
    const reading = new Reading(job, stream);
    const packet = new Packet();
    packet.alloc();
    let code = 0;
    let aliveMs = performance.now();
    while ((code = input.format.readFrameSync(packet)) >= 0) {
      if (packet.streamIndex === stream.index) reading.add(packet);
      packet.unref();
      if (performance.now() - aliveMs > ALIVE_INTERVAL_MS) {
        send({ kind: 'alive' });
        aliveMs = performance.now();
      }
    }
    packet.free();
    const end = reading.finish();
    const problem =
      code !== AVERROR_EOF
        ? `behind frame ${end.frames - 1} it can't be read: ${FFmpegError.strerror(code)}`
        : end.frames === 0
          ? 'there is no picture in it'
          : null;
    input.close();
    return { ...end, problem };
  } catch (error) {
    const what = error instanceof InputError || error instanceof Error ? error.message : String(error);
    return { ...summary, problem: `it can't be opened: ${what}` };
  }
}

/** Collects the pictures of one stream and sends their rows as soon as their numbers are known. */
class Reading {
  readonly #stream: Stream;
  readonly #codec: string;
  readonly #pictures: PictureReader;
  readonly #rows = new FrameRows();
  readonly #job: OutputFramesJob;
  #order: PictureOrder | null = null;
  #timeBase: Fraction = { num: 1, den: 1 };
  #timed = false;
  #frames = 0;
  #bytes = 0;
  /** Of pictures that are not shown by themselves; they belong to the next one. */
  #hiddenBytes = 0;
  #lastDuration = 0;
  #description: string | null;

  constructor(job: OutputFramesJob, stream: Stream) {
    this.#job = job;
    this.#stream = stream;
    this.#codec = avGetCodecName(stream.codecpar.codecId) ?? 'unknown';
    const extra = stream.codecpar.extradata;
    this.#pictures = new PictureReader(this.#codec, extra);
    this.#description = extra === null ? null : selfDescription(extra);
  }

  add(packet: Packet): void {
    if ((packet.flags & AV_PKT_FLAG_DISCARD) !== 0 || packet.size === 0) return;
    const data = packet.data;
    if (data === null) return;
    if (this.#frames === 0) this.#description ??= selfDescription(data);
    this.#pictures.read(data);
    this.#bytes += packet.size;
    if (this.#pictures.hidden) {
      this.#hiddenBytes += packet.size;
      return;
    }
    this.#order ??= this.#begin(packet);
    this.#frames++;
    this.#lastDuration = Number(packet.duration);
    this.#order.add(packet, this.#pictures.type, packet.isKeyframe, packet.size + this.#hiddenBytes);
    this.#hiddenBytes = 0;
  }

  finish(): Omit<OutputSummary, 'problem'> {
    this.#order?.finish();
    channel.frames(this.#rows, this.#timeBase);
    const { num, den } = this.#stream.timeBase;
    const rate = this.#rate();
    const span = this.#order?.span ?? 0;
    const last = this.#lastDuration > 0 ? this.#lastDuration : this.#frames > 1 ? span / (this.#frames - 1) : 0;
    return {
      frames: this.#frames,
      bytes: this.#bytes,
      codec: this.#codec,
      width: this.#stream.codecpar.width,
      height: this.#stream.codecpar.height,
      duration: this.#timed ? ((span + last) * num) / den : (this.#frames * rate.den) / rate.num,
      timed: this.#timed,
      description: this.#description,
    };
  }

  /** The first packet shows whether the file keeps times. */
  #begin(first: Packet): PictureOrder {
    this.#timed = first.pts !== AV_NOPTS_VALUE;
    const rate = this.#rate();
    const own = this.#timed
      ? { num: this.#stream.timeBase.num, den: this.#stream.timeBase.den }
      : { num: rate.den, den: rate.num };
    const wanted = (this.#timeBase = this.#job.timeBase ?? own);
    const ticks = (own.num * wanted.den) / (own.den * wanted.num);
    const first0 = this.#job.firstSourceFrame;
    const emit = (frame: number, time: number, type: number, key: boolean, bytes: number) => {
      const shows = first0 === null || frame < 0 ? -1 : first0 + frame;
      this.#rows.add(frame, shows, Math.round(time * ticks), type, key, bytes, NaN);
      if (this.#rows.full) channel.frames(this.#rows, wanted);
    };
    if (this.#timed) return new TimedOrder(emit);
    return new DecodedOrder(emit, REORDERING.has(this.#codec) ? this.#stream.codecpar : null);
  }

  #rate(): Fraction {
    const { codecpar, avgFrameRate, rFrameRate } = this.#stream;
    const told = [this.#job.frameRate, codecpar.frameRate, avgFrameRate, rFrameRate];
    const rate = told.find((each) => each !== null && each.num > 0 && each.den > 0);
    return rate === undefined || rate === null ? { num: 25, den: 1 } : { num: rate.num, den: rate.den };
  }
}

main();

// Single pictures of a source, by their times (child only): as few frames as can be are decoded.

import { Codec, CodecContext, FFmpegError, Frame, Packet } from 'node-av/lib';
import type { Stream } from 'node-av/lib';
import {
  AVDISCARD_ALL,
  AVERROR_EAGAIN,
  AVERROR_EOF,
  AVMEDIA_TYPE_VIDEO,
  AVSEEK_FLAG_BACKWARD,
  AV_CODEC_FLAG_OUTPUT_CORRUPT,
  AV_NOPTS_VALUE,
} from 'node-av/constants';
import { openInput, type OpenInput } from '../open-input.ts';
import type { ChosenPicture } from './thumbnail-plan.ts';

/** How far before a picture another try begins, where a container's index led behind it. */
const FURTHER_BACK_S = 10;

export class PictureSeeker {
  readonly #input: OpenInput;
  readonly #stream: Stream;
  readonly #context = new CodecContext();
  readonly #packet = new Packet();
  readonly #frame = new Frame();
  readonly #alive: () => void;
  #draining = false;
  /** Time of the frame that was decoded last; NaN where there is none. */
  #ticks = NaN;
  /** False for a raw stream, which keeps no times: its pictures can only be counted, from the first one on. */
  readonly #timed: boolean;
  decodedFrames = 0;

  /** @param alive is called for each packet */
  constructor(path: string, index: number, alive: () => void) {
    this.#alive = alive;
    this.#input = openInput(path);
    const streams = this.#input.format.streams;
    const stream = streams.find((each) => each.index === index);
    if (stream?.codecpar.codecType !== AVMEDIA_TYPE_VIDEO) throw new Error(`there is no video stream ${index}`);
    for (const other of streams) if (other.index !== index) other.discard = AVDISCARD_ALL;
    this.#stream = stream;
    this.#timed = stream.startTime !== AV_NOPTS_VALUE;
    const codec = Codec.findDecoder(stream.codecpar.codecId);
    if (codec === null) throw new Error('there is no decoder for the source');
    this.#context.allocContext3(codec);
    this.#context.parametersToContext(stream.codecpar);
    this.#context.pktTimebase = stream.timeBase;
    // Frames decoded ahead in other threads would be thrown away at each seek.
    this.#context.threadCount = 1;
    this.#context.setFlags(AV_CODEC_FLAG_OUTPUT_CORRUPT);
    const opened = this.#context.open2Sync(codec, null);
    if (opened < 0) throw new Error(`the decoder of the source can't be opened: ${FFmpegError.strerror(opened)}`);
    this.#packet.alloc();
    this.#frame.alloc();
  }

  /**
   * The picture of this time, or the first one behind it; at the end of the source the last one. It is valid until the
   * next call.
   */
  picture({ frame, ticks, seek }: Pick<ChosenPicture, 'frame' | 'ticks' | 'seek'>): Frame {
    const wanted = this.#timed ? ticks : frame;
    if (this.#ticks === wanted) return this.#frame;
    if (seek && this.#timed) {
      this.#seek(wanted);
      const found = this.#decodeTo(wanted);
      if (found !== null && this.#ticks <= wanted) return found;
      const back = (FURTHER_BACK_S * this.#stream.timeBase.den) / this.#stream.timeBase.num;
      this.#seek(wanted - Math.round(back));
    }
    const found = this.#decodeTo(wanted);
    if (found === null) throw new Error('none of its pictures can be decoded');
    return found;
  }

  close(): void {
    this.#frame.free();
    this.#packet.free();
    this.#context.freeContext();
    this.#input.close();
  }

  /** Where a source can't go back (a generator) it is decoded on from where it stands. */
  #seek(ticks: number): void {
    if (this.#input.format.seekFrameSync(this.#stream.index, BigInt(ticks), AVSEEK_FLAG_BACKWARD) < 0) return;
    this.#context.flushBuffers();
    this.#draining = false;
    this.#ticks = NaN;
  }

  #decodeTo(ticks: number): Frame | null {
    const next = new Frame();
    next.alloc();
    while (!(this.#ticks >= ticks)) {
      const code = this.#context.receiveFrameSync(next);
      if (code >= 0) {
        this.decodedFrames++;
        const pts = next.pts === AV_NOPTS_VALUE ? next.bestEffortTimestamp : next.pts;
        if (this.#timed && pts !== AV_NOPTS_VALUE) this.#ticks = Number(pts);
        else this.#ticks = Number.isNaN(this.#ticks) ? 0 : this.#ticks + 1;
        this.#frame.unref();
        this.#frame.ref(next);
        next.unref();
      } else if (code === AVERROR_EOF || (code === AVERROR_EAGAIN && this.#draining)) break;
      else if (code === AVERROR_EAGAIN) this.#feed();
    }
    next.free();
    return Number.isNaN(this.#ticks) ? null : this.#frame;
  }

  #feed(): void {
    const packet = this.#packet;
    let code = 0;
    while ((code = this.#input.format.readFrameSync(packet)) >= 0 && packet.streamIndex !== this.#stream.index)
      packet.unref();
    this.#alive();
    if (code < 0) {
      this.#draining = true;
      this.#context.sendPacketSync(null);
      return;
    }
    // A damaged packet is an error of this packet only.
    this.#context.sendPacketSync(packet);
    packet.unref();
  }
}

// Decodes runs of whole GOPs and gives their frames in the order of presentation (child only).

import { Codec, CodecContext, FFmpegError, Frame, Rational } from 'node-av/lib';
import type { Packet, Stream } from 'node-av/lib';
import { AVERROR_EAGAIN, AVERROR_EOF, AV_FRAME_FLAG_CORRUPT } from 'node-av/constants';
import type { Fraction } from '#core/source';
import { AssembleFailure } from './assemble-failure.ts';
import type { Blame } from './assemble-job.ts';

/** Items run beside each other. */
const THREADS = 1;

/** Takes a frame, which is overwritten by the next one. */
type TakeFrame = (frame: Frame) => void;

export class GopDecoder {
  readonly #decoder = new CodecContext();
  readonly #frame = new Frame();
  readonly #name: string;
  readonly #blame: Blame;
  readonly #take: TakeFrame;
  #fed = 0;
  #taken = 0;

  constructor(stream: Stream, timeBase: Fraction, name: string, blame: Blame, take: TakeFrame) {
    this.#name = name;
    this.#blame = blame;
    this.#take = take;
    const codec = Codec.findDecoder(stream.codecpar.codecId);
    if (codec === null) throw this.#failure('there is no decoder for it');
    this.#decoder.allocContext3(codec);
    this.#decoder.parametersToContext(stream.codecpar);
    this.#decoder.pktTimebase = new Rational(timeBase.num, timeBase.den);
    this.#decoder.threadCount = THREADS;
    const opened = this.#decoder.open2Sync(codec, null);
    if (opened < 0) throw this.#failure(`its decoder can't be opened: ${FFmpegError.strerror(opened)}`);
    this.#frame.alloc();
  }

  /** The first packet of a run is a keyframe. */
  feed(packet: Packet, pts: number, dts: number): void {
    packet.pts = BigInt(pts);
    packet.dts = BigInt(dts);
    const code = this.#decoder.sendPacketSync(packet);
    if (code < 0) throw this.#failure(`the frame at ${pts} ticks can't be decoded: ${FFmpegError.strerror(code)}`);
    this.#fed++;
    this.#receive();
  }

  /** Ends a run: every packet must have given its frame. */
  finish(): void {
    if (this.#fed === 0) return;
    this.#decoder.sendPacketSync(null);
    this.#receive();
    if (this.#taken !== this.#fed)
      throw this.#failure(`${this.#fed} packets were decoded and gave ${this.#taken} frames`);
    this.#decoder.flushBuffers();
    this.#fed = 0;
    this.#taken = 0;
  }

  close(): void {
    this.#frame.free();
    this.#decoder.freeContext();
  }

  #receive(): void {
    const frame = this.#frame;
    for (;;) {
      const code = this.#decoder.receiveFrameSync(frame);
      if (code === AVERROR_EAGAIN || code === AVERROR_EOF) return;
      if (code < 0) throw this.#failure(`it can't be decoded: ${FFmpegError.strerror(code)}`);
      if (frame.decodeErrorFlags !== 0 || (frame.flags & AV_FRAME_FLAG_CORRUPT) !== 0)
        throw this.#failure(`the frame at ${frame.pts} ticks is damaged`);
      this.#taken++;
      this.#take(frame);
      frame.unref();
    }
  }

  #failure(what: string): AssembleFailure {
    return new AssembleFailure(this.#blame, `${this.#name}: ${what}`);
  }
}

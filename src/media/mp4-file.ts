// An MP4 file of one stream, written packet by packet: the same packets always give the same bytes (child only).

import { FormatContext, Option, Rational } from 'node-av/lib';
import type { Packet, Stream } from 'node-av/lib';
import { AVFMT_FLAG_BITEXACT, AV_OPT_SEARCH_CHILDREN } from 'node-av/constants';
import type { Fraction } from '#core/source';

export interface Mp4Start {
  readonly path: string;
  /** Options of FFmpeg's muxer. */
  readonly options: Readonly<Record<string, string>>;
  /** Seconds a tick, as the muxer is asked for: it may multiply what it is given. */
  readonly timeBase: Fraction;
  /** Frames a second for the file's header; null where the rate varies. */
  readonly frameRate: Fraction | null;
  /** Sets the codec's parameters. @returns a code of FFmpeg's, negative where it fails */
  readonly describe: (stream: Stream) => number;
}

export class Mp4File {
  readonly #format = new FormatContext();
  readonly #failure: (code: number) => Error;
  /** Seconds a tick of the packets that are written. */
  readonly timeBase: Rational;
  #open = true;

  /** @param failure makes the error to throw of a code of FFmpeg's */
  constructor(start: Mp4Start, failure: (code: number) => Error) {
    this.#failure = failure;
    const format = this.#format;
    this.#check(format.allocOutputContext2(null, 'mp4', `file:${start.path}`));
    try {
      format.setFlags(AVFMT_FLAG_BITEXACT);
      for (const [name, value] of Object.entries(start.options))
        this.#check(Option.set(format.getNative(), name, value, AV_OPT_SEARCH_CHILDREN));
      this.#check(format.openOutputSync());
      const stream = format.newStream(null);
      this.#check(start.describe(stream));
      stream.timeBase = new Rational(start.timeBase.num, start.timeBase.den);
      if (start.frameRate !== null) stream.avgFrameRate = new Rational(start.frameRate.num, start.frameRate.den);
      this.#check(format.writeHeaderSync(null));
      this.timeBase = stream.timeBase;
    } catch (error) {
      this.close();
      throw error;
    }
  }

  write(packet: Packet): void {
    packet.streamIndex = 0;
    this.#check(this.#format.writeFrameSync(packet));
  }

  /** Completes the file. */
  finish(): void {
    this.#check(this.#format.writeTrailerSync());
    this.close();
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#format.closeOutputSync();
    this.#format.freeContext();
  }

  #check(code: number): void {
    if (code < 0) throw this.#failure(code);
  }
}

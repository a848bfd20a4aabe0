// Writes the packets of a chunk into an MP4 file (child only): exact ticks, presentation from 0, no edit list, and nothing
// in it that differs from one time to the next.

import { FormatContext, Option, Packet, Rational } from 'node-av/lib';
import type { CodecContext, Stream } from 'node-av/lib';
import {
  AVFMT_FLAG_BITEXACT,
  AV_OPT_SEARCH_CHILDREN,
  AV_PKT_DATA_CONTENT_LIGHT_LEVEL,
  AV_PKT_DATA_MASTERING_DISPLAY_METADATA,
} from 'node-av/constants';
import type { EncodeParameters } from '../encode-job.ts';
import { outputFailure } from '../bundled/encode-failure.ts';
import { mp4Options } from './mp4-writer-options.ts';

/** What describes the light of HDR pictures, which the pictures' own colours do not say. */
const KEPT_SIDE_DATA = [AV_PKT_DATA_MASTERING_DISPLAY_METADATA, AV_PKT_DATA_CONTENT_LIGHT_LEVEL];

export class Mp4Writer {
  readonly #format = new FormatContext();
  readonly #path: string;
  readonly #from: Rational;
  readonly #to: Rational;
  /** The newest packet: how long the last one lasts is known at the end. */
  readonly #held = new Packet();
  readonly #endTicks: number;
  #firstDts: number | null = null;
  #open = true;

  /**
   * @param endTicks when the chunk ends, in the encoder's ticks
   * @throws EncodeFailure where the file can't be written
   */
  constructor(path: string, context: CodecContext, parameters: EncodeParameters, source: Stream, endTicks: number) {
    this.#path = path;
    this.#endTicks = endTicks;
    this.#held.alloc();
    this.#check(this.#format.allocOutputContext2(null, 'mp4', `file:${path}`));
    this.#format.setFlags(AVFMT_FLAG_BITEXACT);
    for (const [name, value] of Object.entries(mp4Options(parameters.timeBase)))
      this.#check(Option.set(this.#format.getNative(), name, value, AV_OPT_SEARCH_CHILDREN));
    this.#check(this.#format.openOutputSync());
    const stream = this.#format.newStream(null);
    const { timeBase, frameRate } = parameters;
    this.#from = new Rational(timeBase.num, timeBase.den);
    stream.timeBase = this.#from;
    if (!parameters.variableFrameRate) stream.avgFrameRate = new Rational(frameRate.num, frameRate.den);
    this.#check(stream.codecpar.fromContext(context));
    stream.sampleAspectRatio = context.sampleAspectRatio;
    for (const kind of KEPT_SIDE_DATA) {
      const data = source.codecpar.getCodedSideData(kind);
      if (data !== null) this.#check(stream.codecpar.addCodedSideData(kind, data));
    }
    this.#check(this.#format.writeHeaderSync(null));
    this.#to = stream.timeBase;
  }

  write(packet: Packet): void {
    this.#firstDts ??= Number(packet.dts);
    this.#writeHeld();
    this.#check(this.#held.ref(packet));
  }

  /** Completes the file. */
  finish(): void {
    const lasts = this.#endTicks - (Number(this.#held.dts) - (this.#firstDts ?? 0));
    if (this.#held.size > 0 && lasts > 0) this.#held.duration = BigInt(lasts);
    this.#writeHeld();
    this.#check(this.#format.writeTrailerSync());
    this.close();
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#held.free();
    this.#format.closeOutputSync();
    this.#format.freeContext();
  }

  #writeHeld(): void {
    if (this.#held.size === 0) return;
    this.#held.streamIndex = 0;
    this.#held.rescaleTs(this.#from, this.#to);
    this.#check(this.#format.writeFrameSync(this.#held));
    this.#held.unref();
  }

  #check(code: number): void {
    if (code < 0) throw outputFailure(`${this.#path} can't be written`, code);
  }
}

// Writes the encoded packets into a Matroska file.

import { FormatContext, Rational } from 'node-av/lib';
import type { CodecContext, Packet, Stream } from 'node-av/lib';
import { AV_PKT_DATA_DISPLAYMATRIX } from 'node-av/constants';
import type { EncodeParameters } from '../encode-job.ts';
import { outputFailure } from './encode-failure.ts';

export class MatroskaWriter {
  readonly #format = new FormatContext();
  readonly #path: string;
  readonly #from: Rational;
  readonly #to: Rational;
  #open = true;
  firstPts = Infinity;
  lastPts = -Infinity;
  packets = 0;

  /** @param source its rotation is kept, since the pictures are encoded unturned */
  constructor(path: string, context: CodecContext, parameters: EncodeParameters, source: Stream) {
    this.#path = path;
    this.#check(this.#format.allocOutputContext2(null, 'matroska', `file:${path}`));
    this.#check(this.#format.openOutputSync());
    const stream = this.#format.newStream(null);
    const { timeBase, frameRate } = parameters;
    this.#from = new Rational(timeBase.num, timeBase.den);
    stream.timeBase = this.#from;
    if (!parameters.variableFrameRate) stream.avgFrameRate = new Rational(frameRate.num, frameRate.den);
    this.#check(stream.codecpar.fromContext(context));
    stream.sampleAspectRatio = context.sampleAspectRatio;
    const matrix = source.codecpar.getCodedSideData(AV_PKT_DATA_DISPLAYMATRIX);
    if (matrix !== null) this.#check(stream.codecpar.addCodedSideData(AV_PKT_DATA_DISPLAYMATRIX, matrix));
    this.#check(this.#format.writeHeaderSync(null));
    this.#to = stream.timeBase;
  }

  write(packet: Packet): void {
    const pts = Number(packet.pts);
    this.firstPts = Math.min(this.firstPts, pts);
    this.lastPts = Math.max(this.lastPts, pts);
    this.packets++;
    packet.streamIndex = 0;
    packet.rescaleTs(this.#from, this.#to);
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
    if (code < 0) throw outputFailure(`${this.#path} can't be written`, code);
  }
}

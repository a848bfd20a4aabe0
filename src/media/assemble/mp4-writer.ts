// Writes packets into an MP4 file: the same packets always give the same bytes (child only).

import { FormatContext, Option, Rational } from 'node-av/lib';
import type { Packet, Stream } from 'node-av/lib';
import { AVFMT_FLAG_BITEXACT, AV_OPT_SEARCH_CHILDREN } from 'node-av/constants';
import type { Fraction } from '#core/source';
import { outputFailure } from './assemble-failure.ts';

const OPTIONS = {
  // The first picture is shown at 0 without an edit list, which shaka-packager would hand on into the fragments: not every
  // player applies one there, and pictures would be late by the reordering.
  movflags: '+negative_cts_offsets',
  use_editlist: '0',
  // The bitrate that a chunk declares is not that of the whole.
  write_btrt: '0',
};

export class Mp4Writer {
  readonly #format = new FormatContext();
  readonly #timeBase: Fraction;
  /** Ticks of the file a tick of the job. */
  #scale = 1;
  #open = true;

  /**
   * @param like stream whose codec parameters it has
   * @param timeBase seconds a tick of the times that are written
   * @param frameRate for the header; null where it varies
   */
  constructor(path: string, like: Stream, timeBase: Fraction, frameRate: Fraction | null) {
    this.#timeBase = timeBase;
    const format = this.#format;
    check(format.allocOutputContext2(null, 'mp4', `file:${path}`));
    format.setFlags(AVFMT_FLAG_BITEXACT);
    for (const [name, value] of Object.entries(OPTIONS))
      check(Option.set(format.getNative(), name, value, AV_OPT_SEARCH_CHILDREN));
    const opened = format.openOutputSync();
    if (opened < 0) {
      format.freeContext();
      throw outputFailure("the joined file can't be written", opened);
    }
    const stream = format.newStream(null);
    check(like.codecpar.copy(stream.codecpar));
    stream.codecpar.bitRate = 0n;
    stream.sampleAspectRatio = like.sampleAspectRatio;
    // A file counts whole units of 1 / time scale; the muxer multiplies small scales, which stays exact.
    stream.timeBase = new Rational(1, timeBase.den);
    if (frameRate !== null) stream.avgFrameRate = new Rational(frameRate.num, frameRate.den);
    check(format.writeHeaderSync(null));
    this.#scale = (timeBase.num * stream.timeBase.den) / timeBase.den / stream.timeBase.num;
    if (!Number.isInteger(this.#scale)) throw new Error(`the muxer chose a time scale of ${stream.timeBase.den}`);
  }

  /** @param times ticks of the job */
  write(packet: Packet, pts: number, dts: number, duration: number): void {
    packet.streamIndex = 0;
    packet.pts = BigInt(pts * this.#scale);
    packet.dts = BigInt(dts * this.#scale);
    packet.duration = BigInt(duration * this.#scale);
    packet.timeBase = new Rational(this.#timeBase.num, this.#timeBase.den);
    check(this.#format.writeFrameSync(packet));
  }

  /** Completes the file. */
  finish(): void {
    check(this.#format.writeTrailerSync());
    this.close();
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#format.closeOutputSync();
    this.#format.freeContext();
  }
}

function check(code: number): void {
  if (code < 0) throw outputFailure("the joined file can't be written", code);
}

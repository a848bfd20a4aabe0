// Writes the packets of chunks into one MP4 file, with the times that they are given (child only).

import { Rational } from 'node-av/lib';
import type { Packet, Stream } from 'node-av/lib';
import type { Fraction } from '#core/source';
import { Mp4File } from '../mp4-file.ts';
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
  readonly #file: Mp4File;
  readonly #timeBase: Fraction;
  /** Ticks of the file a tick of the job. */
  readonly #scale: number;

  /**
   * @param like stream whose codec parameters it has
   * @param timeBase seconds a tick of the times that are written
   * @param frameRate for the header; null where it varies
   * @throws AssembleFailure where the file can't be written
   */
  constructor(path: string, like: Stream, timeBase: Fraction, frameRate: Fraction | null) {
    this.#timeBase = timeBase;
    this.#file = new Mp4File(
      {
        path,
        options: OPTIONS,
        // A file counts whole units of 1 / time scale; the muxer multiplies small scales, which stays exact.
        timeBase: { num: 1, den: timeBase.den },
        frameRate,
        describe: (stream) => {
          const code = like.codecpar.copy(stream.codecpar);
          stream.codecpar.bitRate = 0n;
          stream.sampleAspectRatio = like.sampleAspectRatio;
          return code;
        },
      },
      (code) => outputFailure("the joined file can't be written", code),
    );
    const { num, den } = this.#file.timeBase;
    this.#scale = (timeBase.num * den) / timeBase.den / num;
    if (!Number.isInteger(this.#scale)) throw new Error(`the muxer chose a time scale of ${den}`);
  }

  /** @param times ticks of the job */
  write(packet: Packet, pts: number, dts: number, duration: number): void {
    packet.pts = BigInt(pts * this.#scale);
    packet.dts = BigInt(dts * this.#scale);
    packet.duration = BigInt(duration * this.#scale);
    packet.timeBase = new Rational(this.#timeBase.num, this.#timeBase.den);
    this.#file.write(packet);
  }

  /** Completes the file. */
  finish(): void {
    this.#file.finish();
  }

  close(): void {
    this.#file.close();
  }
}

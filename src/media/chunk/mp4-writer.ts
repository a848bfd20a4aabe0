// Writes the packets of a chunk into an MP4 file (child only): exact ticks, presentation from 0, no edit list, and nothing
// in it that differs from one time to the next.

import { Packet, Rational } from 'node-av/lib';
import type { CodecContext, Stream } from 'node-av/lib';
import { AV_PKT_DATA_CONTENT_LIGHT_LEVEL, AV_PKT_DATA_MASTERING_DISPLAY_METADATA } from 'node-av/constants';
import type { EncodeParameters } from '../encode-job.ts';
import { outputFailure } from '../bundled/encode-failure.ts';
import { Mp4File } from '../mp4-file.ts';
import { mp4Options } from './mp4-writer-options.ts';

/** What describes the light of HDR pictures, which the pictures' own colours do not say. */
const KEPT_SIDE_DATA = [AV_PKT_DATA_MASTERING_DISPLAY_METADATA, AV_PKT_DATA_CONTENT_LIGHT_LEVEL];

export class Mp4Writer {
  readonly #file: Mp4File;
  readonly #from: Rational;
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
    const { timeBase, frameRate, variableFrameRate } = parameters;
    this.#endTicks = endTicks;
    this.#from = new Rational(timeBase.num, timeBase.den);
    this.#file = new Mp4File(
      {
        path,
        options: mp4Options(timeBase),
        timeBase,
        frameRate: variableFrameRate ? null : frameRate,
        describe: (stream) => describe(stream, context, source),
      },
      (code) => outputFailure(`${path} can't be written`, code),
    );
    this.#held.alloc();
  }

  write(packet: Packet): void {
    this.#firstDts ??= Number(packet.dts);
    this.#writeHeld();
    const code = this.#held.ref(packet);
    if (code < 0) throw outputFailure("a packet can't be kept", code);
  }

  /** Completes the file. */
  finish(): void {
    const lasts = this.#endTicks - (Number(this.#held.dts) - (this.#firstDts ?? 0));
    if (this.#held.size > 0 && lasts > 0) this.#held.duration = BigInt(lasts);
    this.#writeHeld();
    this.#file.finish();
    this.close();
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#held.free();
    this.#file.close();
  }

  #writeHeld(): void {
    if (this.#held.size === 0) return;
    this.#held.rescaleTs(this.#from, this.#file.timeBase);
    this.#file.write(this.#held);
    this.#held.unref();
  }
}

function describe(stream: Stream, context: CodecContext, source: Stream): number {
  const code = stream.codecpar.fromContext(context);
  stream.sampleAspectRatio = context.sampleAspectRatio;
  for (const kind of KEPT_SIDE_DATA) {
    const data = source.codecpar.getCodedSideData(kind);
    const added = data === null ? 0 : stream.codecpar.addCodedSideData(kind, data);
    if (added < 0) return added;
  }
  return code;
}

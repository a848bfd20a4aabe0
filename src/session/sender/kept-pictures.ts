// Keeps every Nth captured picture losslessly while a stream is recorded, so that what the client saw can be compared with it.

import { avGetPixFmtFromName, avGetPixFmtName } from 'node-av/lib';
import type { Frame } from 'node-av/lib';
import type { AVPixelFormat } from 'node-av/constants';
import { PictureScaler } from '#media/bundled/picture-scaler';
import { KeptFileWriter } from '../kept-file.ts';
import { convert } from './stream-encoder.ts';

/** Planes that lie one after the other, as a score reads them; others are converted. */
const PLANAR = /^(yuv|gray)/;
const USUAL_FORMAT = 'yuv420p';

export class KeptPictures {
  readonly #writer: KeptFileWriter;
  readonly #everyFrames: number;
  #nextFrame = Infinity;
  #scaler: { readonly key: string; readonly scaler: PictureScaler } | null = null;
  #config = '';

  private constructor(writer: KeptFileWriter, everyFrames: number) {
    this.#writer = writer;
    this.#everyFrames = everyFrames;
  }

  /** Keeps nothing before `begin`. @throws UserError where the file can't be made */
  static async open(
    stream: string,
    keep: { readonly path: string; readonly everyFrames: number; readonly maxBytes: number },
  ): Promise<KeptPictures> {
    const writer = await KeptFileWriter.open(keep.path, { what: 'pictures', stream }, keep.maxBytes);
    return new KeptPictures(writer, Math.max(1, keep.everyFrames));
  }

  begin(firstFrame: number): void {
    this.#nextFrame = firstFrame;
  }

  /**
   * Keeps a picture where its turn has come.
   * @param captured as it came from the source
   * @param encoded the same as the encoder got it: taken where nothing was scaled
   */
  offer(frame: number, sourceFrame: number, captureUs: number, captured: Frame, encoded: Frame): void {
    if (frame < this.#nextFrame) return;
    this.#nextFrame = frame + this.#everyFrames;
    const { width, height } = captured;
    const own = avGetPixFmtName(encoded.format as AVPixelFormat) ?? '';
    const pixelFormat = PLANAR.test(own) ? own : USUAL_FORMAT;
    const same = encoded.width === width && encoded.height === height && own === pixelFormat;
    const picture = same ? encoded : this.#converted(captured, pixelFormat);
    const config = `${pixelFormat} ${width}x${height}`;
    if (config !== this.#config) this.#writer.config({ pixelFormat, width, height });
    this.#config = config;
    this.#writer.frame(frame, sourceFrame, captureUs, false, picture.toBuffer());
  }

  /** Waits until all is written. */
  async close(): Promise<void> {
    this.#scaler?.scaler.close();
    await this.#writer.close();
  }

  #converted(captured: Frame, pixelFormat: string): Frame {
    const key = `${pixelFormat} ${captured.width}x${captured.height}`;
    if (this.#scaler?.key !== key) {
      this.#scaler?.scaler.close();
      const scaler = new PictureScaler(captured.width, captured.height, avGetPixFmtFromName(pixelFormat));
      this.#scaler = { key, scaler };
    }
    return this.#scaler.scaler.needs(captured) ? convert(this.#scaler.scaler, captured) : captured;
  }
}

// The source pictures of a stream's frames: from the file or generator that was played, or from those that were kept.

import { Frame, avGetPixFmtFromName, avImageGetBufferSize } from 'node-av/lib';
import { AV_PIX_FMT_NONE } from 'node-av/constants';
import { SourceFrames } from '#media/bundled/source-frames';
import { asQualityFailure, heldPicture, type HeldPicture } from '#media/quality/expected-frames';
import { QualityFailure } from '#media/quality/quality-job';
import { readKept, type KeptRecord } from '../kept-reader.ts';
import type { ReceivedFrame } from './received-frames.ts';

/** Pictures that belong to the frames of a stream, asked for in its order. */
export interface SourcePictures {
  /**
   * The picture that a frame shows; valid until the next call.
   * @returns null where it is not to be had
   * @throws QualityFailure where the source breaks down
   */
  of(frame: ReceivedFrame): Promise<HeldPicture | null>;
  close(): Promise<void>;
}

/**
 * A file or a generator that was played from its beginning, again and again. Its pictures are decoded in order, once for each
 * time that it was played: nothing but the one in use is held.
 */
export class PlayedPictures implements SourcePictures {
  readonly #path: string;
  #source: SourceFrames;
  readonly #picture = heldPicture();
  /** Pictures that it has; known once its end was seen. */
  #length = Infinity;

  /** @throws QualityFailure where it can't be opened */
  constructor(path: string) {
    this.#path = path;
    this.#source = asQualityFailure(() => new SourceFrames(path, null));
  }

  of({ sourceFrame }: ReceivedFrame): Promise<HeldPicture | null> {
    if (sourceFrame < 0 || sourceFrame >= this.#length) return Promise.resolve(null);
    const picture = this.#picture;
    if (picture.number === sourceFrame) return Promise.resolve(picture);
    return Promise.resolve(asQualityFailure(() => this.#decodeTo(sourceFrame)));
  }

  close(): Promise<void> {
    this.#picture.frame.free();
    this.#source.close();
    return Promise.resolve();
  }

  #decodeTo(number: number): HeldPicture | null {
    if (number <= this.#source.frame) this.#again();
    const picture = this.#picture;
    picture.number = -1;
    do {
      picture.frame.unref();
      if (!this.#source.next(picture.frame)) {
        this.#length = this.#source.frame + 1;
        return null;
      }
    } while (this.#source.frame < number);
    // A number that the source skips (a damaged picture) has none.
    if (this.#source.frame > number) return null;
    picture.number = number;
    picture.conformed = false;
    return picture;
  }

  #again(): void {
    if (this.#source.rewind()) return;
    this.#source.close();
    this.#source = new SourceFrames(this.#path, null);
  }
}

/** Every Nth picture, by the number of its frame. */
export class KeptPictures implements SourcePictures {
  readonly #records: AsyncGenerator<KeptRecord, void, void>;
  readonly #picture = heldPicture();
  /** The kept bytes as a picture, for the moment in which they are copied. */
  readonly #view = new Frame();
  #form: { readonly pixelFormat: string; readonly width: number; readonly height: number } | null = null;
  #ahead: Extract<KeptRecord, { kind: 'frame' }> | null = null;
  #ended = false;

  constructor(path: string) {
    this.#records = readKept(path);
    this.#view.alloc();
  }

  async of({ frame }: ReceivedFrame): Promise<HeldPicture | null> {
    while (!this.#ended && (this.#ahead === null || this.#ahead.frame < frame)) await this.#read();
    if (this.#ahead?.frame !== frame) return null;
    return this.#fill(this.#ahead.data, this.#ahead.sourceFrame < 0 ? frame : this.#ahead.sourceFrame);
  }

  async close(): Promise<void> {
    await this.#records.return();
    this.#picture.frame.free();
    this.#view.free();
  }

  async #read(): Promise<void> {
    this.#ahead = null;
    const { value: record } = await this.#records.next();
    if (record === undefined) this.#ended = true;
    else if (record.kind === 'header' && record.what !== 'pictures')
      throw new QualityFailure('what was kept of the source is no pictures');
    else if (record.kind === 'pictures') this.#form = record.config;
    else if (record.kind === 'frame') this.#ahead = record;
  }

  #fill(data: Buffer, number: number): HeldPicture {
    const picture = this.#picture;
    const form = this.#form;
    if (form === null) throw new QualityFailure('the kept pictures have no configuration');
    const { pixelFormat, width, height } = form;
    const format = avGetPixFmtFromName(pixelFormat);
    const bytes = format === AV_PIX_FMT_NONE ? -1 : avImageGetBufferSize(format, width, height, 1);
    if (bytes !== data.length)
      throw new QualityFailure(
        `a kept picture has ${data.length} bytes where ${width}x${height} ${pixelFormat} has ${bytes}`,
      );
    const { frame } = picture;
    frame.unref();
    for (const one of [frame, this.#view]) {
      one.width = width;
      one.height = height;
      one.format = format;
    }
    // `fromBuffer` leaves a frame pointing into memory of JavaScript's, which is gone after a while, and filters and the
    // worst pictures hold on to theirs: what they get is a copy.
    const view = this.#view;
    const taken = frame.getBuffer(0) >= 0 && view.fromBuffer(data) >= 0 && frame.copy(view) >= 0;
    view.unref();
    if (!taken) throw new QualityFailure("a kept picture can't be taken into memory");
    picture.number = number;
    picture.conformed = false;
    return picture;
  }
}

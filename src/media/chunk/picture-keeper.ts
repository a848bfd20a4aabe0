// Keeps the source's pictures next to a chunk's ends, as its encoders get them, until the chunk is checked (child only).

import { closeSync, openSync, writeSync } from 'node:fs';
import type { Frame } from 'node-av/lib';
import { isSystemError } from '../cache-file.ts';
import type { KeptPictures } from './chunk-job.ts';
import { keptPlace, tooLarge, type PictureSize } from './edge-frames.ts';

export class PictureKeeper {
  readonly #file: string;
  readonly #form: PictureSize;
  readonly #frames: number;
  #descriptor: number | null = null;
  #absent: string | null;

  /**
   * @param file to write: the bytes of one picture after the other
   * @param frames of the chunk
   */
  constructor(file: string, form: PictureSize, frames: number) {
    this.#file = file;
    this.#form = form;
    this.#frames = frames;
    this.#absent = tooLarge(form, frames);
  }

  get kept(): KeptPictures {
    return { file: this.#file, pixelFormat: this.#form.pixelFormat, absent: this.#absent };
  }

  /** @param frame number in the chunk */
  offer(picture: Frame, frame: number): void {
    const place = this.#absent === null ? keptPlace(frame, this.#frames) : -1;
    if (place < 0) return;
    try {
      const bytes = picture.toBuffer();
      this.#descriptor ??= openSync(this.#file, 'w');
      const written = writeSync(this.#descriptor, bytes, 0, bytes.length, place * bytes.length);
      if (written < bytes.length) this.#absent = NOT_KEPT + 'the disk is full';
    } catch (error) {
      // An encode does not fail for want of them.
      if (!isSystemError(error)) throw error;
      this.#absent = NOT_KEPT + error.message;
    }
  }

  close(): void {
    if (this.#descriptor !== null) closeSync(this.#descriptor);
    this.#descriptor = null;
  }
}

const NOT_KEPT = "the source's pictures could not be kept: ";

// What decoded pictures hold, in one hash: equal pictures in the same order have the same (child only).

import { createHash, type Hash } from 'node:crypto';
import { FFmpegError, Frame } from 'node-av/lib';

export class PictureHash {
  #hash: Hash = createHash('sha256');
  /** The picture without gaps between its lines, which hold anything. */
  readonly #packed = new Frame();
  #allocated = false;
  /** Pictures so far. */
  count = 0;

  /** @throws Error where the picture has another form than the first one */
  add(picture: Frame): void {
    const packed = this.#packed;
    if (!this.#allocated) {
      packed.alloc();
      packed.width = picture.width;
      packed.height = picture.height;
      packed.format = picture.format;
      check(packed.getBuffer(1));
      this.#allocated = true;
    }
    check(packed.copy(picture));
    for (const plane of packed.data!) this.#hash.update(plane);
    this.count++;
  }

  /** Hexadecimal; the next picture begins another hash. */
  digest(): string {
    const digest = this.#hash.digest('hex');
    this.#hash = createHash('sha256');
    this.count = 0;
    return digest;
  }

  close(): void {
    if (this.#allocated) this.#packed.free();
  }
}

function check(code: number): void {
  if (code < 0) throw new Error(`a picture can't be hashed: ${FFmpegError.strerror(code)}`);
}

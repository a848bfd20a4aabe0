// What decoded pictures hold, in one hash: equal pictures in the same order have the same (child only).

import { createHash } from 'node:crypto';
import type { Frame } from 'node-av/lib';

export class PictureHash {
  readonly #hash = createHash('sha256');
  /** Pictures so far. */
  count = 0;

  add(picture: Frame): void {
    this.#hash.update(picture.toBuffer());
    this.count++;
  }

  /** Hexadecimal; nothing can be added behind it. */
  digest(): string {
    return this.#hash.digest('hex');
  }
}

// Small pieces of a file, as names and instructions are: read page by page, and kept for those beside them.

import type { ByteSource } from './byte-source.ts';

const PAGE_BYTES = 4096;
/** Of one file, 8 MiB; then all are let go. */
const MOST_PAGES = 2048;

export class BytePages {
  readonly #bytes: ByteSource;
  readonly #pages = new Map<number, Buffer>();

  constructor(bytes: ByteSource) {
    this.#bytes = bytes;
  }

  /** Bytes from an offset on: fewer than asked for where the file ends. */
  read(offset: number, length: number): Buffer {
    const number = Math.floor(offset / PAGE_BYTES);
    const from = offset - number * PAGE_BYTES;
    if (!(from + length <= PAGE_BYTES)) return this.#bytes.read(offset, length);
    let page = this.#pages.get(number);
    if (page === undefined) {
      if (this.#pages.size >= MOST_PAGES) this.#pages.clear();
      page = this.#bytes.read(number * PAGE_BYTES, PAGE_BYTES);
      this.#pages.set(number, page);
    }
    return page.subarray(from, from + length);
  }
}

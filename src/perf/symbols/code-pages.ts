// Instruction bytes of a file, read page by page as they are asked for.

import type { ByteSource } from './byte-source.ts';
import { MOST_INSTRUCTION_BYTES } from './instruction-kind.ts';

const PAGE_BYTES = 16_384;
/** Of one file, 16 MiB; then all are let go. */
const MOST_PAGES = 1024;

export class CodePages {
  readonly #bytes: ByteSource;
  readonly #pages = new Map<number, Buffer>();

  constructor(bytes: ByteSource) {
    this.#bytes = bytes;
  }

  /** As many bytes as the longest instruction has, or fewer where the file ends. */
  at(offset: number): Buffer {
    const number = Math.floor(offset / PAGE_BYTES);
    let page = this.#pages.get(number);
    if (page === undefined) {
      if (this.#pages.size >= MOST_PAGES) this.#pages.clear();
      page = this.#bytes.read(number * PAGE_BYTES, PAGE_BYTES + MOST_INSTRUCTION_BYTES);
      this.#pages.set(number, page);
    }
    const from = offset - number * PAGE_BYTES;
    return page.subarray(from, from + MOST_INSTRUCTION_BYTES);
  }
}

// Compressed records of a perf.data: one zstd stream, cut into records.

import { constants, createZstdDecompress, type ZstdDecompress } from 'node:zlib';

const OUTPUT_BYTES = 256 * 1024;

export class ZstdRecords {
  readonly #stream: ZstdDecompress;
  #error: Error | null = null;
  #wake: (() => void) | null = null;

  /** @param take gets what comes out; the bytes are its own */
  constructor(take: (bytes: Uint8Array) => void) {
    // perf flushes at the end of each record: nothing of it is kept back.
    this.#stream = createZstdDecompress({ chunkSize: OUTPUT_BYTES, flush: constants.ZSTD_e_flush });
    this.#stream.on('data', take);
    this.#stream.on('error', (error) => {
      this.#error = error;
      this.#wake?.();
    });
  }

  /** Waits until all that these bytes hold has come out. Throws where they are not a stream of zstd. */
  async write(bytes: Uint8Array): Promise<void> {
    if (this.#error === null) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        this.#stream.write(bytes, () => resolve());
      });
      this.#wake = null;
    }
    if (this.#error !== null) throw this.#error;
  }

  close(): void {
    this.#stream.destroy();
  }
}

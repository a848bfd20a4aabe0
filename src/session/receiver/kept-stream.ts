// What a recording keeps of the received stream: all that is decoded from one frame on, as it came.

import { KeptFileWriter, type KeptResult } from '../kept-file.ts';
import type { PartCommands } from '../part.ts';
import type { MediaConfig, MediaFrame } from '../transport/media.ts';

export class KeptStream {
  readonly #stream: string;
  readonly #fromFrame: number;
  readonly #file: KeptFileWriter;
  #config: MediaConfig | null = null;

  private constructor(stream: string, fromFrame: number, file: KeptFileWriter) {
    this.#stream = stream;
    this.#fromFrame = fromFrame;
    this.#file = file;
  }

  /** @throws UserError where the file can't be made */
  static async open(ask: PartCommands['keep']['ask']): Promise<KeptStream> {
    const { path, fromFrame, stream, maxBytes } = ask;
    return new KeptStream(stream, fromFrame, await KeptFileWriter.open(path, { what: 'bitstream', stream }, maxBytes));
  }

  frame(stream: string, config: MediaConfig, media: MediaFrame): void {
    if (stream !== this.#stream || media.frame < this.#fromFrame) return;
    if (config !== this.#config) this.#file.config(config);
    this.#config = config;
    this.#file.frame(media.frame, media.sourceFrame, media.captureUs, media.key, media.data);
  }

  close(): Promise<KeptResult> {
    return this.#file.close();
  }
}

// Scores the frames around seams against those of the source (child only).

import type { Frame } from 'node-av/lib';
import { EncodeFailure } from '../bundled/encode-failure.ts';
import type { ChannelWriter } from '../channel/writer.ts';
import { ChunkFrames } from '../chunk/chunk-frames.ts';
import { heldPicture } from '../quality/expected-frames.ts';
import { PairScorer } from '../quality/pair-scorer.ts';
import { QualityFailure } from '../quality/quality-job.ts';
import type { CheckJob } from './assemble-job.ts';

/** Of the source's decoder: items run beside each other. */
const THREADS = 1;

export class SeamScorer {
  readonly #job: CheckJob;
  readonly #onAlive: () => void;
  readonly #scorer: PairScorer;
  readonly #picture = heldPicture();
  #source: ChunkFrames | null = null;
  #window = 0;
  /** Why nothing more is scored. */
  absent: string | null = null;

  /** @param onAlive is called while a window is looked for */
  constructor(job: CheckJob, channel: ChannelWriter, onAlive: () => void) {
    this.#job = job;
    this.#onAlive = onAlive;
    const timing = { frameRate: job.frameRate };
    this.#scorer = new PairScorer({ metrics: ['xpsnr'], vmaf: null, pictures: null, timing }, channel);
  }

  /**
   * Takes a frame of the joined file; it is scored where it lies in a window.
   * @param frame its picture may be exchanged
   * @param number in the source; every frame of a window comes, in order
   */
  async offer(frame: Frame, number: number): Promise<void> {
    const range = this.#job.windows[this.#window];
    if (range === undefined || number < range.first || this.absent !== null) return;
    await this.#guarded(async () => {
      const { path, stream } = this.#job.source;
      const job = { source: path, sourceStream: stream, range };
      const source = (this.#source ??= new ChunkFrames(job, THREADS, this.#onAlive));
      const picture = this.#picture;
      picture.frame.unref();
      if (!source.next(picture.frame)) throw new QualityFailure(`the source has no frame ${number}`);
      picture.number = number;
      picture.conformed = false;
      await this.#scorer.score({ picture, timeS: 0 }, frame, number);
      if (number < range.last) return;
      source.close();
      this.#source = null;
      this.#window++;
    });
  }

  async finish(): Promise<void> {
    await this.#guarded(() => this.#scorer.settle());
    this.#scorer.send();
  }

  close(): void {
    this.#scorer.close();
    this.#source?.close();
    this.#picture.frame.free();
  }

  /** A source that can't be compared is a reason, and no fault of the joined file. */
  async #guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof QualityFailure) && !(error instanceof EncodeFailure)) throw error;
      this.absent ??= error.message;
    }
  }
}

// The file that a command wrote, as rows of frames.

import type { FrameBatch } from '#core/recording';
import { sameFraction } from '../fraction.ts';
import { readOutputFrames } from '../output-frames.ts';
import type { EncodeSink, StartOptions } from '../running-encode.ts';
import type { CommandJob } from './command-job.ts';

/** Rows held until the number of frames is known: ten hours at 60 frames a second. Of more, the source's frames are not told. */
const MAX_HELD_FRAMES = 2_200_000;

/** Reads the output of a run once. */
export class CommandOutput {
  readonly #job: CommandJob;
  readonly #sink: EncodeSink;
  readonly #options: StartOptions;
  #held: FrameBatch[] = [];
  #order: Int32Array = new Int32Array(0);
  frames = 0;
  bytes = 0;
  actual: Readonly<Record<string, string>> = {};
  absent: readonly string[] = [];

  constructor(job: CommandJob, sink: EncodeSink, options: StartOptions) {
    this.#job = job;
    this.#sink = sink;
    this.#options = options;
  }

  /** Numbers of the frames in the order of the file, which is the encoder's; empty where there are too many. */
  get order(): Int32Array {
    return this.#order;
  }

  /** @returns what is wrong with the file in words; null where nothing is, or where none was to be written */
  async read(): Promise<string | null> {
    const { output, picture } = this.#job;
    if (output === null) {
      this.absent = ['frames: the command writes no output that could be looked at'];
      return null;
    }
    let held = 0;
    const summary = await readOutputFrames(
      output,
      {
        stream: this.#options.stream,
        signal: this.#options.signal,
        // Frames at a constant rate have exact times, whatever ticks the container rounds them to.
        timeBase: picture === null || picture.variableFrameRate ? undefined : picture.timeBase,
        frameRate: picture?.frameRate ?? null,
      },
      (batch) => {
        held += batch.frame.length;
        this.#held.push(batch);
        if (held > MAX_HELD_FRAMES) this.#release();
      },
    );
    this.frames = summary.frames;
    this.bytes = summary.bytes;
    if (summary.codec !== '') this.actual = { codec: summary.codec, resolution: `${summary.width}x${summary.height}` };
    if (held <= MAX_HELD_FRAMES) {
      this.#order = Int32Array.from(this.#held.flatMap(({ frame }) => Array.from(frame)));
      this.#tellSourceFrames();
    }
    this.#release();
    if (summary.problem !== null) return `its output can't be used: ${summary.problem}`;
    return summary.frames === 0 ? 'its output holds no frames' : null;
  }

  #release(): void {
    for (const batch of this.#held) this.#sink.frames(batch);
    this.#held = [];
  }

  /** As many frames as went in are the same frames, one for one; of any other number nobody knows which are missing. */
  #tellSourceFrames(): void {
    const { picture } = this.#job;
    if (picture === null || picture.expectedFrames !== this.frames) return;
    const sameRate =
      picture.variableFrameRate || (picture.sourceRate !== null && sameFraction(picture.sourceRate, picture.frameRate));
    if (!sameRate) return;
    const first = picture.frames?.[0] ?? 0;
    for (const { frame, sourceFrame } of this.#held)
      for (let i = 0; i < frame.length; i++) sourceFrame[i] = first + frame[i]!;
  }
}

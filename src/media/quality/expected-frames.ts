// Which source frame an output frame should show, and when: the same choice of frames and rates as an encode makes.

import { Frame } from 'node-av/lib';
import { EncodeFailure } from '../bundled/encode-failure.ts';
import { FramePacer } from '../bundled/frame-pacer.ts';
import { SourceFrames } from '../bundled/source-frames.ts';
import type { PictureTiming } from '../encode-job.ts';
import { QualityFailure } from './quality-job.ts';

/**
 * Source pictures held at once: of the expected frame that is being compared, of the one behind it, of the newest one,
 * and of the one before that, whose turn is known only when the newest has come.
 */
export const MAX_HELD_PICTURES = 5;

/** A decoded source frame; its picture is overwritten when nobody holds it any more. */
export interface HeldPicture {
  readonly frame: Frame;
  /** Number in the source. */
  number: number;
  ticks: number;
  duration: number;
  holders: number;
  /** True once its picture is in the format of the comparison. */
  conformed: boolean;
}

export interface Expected {
  /** Number in the output. */
  readonly index: number;
  /** Seconds from the first. */
  readonly timeS: number;
  readonly picture: HeldPicture;
}

export class ExpectedFrames {
  readonly source: SourceFrames;
  readonly #timing: PictureTiming;
  readonly #onDropped: (number: number) => void;
  readonly #pictures: HeldPicture[];
  readonly #pacer: FramePacer | null;
  #waiting: HeldPicture | null = null;
  /** Of the frame that is being shown: how often still. */
  #shown: HeldPicture | null = null;
  #times = 0;
  #index = 0;
  #firstTicks: number | null = null;
  #lastTicks = -1;
  #ended = false;

  /**
   * @param onDropped is told each source frame that the conversion of the rate leaves out
   * @throws QualityFailure where the source can't be opened
   */
  constructor(path: string, timing: PictureTiming, onDropped: (number: number) => void) {
    this.source = asQualityFailure(() => new SourceFrames(path, timing.sourceStream));
    this.#timing = timing;
    this.#onDropped = onDropped;
    this.#pictures = Array.from({ length: MAX_HELD_PICTURES }, heldPicture);
    const { sourceRate, frameRate, variableFrameRate } = timing;
    const { timeBase, avgFrameRate } = this.source.stream;
    if (variableFrameRate) this.#pacer = null;
    else if (sourceRate === null) this.#pacer = new FramePacer(timeBase, frameRate, avgFrameRate);
    // A constant rate is exact by the number of the frame; its time is rounded to the container's ticks.
    else this.#pacer = new FramePacer({ num: sourceRate.den, den: sourceRate.num }, frameRate, sourceRate);
  }

  /**
   * The next expected frame; its picture is held for the caller until `release`.
   * @throws QualityFailure where the source breaks down, or ends before the last frame that is asked for
   */
  next(): Expected | null {
    while (this.#times === 0) {
      if (this.#shown !== null) this.release(this.#shown);
      this.#shown = null;
      if (!this.#advance()) return null;
    }
    this.#times--;
    const picture = this.#shown!;
    picture.holders++;
    const { timeBase } = this.source.stream;
    const { frameRate } = this.#timing;
    const timeS =
      this.#pacer === null
        ? (this.#lastTicks * timeBase.num) / timeBase.den
        : (this.#index * frameRate.den) / frameRate.num;
    return { index: this.#index++, timeS, picture };
  }

  release(picture: HeldPicture): void {
    if (--picture.holders === 0) picture.frame.unref();
  }

  close(): void {
    for (const { frame } of this.#pictures) frame.free();
    this.source.close();
  }

  /** Finds out how often the next source frame is shown; false at the end. */
  #advance(): boolean {
    if (this.#ended) return false;
    const newest = this.#decode();
    if (this.#pacer === null) {
      this.#ended = newest === null;
      if (newest === null) return false;
      this.#firstTicks ??= newest.ticks;
      this.#lastTicks = Math.max(newest.ticks - this.#firstTicks, this.#lastTicks + 1);
      this.#shown = newest;
      this.#times = 1;
      return true;
    }
    const { sourceRate } = this.#timing;
    const waiting = this.#waiting;
    this.#waiting = newest;
    if (newest === null) {
      this.#ended = true;
      if (waiting === null) return false;
      this.#times = this.#pacer.end(sourceRate === null ? waiting.duration : 1);
    } else this.#times = this.#pacer.next(sourceRate === null ? newest.ticks : newest.number);
    this.#shown = waiting;
    if (waiting !== null && this.#times === 0) this.#onDropped(waiting.number);
    return true;
  }

  /** The next frame that is asked for, held once. */
  #decode(): HeldPicture | null {
    const [first, last] = this.#timing.frames ?? [0, Infinity];
    const source = this.source;
    if (source.frame >= last) return null;
    const picture = this.#pictures.find(({ holders }) => holders === 0);
    if (picture === undefined) throw new Error(`more than ${MAX_HELD_PICTURES} source pictures are held`);
    picture.frame.unref();
    while (asQualityFailure(() => source.next(picture.frame))) {
      if (source.frame >= first && source.frame <= last) {
        picture.number = source.frame;
        picture.ticks = source.ticks;
        picture.duration = source.duration;
        picture.holders = 1;
        picture.conformed = false;
        return picture;
      }
      picture.frame.unref();
      if (source.frame > last) return null;
    }
    if (source.frame < last && last !== Infinity)
      throw new QualityFailure(`the source ended behind frame ${source.frame}, and frame ${last} was to be the last`);
    return null;
  }
}

/** A place for a picture, without one. */
export function heldPicture(): HeldPicture {
  const frame = new Frame();
  frame.alloc();
  return { frame, number: -1, ticks: 0, duration: 0, holders: 0, conformed: false };
}

/** @throws QualityFailure in place of an EncodeFailure: a source that can't be read is a reason, and no bug */
export function asQualityFailure<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof EncodeFailure) throw new QualityFailure(error.message, { cause: error });
    throw error;
  }
}

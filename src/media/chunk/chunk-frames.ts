// Exactly the frames of a chunk (child only), wherever its source's index leads to: a seek counts only if it brings the
// first frame whole and at its time; else the source is decoded from further back, and in the end from its beginning.

import { Frame } from 'node-av/lib';
import { AV_FRAME_FLAG_CORRUPT } from 'node-av/constants';
import { EncodeFailure } from '../bundled/encode-failure.ts';
import { SourceFrames } from '../bundled/source-frames.ts';
import { SEEK_AHEAD_S, type ChunkJob, type ChunkRange } from './chunk-job.ts';

/** Frames came that are not those of the chunk. */
export class MissedFrames extends EncodeFailure {}

/** How the first frame is looked for: from a time on, or from the beginning, by time or by number. */
type Attempt = { readonly seek: number | null; readonly counted: boolean };

export class ChunkFrames {
  readonly #job: Pick<ChunkJob, 'source' | 'sourceStream' | 'range'>;
  readonly #threads: number;
  readonly #onAlive: () => void;
  #source: SourceFrames;
  /** Of a source that lacks frames: the picture that came last, and the one before it. */
  #ahead: Frame | null = null;
  #shown: Frame | null = null;
  #ended = false;
  /** Number in the chunk of the frame that `next` gave. */
  index = -1;
  /** Its time, ticks of the stream. */
  ticks = 0;
  /** Frames that were decoded before the chunk's first one. */
  passed = 0;

  /** @throws EncodeFailure where the source can't be opened */
  constructor(job: Pick<ChunkJob, 'source' | 'sourceStream' | 'range'>, threads: number, onAlive: () => void) {
    this.#job = job;
    this.#threads = threads;
    this.#onAlive = onAlive;
    this.#source = this.#open();
  }

  get source(): SourceFrames {
    return this.#source;
  }

  /**
   * Decodes the next frame of the chunk into `into`, which must be empty.
   * @returns false behind the last one
   * @throws MissedFrames where the source does not hold the frames that were found in it
   */
  next(into: Frame): boolean {
    const { frames, lastPts, first, pts, counted } = this.#job.range;
    if (this.index + 1 === frames) return false;
    if (pts) return this.#nextOf(pts, into);
    if (this.index < 0) this.#first(into);
    else {
      const before = this.#source.ticks;
      if (!this.#source.next(into))
        throw new MissedFrames(`the source ends behind frame ${first + this.index}, and ${frames} frames were to come`);
      if (this.#source.ticks <= before && this.#source.timed && !counted)
        throw new MissedFrames(`times go back behind frame ${first + this.index}`);
    }
    this.index++;
    this.ticks = this.#source.ticks;
    if (!this.#source.timed || counted) return true;
    const isLast = this.index + 1 === frames;
    if (isLast ? this.ticks !== lastPts : this.ticks >= lastPts)
      throw new MissedFrames(
        `frame ${first + this.index} comes at tick ${this.ticks}: of the ${frames} frames up to tick ${lastPts} ` +
          (this.ticks >= lastPts ? 'some are missing' : 'there are more now'),
      );
    return true;
  }

  close(): void {
    this.#ahead?.free();
    this.#shown?.free();
    this.#source.close();
  }

  /** Of a source that lacks frames: where one is missing at its time, the one before is shown, or else the one behind. */
  #nextOf(pts: readonly number[], into: Frame): boolean {
    const ahead = (this.#ahead ??= newFrame());
    const shown = (this.#shown ??= newFrame());
    const wanted = pts[this.index + 1]!;
    if (this.index < 0) this.#begin(pts, ahead, shown);
    else if (!this.#ended && this.#source.ticks < wanted) {
      shown.unref();
      shown.ref(ahead);
      ahead.unref();
      this.#ended = !this.#source.next(ahead);
      if (!this.#ended && this.#source.ticks < wanted)
        throw new MissedFrames(`a frame comes at tick ${this.#source.ticks}, where none was before`);
    }
    const isThere = !this.#ended && this.#source.ticks === wanted;
    into.ref(isThere || shown.width === 0 ? ahead : shown);
    this.index++;
    this.ticks = wanted;
    return true;
  }

  /** The frame before the first is kept: it may be needed in its place. */
  #begin(pts: readonly number[], ahead: Frame, shown: Frame): void {
    while (this.#source.next(ahead)) {
      if (this.#source.ticks >= pts[0]!) return;
      shown.unref();
      shown.ref(ahead);
      ahead.unref();
      this.passed++;
      this.#onAlive();
    }
    this.#ended = true;
    if (shown.width === 0) throw new MissedFrames('the source holds no frames any more');
  }

  #open(): SourceFrames {
    return new SourceFrames(this.#job.source, this.#job.sourceStream, null, this.#threads);
  }

  #first(into: Frame): void {
    const { range } = this.#job;
    for (const attempt of attempts(range, this.#source)) {
      if (this.#find(attempt, into)) return;
      into.unref();
      this.#source.close();
      this.#source = this.#open();
    }
    throw new MissedFrames(`frame ${range.first} is not found at tick ${range.firstPts}: the source has changed`);
  }

  /** True where the chunk's first frame lies in `into`. */
  #find({ seek, counted }: Attempt, into: Frame): boolean {
    // A source whose times are not to be trusted may tell another one to another reader.
    const { first, firstPts, counted: mayDiffer } = this.#job.range;
    const source = this.#source;
    if (seek !== null && !source.seek(seek)) return false;
    for (let number = 0; source.next(into); number++) {
      if (counted) {
        if (number === first) return mayDiffer || !source.timed || source.ticks === firstPts;
      } else if (!source.timed) return false;
      else if (source.ticks >= firstPts) return source.ticks === firstPts && (seek === null || isWhole(into));
      into.unref();
      this.passed++;
      this.#onAlive();
    }
    return false;
  }
}

/** Ways to the first frame, the cheapest first. */
function attempts({ seekPts, counted }: ChunkRange, source: SourceFrames): Attempt[] {
  const counting: Attempt = { seek: null, counted: true };
  if (counted || !source.keepsTimes) return [counting];
  const fromStart: Attempt = { seek: null, counted: false };
  if (seekPts === null) return [fromStart, counting];
  const { num, den } = source.stream.timeBase;
  const ahead = Math.round((SEEK_AHEAD_S * den) / num);
  return [{ seek: seekPts, counted: false }, { seek: seekPts - ahead, counted: false }, fromStart, counting];
}

function newFrame(): Frame {
  const frame = new Frame();
  frame.alloc();
  return frame;
}

/** A decoder that began at the wrong place says so of its pictures. */
function isWhole(frame: Frame): boolean {
  return (frame.flags & AV_FRAME_FLAG_CORRUPT) === 0 && frame.decodeErrorFlags === 0;
}

// A file or a generator played in real time and again from its beginning when it ends: a picture's number is its place in it.

import { Frame, avGetPixFmtName } from 'node-av/lib';
import type { AVPixelFormat } from 'node-av/constants';
import type { Fraction } from '#core/source';
import { UserError } from '#core/user-error';
import { EncodeFailure } from '#media/bundled/encode-failure';
import { SourceFrames } from '#media/bundled/source-frames';
import { monotonicUs } from '#system/clock';
import type { PictureSource } from './picture-source.ts';

/** So long is decoded at most for one picture, microseconds: a source that can't keep up with real time is played more slowly. */
const CATCH_UP_US = 50_000;
/** Times that differ by less are the same, microseconds. */
const SAME_TIME_US = 1;

interface Held {
  readonly picture: Frame;
  sourceFrame: number;
  /** Since the first picture, microseconds; it goes on growing when the source begins again. */
  timeUs: number;
}

export class PlayedSource implements PictureSource {
  readonly width: number;
  readonly height: number;
  readonly pixelFormat: string;
  readonly frameRate: Fraction | null;
  readonly #path: string;
  #source: SourceFrames;
  #shown = held();
  #next = held();
  /** Ticks of the first picture, and what earlier rounds took, microseconds. */
  #firstTicks: number | null = null;
  #roundsUs = 0;
  /** Behind the last picture of this round, microseconds. */
  #endUs = 0;
  readonly #frameUs: number;
  #startUs: number | null = null;
  captureUs = 0;

  /** @throws UserError where it can't be opened or holds no picture */
  constructor(path: string) {
    this.#path = path;
    try {
      this.#source = new SourceFrames(path, null);
      const { avgFrameRate, rFrameRate, codecpar } = this.#source.stream;
      this.frameRate = [avgFrameRate, rFrameRate].find(({ num, den }) => num > 0 && den > 0) ?? null;
      this.#frameUs = this.frameRate === null ? 0 : (1e6 * this.frameRate.den) / this.frameRate.num;
      if (!this.#decode(this.#shown)) throw new EncodeFailure('it holds no picture');
      this.#decode(this.#next);
      this.width = this.#shown.picture.width;
      this.height = this.#shown.picture.height;
      this.pixelFormat = avGetPixFmtName(codecpar.format as AVPixelFormat) ?? 'yuv420p';
    } catch (error) {
      if (!(error instanceof EncodeFailure)) throw error;
      throw new UserError({ what: error.message, where: path, todo: 'encodelab inspect tells more about it.' });
    }
  }

  get picture(): Frame {
    return this.#shown.picture;
  }

  get sourceFrame(): number {
    return this.#shown.sourceFrame;
  }

  begin(): boolean {
    return true;
  }

  capture(dueUs: number): boolean {
    this.captureUs = monotonicUs();
    this.#startUs ??= dueUs;
    let position = dueUs - this.#startUs;
    while (this.#nextIsNearer(position)) {
      if (monotonicUs() - this.captureUs > CATCH_UP_US) {
        this.#startUs += position - this.#shown.timeUs;
        position = this.#shown.timeUs;
        break;
      }
      [this.#shown, this.#next] = [this.#next, this.#shown];
      if (!this.#decode(this.#next)) throw new EncodeFailure(`${this.#path} can't be played again`);
    }
    return true;
  }

  again(): PictureSource {
    return new PlayedSource(this.#path);
  }

  close(): void {
    this.#source.close();
    this.#shown.picture.free();
    this.#next.picture.free();
  }

  #nextIsNearer(position: number): boolean {
    return this.#next.timeUs - position < position - this.#shown.timeUs - SAME_TIME_US;
  }

  /** @returns false where nothing comes even from its beginning */
  #decode(into: Held): boolean {
    into.picture.unref();
    if (!this.#source.next(into.picture)) {
      if (this.#firstTicks === null) return false;
      this.#roundsUs = this.#endUs;
      this.#rewind();
      if (!this.#source.next(into.picture)) return false;
    }
    const { num, den } = this.#source.stream.timeBase;
    const { ticks, duration, frame } = this.#source;
    this.#firstTicks ??= ticks;
    into.sourceFrame = frame;
    into.timeUs = this.#roundsUs + ((ticks - this.#firstTicks) * num * 1e6) / den;
    this.#endUs = into.timeUs + (duration > 0 ? (duration * num * 1e6) / den : this.#frameUs);
    return true;
  }

  #rewind(): void {
    if (this.#source.rewind()) return;
    this.#source.close();
    this.#source = new SourceFrames(this.#path, null);
  }
}

function held(): Held {
  const picture = new Frame();
  picture.alloc();
  return { picture, sourceFrame: -1, timeUs: 0 };
}

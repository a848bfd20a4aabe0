// Counts how output frames matched source frames: dropped, doubled, missing, surplus. Pure; keeps no more than the first of each.

import type { FrameMatch } from '#core/quality';

/** Numbers of frames that are named; the others are counted. */
export const MAX_NAMED = 100;

type Named = FrameMatch['dropped'];

export class FrameTally {
  compared = 0;
  readonly #dropped = new NamedFrames();
  readonly #doubled = new NamedFrames();
  readonly #missing = new NamedFrames();
  readonly #surplus = new NamedFrames();
  #source = -1;
  #shown = 0;

  /** A source frame that was asked for has come; calls come in its order. */
  source(number: number): void {
    this.#settle();
    this.#source = number;
    this.#shown = 0;
  }

  /** Source frames are told ahead of their comparison: this one is dropped for certain. */
  dropped(number: number): void {
    this.#dropped.add(number);
  }

  pair(sourceFrame: number): void {
    if (sourceFrame !== this.#source) this.source(sourceFrame);
    this.compared++;
    this.#shown++;
    if (this.#shown === 2) this.#doubled.add(sourceFrame);
  }

  /** @param expected number that the frame would have in the output */
  missing(expected: number, sourceFrame: number): void {
    if (sourceFrame !== this.#source) this.source(sourceFrame);
    this.#missing.add(expected);
  }

  surplus(outputFrame: number): void {
    this.#surplus.add(outputFrame);
  }

  end(): Pick<FrameMatch, 'compared' | 'dropped' | 'doubled' | 'missing' | 'surplus'> {
    this.#settle();
    this.#source = -1;
    return {
      compared: this.compared,
      dropped: this.#dropped.named(),
      doubled: this.#doubled.named(),
      missing: this.#missing.named(),
      surplus: this.#surplus.named(),
    };
  }

  #settle(): void {
    if (this.#source >= 0 && this.#shown === 0) this.#dropped.add(this.#source);
  }
}

class NamedFrames {
  #count = 0;
  readonly #first: number[] = [];

  add(number: number): void {
    this.#count++;
    if (this.#first.length < MAX_NAMED) this.#first.push(number);
  }

  named(): Named {
    return { count: this.#count, first: [...this.#first].toSorted((a, b) => a - b) };
  }
}

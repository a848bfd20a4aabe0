// The receiver's wish for a keyframe: said at once, repeated until one comes, and never so often that a bad network makes every
// frame a keyframe. The sender obeys each number once, however often it hears it.

/** Said again so often, milliseconds: over UDP it may be lost. */
export const WISH_REPEAT_MS = 100;
/** Two numbers are not closer, milliseconds. */
export const MIN_WISH_INTERVAL_MS = 250;
/** Where no keyframe came, it may have been lost as a whole: a new number after this time, milliseconds. */
export const WISH_AGAIN_MS = 1_000;

export class KeyframeWish {
  readonly #say: (number: number) => void;
  #number: number;
  #open = false;
  /** The wish needs a number that was not said yet. */
  #fresh = false;
  #numberedMs = -Infinity;
  #saidMs = -Infinity;

  /** @param first number before the first wish: random, so that a receiver that was started anew is heard */
  constructor(first: number, say: (number: number) => void) {
    this.#number = first;
    this.#say = say;
  }

  /** @param nowMs monotonic milliseconds, as in the other methods */
  want(nowMs: number): void {
    if (!this.#open) this.#fresh = true;
    this.#open = true;
    this.tick(nowMs);
  }

  /** The keyframe that was wished for is lost. */
  lost(nowMs: number): void {
    if (this.#open) this.#fresh = true;
    this.tick(nowMs);
  }

  /** A keyframe came. */
  granted(): void {
    this.#open = false;
    this.#fresh = false;
  }

  /** To be called every {@link WISH_REPEAT_MS} or more often. */
  tick(nowMs: number): void {
    if (!this.#open) return;
    const ageMs = nowMs - this.#numberedMs;
    if ((this.#fresh && ageMs >= MIN_WISH_INTERVAL_MS) || ageMs >= WISH_AGAIN_MS) {
      this.#number = (this.#number + 1) >>> 0;
      this.#numberedMs = nowMs;
      this.#fresh = false;
    } else if (this.#fresh || nowMs - this.#saidMs < WISH_REPEAT_MS) return;
    this.#saidMs = nowMs;
    this.#say(this.#number);
  }
}

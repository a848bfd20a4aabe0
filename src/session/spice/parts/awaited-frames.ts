// Whether a stock client decodes what passes before it, as far as its log can tell: one that decodes nothing writes nothing.

/** From a frame to its decoding it takes far less, but for a client that begins anew or catches up. */
const PATIENCE_US = 1e6;
/** A client has its own decoder of mjpeg, of which no tracer tells. */
const OWN_DECODER = 'mjpeg';

export class AwaitedFrames {
  /** Since when frames pass and none is decoded, microseconds; null while the last ones were. */
  #sinceUs: number | null = null;
  #lastUs = 0;
  /** Decoders that the log has told of. */
  readonly #told = new Set<string>();

  /**
   * @param isTold whether the log has somebody who writes it
   * @returns whether the log would tell of their decoding
   */
  passed(codec: string, atUs: readonly number[], isTold: boolean): boolean {
    const isAwaited = isTold && (codec !== OWN_DECODER || this.#told.has(codec));
    if (!isAwaited) this.#sinceUs = null;
    else if (atUs.length > 0) {
      this.#lastUs = atUs.at(-1)!;
      this.#sinceUs ??= atUs[0]!;
    }
    return isAwaited;
  }

  /** One of them was decoded. */
  decoded(codec: string): void {
    this.#told.add(codec);
    this.#sinceUs = null;
  }

  /** Whether frames went by for so long that the client must be told to show nothing. */
  get isBlind(): boolean {
    return this.#sinceUs !== null && this.#lastUs - this.#sinceUs > PATIENCE_US;
  }
}

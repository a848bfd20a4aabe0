// Waiting for a client's stream to begin anew with the codec that it was made to prefer.

/** A stock server takes up to some seconds; who asks gives up soon after. */
const LIMIT_MS = 8_000;
/** After another codec's stream has begun in its place: the server has chosen, but for one that was under way already. */
const OTHER_LIMIT_MS = 2_000;

export class CodecSwitch {
  #waiting: {
    readonly codec: string;
    readonly sinceUs: number;
    timer: NodeJS.Timeout;
    readonly end: () => void;
    readonly resolve: (switchMs: number | null) => void;
    readonly reject: (why: Error) => void;
  } | null = null;

  /**
   * Resolves when a stream of that codec begins with the milliseconds that it took, with null where nobody waits for it any more.
   * @param sinceUs monotonic: when it was asked for
   * @param onLate after 8 s, or 2 s after another codec's began, before it resolves with null
   * @throws what `refused` was told
   */
  wait(codec: string, sinceUs: number, onLate: () => void): Promise<number | null> {
    this.giveUp();
    return new Promise((resolve, reject) => {
      const end = () => {
        onLate();
        this.giveUp();
      };
      this.#waiting = { codec, sinceUs, timer: setTimeout(end, LIMIT_MS), end, resolve, reject };
    });
  }

  began(codec: string, atUs: number): void {
    const waiting = this.#waiting;
    if (waiting === null) return;
    if (waiting.codec === codec) {
      this.#take()!.resolve((atUs - waiting.sinceUs) / 1_000);
      return;
    }
    clearTimeout(waiting.timer);
    waiting.timer = setTimeout(waiting.end, OTHER_LIMIT_MS);
  }

  /** @returns whether somebody waited, and has been told */
  refused(why: Error): boolean {
    const waiting = this.#take();
    waiting?.reject(why);
    return waiting !== null;
  }

  giveUp(): void {
    this.#take()?.resolve(null);
  }

  #take() {
    const waiting = this.#waiting;
    this.#waiting = null;
    clearTimeout(waiting?.timer);
    return waiting;
  }
}

// The same work again and again, one round after the other: whoever asks for it while a round is under way gets another behind it.

export class Rounds {
  readonly #act: () => Promise<void>;
  #round: Promise<void> | null = null;
  #again = false;
  #closed = false;

  constructor(act: () => Promise<void>) {
    this.#act = act;
  }

  /** Resolves after a round that began now or later; rejects as that one did. */
  run(): Promise<void> {
    if (this.#round !== null) this.#again = true;
    else this.#round = this.#all();
    return this.#round;
  }

  /** No round follows the one under way. */
  close(): void {
    this.#closed = true;
  }

  async #all(): Promise<void> {
    try {
      do {
        this.#again = false;
        await this.#act();
      } while (this.#again && !this.#closed);
    } finally {
      this.#round = null;
    }
  }
}

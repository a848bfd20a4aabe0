// Work that may take longer than a request: kept by its id, and waited for piece by piece.

const MAX_KEPT = 256;

export class LongWork<Result> {
  readonly #kept = new Map<string, Promise<Result>>();

  has(id: string): boolean {
    return this.#kept.has(id);
  }

  /** Keeps it, and its end, until 256 others came. */
  keep(id: string, work: Promise<Result>): void {
    // Whoever waits for it is told; nobody may.
    work.catch(() => undefined);
    this.#kept.set(id, work);
    if (this.#kept.size > MAX_KEPT) this.#kept.delete(this.#kept.keys().next().value!);
  }

  forget(id: string): void {
    this.#kept.delete(id);
  }

  /**
   * @returns its result; undefined where there is none within that time
   * @throws what it failed with
   */
  async within(id: string, limitMs: number): Promise<Result | undefined> {
    const work = this.#kept.get(id);
    if (work === undefined) return undefined;
    let timer: NodeJS.Timeout | undefined;
    const end = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), limitMs);
    });
    try {
      return await Promise.race([work, end]);
    } finally {
      clearTimeout(timer);
    }
  }
}

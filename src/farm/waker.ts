// A wait that can be ended early; what wakes while nobody waits ends the next wait at once.

export class Waker {
  #isAwake = false;
  #end: (() => void) | null = null;

  wake(): void {
    this.#isAwake = true;
    this.#end?.();
  }

  /** Resolves with true where it was woken, with false when the time was over. */
  async wait(ms: number): Promise<boolean> {
    if (!this.#isAwake)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.#end = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    this.#end = null;
    const wasWoken = this.#isAwake;
    this.#isAwake = false;
    return wasWoken;
  }
}

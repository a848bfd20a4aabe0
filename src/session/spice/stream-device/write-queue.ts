// Messages that wait for a device, each with what is to be told when it is gone.

interface Waiting {
  readonly bytes: Buffer;
  /** Of it, taken by the device. */
  taken: number;
  readonly onSent: (() => void) | undefined;
}

export class WriteQueue {
  #waiting: Waiting[] = [];
  #queuedBytes = 0;

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  push(bytes: Buffer, onSent?: () => void): void {
    this.#waiting.push({ bytes, taken: 0, onSent });
    this.#queuedBytes += bytes.length;
  }

  /**
   * Writes as much as is taken.
   * @param write returns how many bytes were taken; 0 where there is no room
   * @returns false where some are left
   */
  drain(write: (bytes: Buffer, from: number) => number): boolean {
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      const count = write(first.bytes, first.taken);
      if (count === 0) return false;
      first.taken += count;
      this.#queuedBytes -= count;
      if (first.taken < first.bytes.length) continue;
      this.#waiting.shift();
      first.onSent?.();
    }
    return true;
  }

  /** Forgets all that was not begun: the rest of a message that was begun must follow. */
  clear(): void {
    this.#waiting = this.#waiting.filter(({ taken }) => taken > 0);
    this.#queuedBytes = this.#waiting.reduce((sum, { bytes, taken }) => sum + bytes.length - taken, 0);
  }
}

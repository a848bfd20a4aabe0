// Whether each switch of a CPU is there: it takes off the CPU whom the one before put on it.

/** Of the threads that were put on a CPU: with more of them left by another one, switches are missing. The kernel itself left out 7 % at most where we looked, recordings with a frequency 20 % and more. */
const BROKEN_SHARE = 0.12;
/** Fewer are chance. */
const LEAST_BROKEN = 4;

export class SwitchChain {
  /** Who was put on each CPU last. */
  readonly #on = new Map<number, number>();
  /** By thread that was put on a CPU: how often the next switch there took it off, and how often another one. */
  readonly #followed = new Map<number, number>();
  readonly #broken = new Map<number, number>();
  /** Threads that were seen to leave a CPU. */
  readonly #leave = new Set<number>();

  /** Numbers of threads; 0 is the idle one. */
  add(cpu: number, previous: number, next: number): void {
    const before = this.#on.get(cpu);
    // Some kernels tell of few switches away from idling: those tell nothing.
    if (before !== undefined && before !== 0) {
      const counts = before === previous ? this.#followed : this.#broken;
      counts.set(before, (counts.get(before) ?? 0) + 1);
    }
    this.#on.set(cpu, next);
    this.#leave.add(previous);
  }

  /** Switches of a CPU are missing, and that is known; of all of them where it is -1. */
  lost(cpu: number): void {
    if (cpu < 0) this.#on.clear();
    else this.#on.delete(cpu);
  }

  /** Whether only some were recorded. */
  get isThinned(): boolean {
    const broken = this.#count(this.#broken);
    return broken >= LEAST_BROKEN && broken > BROKEN_SHARE * (broken + this.#count(this.#followed));
  }

  /** Where one program was recorded nobody is told of who leaves for it: threads that never leave are others'. */
  #count(byThread: ReadonlyMap<number, number>): number {
    let sum = 0;
    for (const [thread, count] of byThread) if (this.#leave.has(thread)) sum += count;
    return sum;
  }
}

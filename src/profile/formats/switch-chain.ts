// Whether each switch of a CPU is there: it takes off the CPU whom the one before put on it, or whom a sample saw there.

/** Of the threads on a CPU: with more of them followed by another one, switches are missing. The kernel itself left out 7 % at most where we looked, recordings with a frequency 20 % and more. */
const BROKEN_SHARE = 0.12;
/** Fewer are chance. */
const LEAST_BROKEN = 4;

export class SwitchChain {
  /** Who was put on each CPU last, or seen there. */
  readonly #on = new Map<number, number>();
  /** By thread on a CPU: how often the next switch there took it off, and how often another one was there. */
  readonly #followed = new Map<number, number>();
  readonly #broken = new Map<number, number>();
  /** Threads that were followed by another one and not seen since. */
  readonly #gone = new Set<number>();
  /** Threads that were seen to leave a CPU. */
  readonly #leave = new Set<number>();
  #idleIsSeen = false;

  /** Numbers of threads; 0 is the idle one. */
  add(cpu: number, previous: number, next: number): void {
    const before = this.#on.get(cpu);
    this.seen(cpu, previous);
    // Some kernels tell of few switches away from idling: those tell nothing.
    if (before === previous && before !== 0) this.#followed.set(before, (this.#followed.get(before) ?? 0) + 1);
    this.#leave.add(previous);
    this.#on.set(cpu, next);
    this.#gone.delete(next);
  }

  /** A thread runs on a CPU: where another one was, a switch is missing. */
  seen(cpu: number, thread: number): void {
    this.#gone.delete(thread);
    if (thread === 0) this.#idleIsSeen = true;
    const before = this.#on.get(cpu);
    if (before === thread) return;
    this.#on.set(cpu, thread);
    if (before === undefined || before === 0) return;
    this.#broken.set(before, (this.#broken.get(before) ?? 0) + 1);
    this.#gone.add(before);
  }

  /** Switches of a CPU are missing, and that is known; of all of them where it is -1. */
  lost(cpu: number): void {
    if (cpu < 0) this.#on.clear();
    else this.#on.delete(cpu);
  }

  /** Whether only some were recorded. */
  get isThinned(): boolean {
    const broken = this.#count(this.#broken) - (this.#idleIsSeen ? 0 : this.#ends());
    return broken >= LEAST_BROKEN && broken > BROKEN_SHARE * (broken + this.#count(this.#followed));
  }

  /** Where one program was recorded, and so no idling, nobody is told of who leaves for it: threads that never leave are others'. */
  #count(byThread: ReadonlyMap<number, number>): number {
    let sum = 0;
    for (const [thread, count] of byThread) if (this.#idleIsSeen || this.#leave.has(thread)) sum += count;
    return sum;
  }

  /** Where one program was recorded a thread's end is no switch: the kernel stops recording it just before. */
  #ends(): number {
    let sum = 0;
    for (const thread of this.#gone) if (this.#leave.has(thread)) sum++;
    return sum;
  }
}

// Stays of threads on CPUs from the scheduler's tracepoints (sched_switch, sched_wakeup, sched_wakeup_new, sched_waking), or from
// perf's own switch records: of a perf.data and of the text of `perf script`.

import { LEAVING_REASONS } from '#core/profile';
import type { AddedSpan, ProfileBuilder } from './profile-builder.ts';

const UNKNOWN = LEAVING_REASONS.indexOf('unknown');
const RUNNING = LEAVING_REASONS.indexOf('running');

/** A thread as the scheduler numbers it; 0 is the idle one of each CPU. */
export interface ScheduledThread {
  readonly id: number;
  /** Since when it could run but does not, nanoseconds, and the row of who woke it; NaN and -1 where that is not known. */
  readyNs: number;
  waker: number;
}

/** What runs on a CPU. */
interface Stay<Thread> {
  /** Null: nothing, or not known. */
  thread: Thread | null;
  /** Of the thread; of the CPU's idling where it is known to idle. */
  startNs: number;
  idles: boolean;
  /** When the thread was last seen there. */
  seenNs: number;
  readyNs: number;
  waker: number;
}

/** After a switch was told a sample may still be of the thread that leaves: it takes some microseconds, which an NMI may sample. */
const SWITCHING_NS = 50_000;
/** Of the stays that were told of. */
const UNTOLD_SHARE = 0.01;
/** What is missing where {@link SchedulerSpans.isUntold}. */
export const UNTOLD_REMARK =
  'Switches: the kernel left out more than 1 in 100 beginnings of stays on CPUs. They count from when their threads were first seen there: CPUs were busier than the scheduler tells.';

/** A span to fill again and again. */
type Filled = { -readonly [Key in keyof AddedSpan]: AddedSpan[Key] };

export class SchedulerSpans<Thread extends ScheduledThread> {
  readonly #builder: ProfileBuilder;
  readonly #rowOf: (thread: Thread) => number;
  readonly #stays = new Map<number, Stay<Thread>>();
  #told = 0;
  #untold = 0;
  readonly #span: Filled = { startNs: 0, endNs: 0, cpu: 0, thread: 0, left: 0, stack: -1, readyNs: NaN, waker: -1 };

  /** @param rowOf the row of a thread in the profile */
  constructor(builder: ProfileBuilder, rowOf: (thread: Thread) => number) {
    this.#builder = builder;
    this.#rowOf = rowOf;
  }

  /** Whether of too many stays nobody told when they began: they count from when their thread was first seen there. */
  get isUntold(): boolean {
    return this.#untold > this.#told * UNTOLD_SHARE;
  }

  /**
   * A thread leaves a CPU.
   * @param left code in LEAVING_REASONS
   * @param sinceNs since when it may have been on it where no start was seen; NaN where that is not known
   */
  left(timeNs: number, cpu: number, thread: Thread, left: number, stack: number, sinceNs: number): void {
    const stay = this.#stays.get(cpu);
    if (stay !== undefined && stay.thread?.id !== thread.id) this.#endUntold(stay, cpu);
    const isSeen = stay?.thread?.id === thread.id;
    const startNs = isSeen ? stay.startNs : stay === undefined ? sinceNs : this.#startOf(stay, thread, timeNs);
    if (thread.id !== 0 && startNs <= timeNs) {
      const span = this.#span;
      span.startNs = startNs;
      span.endNs = timeNs;
      span.cpu = cpu;
      span.thread = this.#rowOf(thread);
      span.left = left;
      span.stack = stack;
      span.readyNs = isSeen ? stay.readyNs : NaN;
      span.waker = isSeen ? stay.waker : -1;
      this.#builder.addSpan(span);
    }
    // Who was preempted could run on at once.
    thread.readyNs = left === RUNNING ? timeNs : NaN;
    thread.waker = -1;
    const after = this.#stay(cpu);
    after.thread = null;
    after.idles = false;
  }

  /** A thread comes onto a CPU. */
  came(timeNs: number, cpu: number, thread: Thread): void {
    const stay = this.#stay(cpu);
    this.#endUntold(stay, cpu);
    stay.thread = thread.id === 0 ? null : thread;
    if (thread.id !== 0) this.#told++;
    stay.startNs = stay.seenNs = timeNs;
    stay.idles = thread.id === 0;
    stay.readyNs = thread.readyNs;
    stay.waker = thread.waker;
    thread.readyNs = NaN;
    thread.waker = -1;
  }

  /** A thread, or the idle one, is seen on a CPU: where another one was thought to be there, the kernel has not told of a switch. */
  seen(timeNs: number, cpu: number, thread: Thread): void {
    const stay = this.#stays.get(cpu);
    // Without a number it is at its very end.
    if (stay === undefined || thread.id < 0) return;
    if (stay.thread === null ? stay.idles && thread.id === 0 : stay.thread.id === thread.id) {
      stay.seenNs = timeNs;
      return;
    }
    if (timeNs - stay.startNs < SWITCHING_NS) return;
    this.#endUntold(stay, cpu);
    stay.startNs = thread.id === 0 ? timeNs : this.#startOf(stay, thread, timeNs);
    stay.thread = thread.id === 0 ? null : thread;
    stay.idles = thread.id === 0;
    stay.seenNs = timeNs;
    stay.readyNs = NaN;
    stay.waker = -1;
    thread.readyNs = NaN;
    thread.waker = -1;
  }

  /** A thread can run from now on. Of several tellings of one waking the first counts: it comes from who woke it. */
  woken(timeNs: number, thread: Thread, waker: Thread | null): void {
    if (!Number.isNaN(thread.readyNs)) return;
    for (const stay of this.#stays.values()) if (stay.thread === thread) return;
    thread.readyNs = timeNs;
    thread.waker = waker === null || waker.id === 0 ? -1 : this.#rowOf(waker);
  }

  /** Records of a CPU are missing: who runs on it is not known any more. */
  lost(cpu: number): void {
    for (const [number, stay] of this.#stays)
      if (cpu < 0 || number === cpu) {
        this.#endUntold(stay, number);
        stay.idles = false;
      }
  }

  /** Those who are on a CPU at this time, as spans that end here. */
  open(endNs: number): AddedSpan[] {
    return [...this.#stays].flatMap(([cpu, { thread, startNs, readyNs, waker }]) =>
      thread === null || startNs > endNs
        ? []
        : [{ startNs, endNs, cpu, thread: this.#rowOf(thread), left: UNKNOWN, stack: -1, readyNs, waker }],
    );
  }

  /** Who was on the CPU is not any more, and nobody told since when: the stay ends where it was last seen. */
  #endUntold(stay: Stay<Thread>, cpu: number): void {
    if (stay.thread === null) return;
    const span = this.#span;
    span.startNs = stay.startNs;
    span.endNs = stay.seenNs;
    span.cpu = cpu;
    span.thread = this.#rowOf(stay.thread);
    span.left = UNKNOWN;
    span.stack = -1;
    span.readyNs = stay.readyNs;
    span.waker = stay.waker;
    this.#builder.addSpan(span);
    stay.thread = null;
  }

  /**
   * When a stay began of which no start was told: not every kernel tells of each switch. A thread that was woken while its CPU
   * idled began then; of others nothing is known but that they are there now.
   */
  #startOf({ idles, startNs }: Stay<Thread>, { id, readyNs }: Thread, timeNs: number): number {
    if (idles && readyNs >= startNs) return readyNs;
    if (id !== 0) this.#untold++;
    return timeNs;
  }

  #stay(cpu: number): Stay<Thread> {
    let stay = this.#stays.get(cpu);
    if (stay === undefined)
      this.#stays.set(cpu, (stay = { thread: null, startNs: 0, idles: false, seenNs: 0, readyNs: NaN, waker: -1 }));
    return stay;
  }
}

// Stays of threads on CPUs from the scheduler's tracepoints (sched_switch, sched_wakeup, sched_wakeup_new, sched_waking), or from
// perf's own switch records.

import { LEAVING_REASONS } from '#core/profile';
import type { AddedSpan, ProfileBuilder } from '#profile/profile-builder';
import type { WatchedThread } from './threads.ts';

const UNKNOWN = LEAVING_REASONS.indexOf('unknown');
const RUNNING = LEAVING_REASONS.indexOf('running');
const SLEEPING = LEAVING_REASONS.indexOf('sleeping');
const DISK = LEAVING_REASONS.indexOf('disk');
const STOPPED = LEAVING_REASONS.indexOf('stopped');
const DEAD = LEAVING_REASONS.indexOf('dead');

/** What runs on a CPU. */
interface Stay {
  /** Null: nothing, or not known. */
  thread: WatchedThread | null;
  /** Of the thread; of the CPU's idling where it is known to idle. */
  startNs: number;
  idles: boolean;
  readyNs: number;
  waker: number;
}

/** A span to fill again and again. */
type Filled = { -readonly [Key in keyof AddedSpan]: AddedSpan[Key] };

export class SchedulerSpans {
  readonly #builder: ProfileBuilder;
  readonly #rowOf: (thread: WatchedThread) => number;
  readonly #stays = new Map<number, Stay>();
  readonly #span: Filled = { startNs: 0, endNs: 0, cpu: 0, thread: 0, left: 0, stack: -1, readyNs: NaN, waker: -1 };

  /** @param rowOf the row of a thread in the profile */
  constructor(builder: ProfileBuilder, rowOf: (thread: WatchedThread) => number) {
    this.#builder = builder;
    this.#rowOf = rowOf;
  }

  /**
   * A thread leaves a CPU.
   * @param left code in LEAVING_REASONS
   * @param sinceNs since when it may have been on it where no start was seen; NaN where that is not known
   */
  left(timeNs: number, cpu: number, thread: WatchedThread, left: number, stack: number, sinceNs: number): void {
    const stay = this.#stays.get(cpu);
    const isSeen = stay?.thread === thread;
    const startNs = isSeen ? stay.startNs : stay === undefined ? sinceNs : afterIdle(stay, thread);
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
  came(timeNs: number, cpu: number, thread: WatchedThread): void {
    const stay = this.#stay(cpu);
    stay.thread = thread.id === 0 ? null : thread;
    stay.startNs = timeNs;
    stay.idles = thread.id === 0;
    stay.readyNs = thread.readyNs;
    stay.waker = thread.waker;
    thread.readyNs = NaN;
    thread.waker = -1;
  }

  /** A thread can run from now on. Of several tellings of one waking the first counts: it comes from who woke it. */
  woken(timeNs: number, thread: WatchedThread, waker: WatchedThread | null): void {
    if (!Number.isNaN(thread.readyNs)) return;
    for (const stay of this.#stays.values()) if (stay.thread === thread) return;
    thread.readyNs = timeNs;
    thread.waker = waker === null || waker.id === 0 ? -1 : this.#rowOf(waker);
  }

  /** Records of a CPU are missing: who runs on it is not known any more. */
  lost(cpu: number): void {
    for (const [number, stay] of this.#stays)
      if (cpu < 0 || number === cpu) {
        stay.thread = null;
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

  #stay(cpu: number): Stay {
    let stay = this.#stays.get(cpu);
    if (stay === undefined)
      this.#stays.set(cpu, (stay = { thread: null, startNs: 0, idles: false, readyNs: NaN, waker: -1 }));
    return stay;
  }
}

/**
 * Not every kernel tells of a switch away from idling: a thread that was woken while its CPU idled began then. NaN where that
 * is not known.
 */
function afterIdle({ idles, startNs }: Stay, { readyNs }: WatchedThread): number {
  return idles && readyNs >= startNs ? readyNs : NaN;
}

/** Code in LEAVING_REASONS of a `prev_state`, as include/trace/events/sched.h and fs/proc/array.c of Linux (4.14 on) number it. */
export function reasonOf(state: number): number {
  if ((state & 0x1ff) === 0 || (state & 0x100) !== 0) return RUNNING;
  if ((state & 0x1) !== 0 || (state & 0x80) !== 0) return SLEEPING;
  if ((state & 0x2) !== 0) return DISK;
  if ((state & 0x70) !== 0) return DEAD;
  if ((state & 0xc) !== 0) return STOPPED;
  return UNKNOWN;
}

/** Of perf's own switch records, which tell no more. */
export function reasonOfSwitch(preempted: boolean): number {
  return preempted ? RUNNING : UNKNOWN;
}

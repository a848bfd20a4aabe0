// Stays of threads on CPUs from the scheduler's lines in the text of `perf script`: sched_switch, sched_wakeup, sched_waking.

import { LEAVING_REASONS, type LeavingReason } from '#core/profile';
import type { ProfileBuilder } from '../profile-builder.ts';
import type { SampleLine } from './perf-script-lines.ts';
import type { PerfScriptThreads } from './perf-script-threads.ts';

interface Stay {
  readonly thread: number;
  readonly startNs: number;
  readonly readyNs: number;
  readonly waker: number;
}

interface Ready {
  readonly timeNs: number;
  readonly waker: number;
}

/** The names of threads may hold anything: what follows them tells where they end. */
const SWITCH =
  /^prev_comm=(.*) prev_pid=(\d{1,10}) prev_prio=-?\d+ prev_state=(\S+) ==> next_comm=(.*) next_pid=(\d{1,10}) next_prio=-?\d+/;
const WAKEUP = /^comm=(.*) pid=(\d{1,10}) prio=-?\d+/;

export class PerfScriptSpans {
  readonly #builder: ProfileBuilder;
  readonly #threads: PerfScriptThreads;
  /** By CPU. */
  readonly #running = new Map<number, Stay>();
  /** By thread: it could run from then on. */
  readonly #ready = new Map<number, Ready>();

  constructor(builder: ProfileBuilder, threads: PerfScriptThreads) {
    this.#builder = builder;
    this.#threads = threads;
  }

  /**
   * A line of the scheduler.
   * @param stack the node at which the thread left its CPU; -1 for none
   * @returns false where nothing of it is known
   */
  add(line: SampleLine, event: string, stack: number): boolean {
    if (event === 'sched:sched_switch') return this.#switch(line, stack);
    if (event === 'sched:sched_wakeup' || event === 'sched:sched_waking') return this.#wake(line);
    return false;
  }

  #switch({ rest, cpu, timeNs, process, thread: from }: SampleLine, stack: number): boolean {
    const match = SWITCH.exec(rest);
    if (match === null || cpu < 0) return false;
    this.#builder.expectSpans();
    const [previous, next] = [Number(match[2]), Number(match[5])];
    const left = reasonOf(match[3]!);
    const stay = this.#running.get(cpu);
    this.#running.delete(cpu);
    if (previous !== 0) {
      const thread = this.#threads.of(previous === from ? process : -1, previous, match[1]!);
      if (stay !== undefined && stay.thread === thread && timeNs >= stay.startNs)
        this.#builder.addSpan({ ...stay, endNs: timeNs, cpu, left: LEAVING_REASONS.indexOf(left), stack });
      // Preempted, it stands in the run queue again, and nobody woke it.
      if (left === 'running') this.#ready.set(previous, { timeNs, waker: -1 });
      else this.#ready.delete(previous);
    }
    if (next === 0) return true;
    const ready = this.#ready.get(next);
    this.#ready.delete(next);
    this.#running.set(cpu, {
      thread: this.#threads.of(-1, next, match[4]!),
      startNs: timeNs,
      readyNs: ready !== undefined && ready.timeNs <= timeNs ? ready.timeNs : Number.NaN,
      waker: ready?.waker ?? -1,
    });
    return true;
  }

  #wake({ rest, timeNs, process, thread, comm }: SampleLine): boolean {
    const match = WAKEUP.exec(rest);
    if (match === null) return false;
    const woken = Number(match[2]);
    // `waking` comes first, and tells who did it.
    if (!this.#ready.has(woken))
      this.#ready.set(woken, { timeNs, waker: thread === 0 ? -1 : this.#threads.of(process, thread, comm) });
    return true;
  }
}

/** Of a task's state as the tracepoint writes it (kernel, include/trace/events/sched.h): `R+`, `S`, `D|K`. */
function reasonOf(state: string): LeavingReason {
  switch (state[0]) {
    case 'R':
      return 'running';
    case 'S':
    case 'I':
      return 'sleeping';
    case 'D':
      return 'disk';
    case 'T':
    case 't':
      return 'stopped';
    case 'X':
    case 'Z':
    case 'x':
      return 'dead';
    default:
      return 'unknown';
  }
}

// Stays of threads on CPUs from the scheduler's lines in the text of `perf script`: sched_switch, sched_wakeup, sched_waking.

import { LEAVING_REASONS, type LeavingReason } from '#core/profile';
import { someRecorded } from '../lost-words.ts';
import type { ProfileBuilder } from '../profile-builder.ts';
import { SchedulerSpans, UNTOLD_REMARK } from '../scheduler-spans.ts';
import type { SampleLine } from './perf-script-lines.ts';
import type { PerfScriptThreads, ScriptThread } from './perf-script-threads.ts';
import { SwitchChain } from './switch-chain.ts';

/** The names of threads may hold anything: what follows them tells where they end. */
const SWITCH =
  /^prev_comm=(.*) prev_pid=(\d{1,10}) prev_prio=-?\d+ prev_state=(\S+) ==> next_comm=(.*) next_pid=(\d{1,10}) next_prio=-?\d+/;
const WAKEUP = /^comm=(.*) pid=(\d{1,10}) prio=-?\d+/;
const WAKEUPS: ReadonlySet<string> = new Set(['sched:sched_wakeup', 'sched:sched_wakeup_new', 'sched:sched_waking']);

export class PerfScriptSpans {
  readonly #builder: ProfileBuilder;
  readonly #threads: PerfScriptThreads;
  readonly #spans: SchedulerSpans<ScriptThread>;
  readonly #chain = new SwitchChain();
  /** Events of the scheduler that were taken. */
  readonly #events = new Set<string>();
  #startNs = Infinity;
  #endNs = -Infinity;
  /** Whether samples and the scheduler number threads alike: not from within a container. Null until a switch was told. */
  #numbersAgree: boolean | null = null;

  constructor(builder: ProfileBuilder, threads: PerfScriptThreads) {
    this.#builder = builder;
    this.#threads = threads;
    this.#spans = new SchedulerSpans(builder, ({ position }) => position);
  }

  /**
   * A line of the scheduler.
   * @param stack the node at which the thread left its CPU; -1 for none
   * @returns false where nothing of it is known
   */
  add(line: SampleLine, event: string, stack: number): boolean {
    const isTaken = event === 'sched:sched_switch' ? this.#switch(line, stack) : this.#wake(line, event);
    if (isTaken) this.#events.add(event);
    return isTaken;
  }

  /** A thread, or the idle one, runs on a CPU. */
  seen({ timeNs, cpu }: SampleLine, thread: ScriptThread): void {
    // Lines may come in any order; what is told late tells nothing of now.
    const isNews = timeNs >= this.#endNs;
    this.#watch(timeNs);
    if (!isNews || cpu < 0 || this.#numbersAgree !== true) return;
    // -1 is a thread at its very end.
    if (thread.id !== -1) this.#chain.seen(cpu, thread.id);
    this.#spans.seen(timeNs, cpu, thread);
  }

  /** Lines of a CPU are missing; of all of them where it is -1. */
  lost(cpu: number): void {
    this.#spans.lost(cpu);
    this.#chain.lost(cpu);
  }

  /**
   * Adds the stays that go on.
   * @param everySwitch whether each switch was recorded; null where nobody tells
   * @returns what is missing, and why: where only some switches were recorded there are no stays
   */
  finish(everySwitch: boolean | null): string[] {
    if (!(everySwitch ?? !this.#chain.isThinned)) {
      this.#builder.forgetSpans();
      return [someRecorded(this.#events)];
    }
    for (const span of this.#spans.open(this.#endNs)) this.#builder.addSpan(span);
    return this.#spans.isUntold ? [UNTOLD_REMARK] : [];
  }

  #switch({ rest, cpu, timeNs, process, thread: from }: SampleLine, stack: number): boolean {
    const match = SWITCH.exec(rest);
    if (match === null || cpu < 0) return false;
    this.#watch(timeNs);
    this.#builder.expectSpans();
    const [previous, next] = [Number(match[2]), Number(match[5])];
    // -1 is a thread at its very end.
    if (from !== -1) this.#numbersAgree = this.#numbersAgree !== false && from === previous;
    this.#chain.add(cpu, previous, next);
    if (previous !== 0) {
      const thread = this.#threads.of(previous === from ? process : -1, previous, match[1]!);
      this.#spans.left(timeNs, cpu, thread, LEAVING_REASONS.indexOf(reasonOf(match[3]!)), stack, this.#startNs);
    }
    this.#spans.came(timeNs, cpu, this.#threads.of(-1, next, match[4]!));
    return true;
  }

  #wake(line: SampleLine, event: string): boolean {
    const match = WAKEUPS.has(event) ? WAKEUP.exec(line.rest) : null;
    if (match === null) return false;
    const { timeNs, process, thread, comm } = line;
    const waker = this.#threads.of(process, thread, comm);
    this.seen(line, waker);
    this.#spans.woken(timeNs, this.#threads.of(-1, Number(match[2]), match[1]!), waker);
    return true;
  }

  #watch(timeNs: number): void {
    if (timeNs < this.#startNs) this.#startNs = timeNs;
    if (timeNs > this.#endNs) this.#endNs = timeNs;
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

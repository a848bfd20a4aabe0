// Processes and threads as perf tells of them: who forked whom, their names, what they have mapped.

import { AddressSpace } from './address-space.ts';

export interface WatchedProcess {
  readonly id: number;
  name: string;
  space: AddressSpace;
}

export interface WatchedThread {
  readonly id: number;
  readonly process: WatchedProcess;
  name: string;
  /** Row in the profile's threads; -1 as long as nothing was seen of it there. */
  row: number;
  /** Since when it could run but does not, nanoseconds, and the row of who woke it; NaN and -1 where that is not known. */
  readyNs: number;
  waker: number;
}

/** The idle thread of every CPU. */
const IDLE_NAME = 'swapper';
/** How the name of a thread begins of which none is known, as perf shows it: its number follows. */
const UNNAMED = ':';

export class Threads {
  readonly #processes = new Map<number, WatchedProcess>();
  readonly #threads = new Map<number, WatchedThread>();
  /** Who started each process. */
  readonly #parents = new Map<number, number>();
  #last: WatchedThread | null = null;

  /** The thread, new or known. One of another process under this number is another thread. */
  of(process: number, thread: number): WatchedThread {
    const last = this.#last;
    if (last !== null && last.id === thread && last.process.id === process) return last;
    const known = this.#threads.get(thread);
    this.#last = known?.process.id === process ? known : this.#add(this.process(process), thread);
    return this.#last;
  }

  /** The thread of this number, of whatever process; one of its own where nothing is known of it. */
  byNumber(thread: number): WatchedThread {
    return this.#threads.get(thread) ?? this.#add(this.process(thread), thread);
  }

  process(process: number): WatchedProcess {
    const known = this.#processes.get(process);
    if (known !== undefined) return known;
    const added = { id: process, name: process === 0 ? IDLE_NAME : `${UNNAMED}${process}`, space: AddressSpace.empty };
    this.#processes.set(process, added);
    return added;
  }

  named(process: number, thread: number, name: string, exec: boolean): void {
    const { process: owner } = Object.assign(this.of(process, thread), { name });
    // The program's name stays the process's, whatever its first thread calls itself later.
    if (exec || (process === thread && owner.name.startsWith(UNNAMED))) owner.name = name;
    if (exec) owner.space = AddressSpace.empty;
  }

  /** @param madeUp by perf for a thread that was there: its parent's mappings are not its */
  forked(process: number, parent: number, thread: number, parentThread: number, madeUp: boolean): void {
    if (madeUp && this.#threads.get(thread)?.process.id === process) return;
    const name = madeUp ? undefined : this.#threads.get(parentThread)?.name;
    if (process !== parent) {
      this.#parents.set(process, parent);
      const { space } = this.process(parent);
      const forked = { id: process, name: name ?? `${UNNAMED}${process}`, space: madeUp ? AddressSpace.empty : space };
      this.#processes.set(process, forked);
    }
    const added = this.#add(this.process(process), thread);
    if (name !== undefined) added.name = name;
  }

  /** These processes and all that they started, ascending. */
  family(roots: readonly number[]): number[] {
    const family = new Set(roots);
    // Who starts others is told of before them.
    for (const [process, parent] of this.#parents) if (family.has(parent)) family.add(process);
    return [...family].sort((a, b) => a - b);
  }

  #add(process: WatchedProcess, thread: number): WatchedThread {
    const name = thread === process.id || !process.name.startsWith(UNNAMED) ? process.name : `${UNNAMED}${thread}`;
    const added = { id: thread, process, name, row: -1, readyNs: NaN, waker: -1 };
    this.#threads.set(thread, added);
    this.#last = null;
    return added;
  }
}

// Threads by their numbers, as `perf script` tells them: in one number or two, each time with the name that they have then.

import type { ProfileBuilder } from '../profile-builder.ts';
import type { ScheduledThread } from '../scheduler-spans.ts';
import { ownText } from './text-lines.ts';

export interface ScriptThread extends ScheduledThread {
  /** In the profile's threads. */
  readonly position: number;
  readonly process: number;
  name: string;
}

export class PerfScriptThreads {
  readonly #builder: ProfileBuilder;
  readonly #known = new Map<number, ScriptThread>();
  readonly #processNames = new Map<number, string>();

  constructor(builder: ProfileBuilder) {
    this.#builder = builder;
  }

  /**
   * A thread, new or known; a program that a thread begins renames it.
   * @param process -1 where it is not told
   * @param name left out where it is not told
   */
  of(process: number, thread: number, name?: string): ScriptThread {
    const known = this.#known.get(thread);
    if (known === undefined) {
      const named = name === undefined ? '' : ownText(name);
      const position = this.#builder.addThread(process, thread, '', named);
      const added = { id: thread, position, process, name: named, readyNs: NaN, waker: -1 };
      this.#known.set(thread, added);
      this.#nameProcess(added);
      return added;
    }
    if (name !== undefined && name !== known.name && thread !== 0) {
      known.name = ownText(name);
      this.#nameProcess(known);
    }
    return known;
  }

  /** The first thread of a process has its name. */
  #nameProcess({ process, id, name }: ScriptThread): void {
    if (process === id || process < 0) this.#processNames.set(id, name);
  }

  /** Gives all threads their names as they were told last. */
  finish(): void {
    for (const { position, process, name } of this.#known.values())
      this.#builder.renameThread(position, process < 0 ? '' : (this.#processNames.get(process) ?? ''), name);
  }
}

// Threads by their numbers, as `perf script` tells them: in one number or two, each time with the name that they have then.

import type { ProfileBuilder } from '../profile-builder.ts';
import { ownText } from './text-lines.ts';

interface KnownThread {
  readonly position: number;
  readonly process: number;
  readonly thread: number;
  name: string;
}

export class PerfScriptThreads {
  readonly #builder: ProfileBuilder;
  readonly #known = new Map<number, KnownThread>();
  readonly #processNames = new Map<number, string>();

  constructor(builder: ProfileBuilder) {
    this.#builder = builder;
  }

  /**
   * The position of a thread, new or known; a program that a thread begins renames it.
   * @param process -1 where it is not told
   * @param name left out where it is not told
   */
  of(process: number, thread: number, name?: string): number {
    const known = this.#known.get(thread);
    if (known === undefined) {
      const added = { position: 0, process, thread, name: name === undefined ? '' : ownText(name) };
      added.position = this.#builder.addThread(process, thread, '', added.name);
      this.#known.set(thread, added);
      this.#nameProcess(added);
      return added.position;
    }
    if (name !== undefined && name !== known.name && thread !== 0) {
      known.name = ownText(name);
      this.#nameProcess(known);
    }
    return known.position;
  }

  /** The first thread of a process has its name. */
  #nameProcess({ process, thread, name }: KnownThread): void {
    if (process === thread || process < 0) this.#processNames.set(thread, name);
  }

  /** Gives all threads their names as they were told last. */
  finish(): void {
    for (const { position, process, name } of this.#known.values())
      this.#builder.renameThread(position, process < 0 ? '' : (this.#processNames.get(process) ?? ''), name);
  }
}

// Threads of trace events: by process and thread, with the names that metadata events give them.

import type { ProfileBuilder } from '../profile-builder.ts';
import { idOf, idText, isObject, textOf, type JsonObject } from './json-values.ts';

export class TraceThreads {
  readonly #builder: ProfileBuilder;
  readonly #positions = new Map<string, number>();
  /** By `process` and `process thread`. */
  readonly #names = new Map<string, string>();

  constructor(builder: ProfileBuilder, events: readonly JsonObject[]) {
    this.#builder = builder;
    for (const event of events) {
      const named = event['ph'] === 'M' && isObject(event['args']) ? textOf(event['args']['name']) : null;
      if (named === null) continue;
      if (event['name'] === 'process_name') this.#names.set(idText(event['pid']), named);
      if (event['name'] === 'thread_name') this.#names.set(key(event['pid'], event['tid']), named);
    }
  }

  /** The position of a thread, new or known. Ids may be numbers, or any text. */
  of(process: unknown, thread: unknown): number {
    const known = this.#positions.get(key(process, thread));
    if (known !== undefined) return known;
    const { processName, name } = this.names(process, thread);
    // Thread 0 would be an idle CPU's.
    const id = idOf(thread) || -1;
    const position = this.#builder.addThread(idOf(process), id, processName, name);
    this.#positions.set(key(process, thread), position);
    return position;
  }

  names(process: unknown, thread: unknown): { readonly processName: string; readonly name: string } {
    const processName = this.#names.get(idText(process)) ?? (idOf(process) < 0 ? (textOf(process) ?? '') : '');
    const own = this.#names.get(key(process, thread)) ?? (idOf(thread) < 0 ? textOf(thread) : null);
    return { processName, name: own ?? (thread === undefined ? '' : `thread ${idText(thread).slice(0, 40)}`) };
  }
}

function key(process: unknown, thread: unknown): string {
  return JSON.stringify([process, thread]);
}

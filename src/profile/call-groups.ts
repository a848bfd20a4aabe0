// What a call tree can be grouped by before its functions: who ran, or where the time was spent.

import { FUNCTION_KINDS, type Profile } from '#core/profile';
import type { CallEvents } from './call-events.ts';

/** `library` and `kind` are those of the innermost function. */
export const CALL_GROUPINGS = ['thread', 'process', 'cpu', 'library', 'kind'] as const;
export type CallGrouping = (typeof CALL_GROUPINGS)[number];

export interface EventGroups {
  readonly names: readonly string[];
  /** Group of an event, by its position. */
  readonly groupOf: (event: number) => number;
}

export function groupEvents(profile: Profile, { thread, cpu, stack }: CallEvents, grouping: CallGrouping): EventGroups {
  const { threads, functions, libraries, stacks } = profile;
  switch (grouping) {
    case 'thread': {
      const names = threads.name.map((name, i) => `${name || 'thread'} (${threads.thread[i]})`);
      return { names, groupOf: (event) => thread[event]! };
    }
    case 'process': {
      const { names, group } = distinct(
        threads.processName.map((name, i) => `${name || 'process'} (${threads.process[i]})`),
      );
      return { names, groupOf: (event) => group[thread[event]!]! };
    }
    case 'cpu': {
      const highest = cpu.reduce((most, one) => Math.max(most, one), -1);
      const names = ['unknown CPU', ...Array.from({ length: highest + 1 }, (_, i) => `CPU ${i}`)];
      return { names, groupOf: (event) => cpu[event]! + 1 };
    }
    case 'library':
      return ofInnermost(libraries, (called) => functions.library[called]!);
    case 'kind':
      return ofInnermost(FUNCTION_KINDS, (called) => functions.kind[called]!);
  }

  function ofInnermost(names: readonly string[], groupOf: (called: number) => number): EventGroups {
    return {
      names: [...names, 'no stack'],
      groupOf: (event) => (stack[event]! < 0 ? names.length : groupOf(stacks.function[stack[event]!]!)),
    };
  }
}

/** Threads of a process whose name changed are still its; a number that another process has later is another one by its name. */
function distinct(texts: readonly string[]): { names: string[]; group: Uint32Array } {
  const places = new Map<string, number>();
  const group = Uint32Array.from(texts, (text) => {
    if (!places.has(text)) places.set(text, places.size);
    return places.get(text)!;
  });
  return { names: [...places.keys()], group };
}

// What the rows of a heatmap can be: all CPUs together, each CPU, the busiest threads or processes, the phases of a run.

import type { ThreadTable } from '#core/profile';

export const ROW_KINDS = ['all', 'cpu', 'thread', 'process', 'phase'] as const;
export type RowKind = (typeof ROW_KINDS)[number];

/** A stretch of a run that has a name; several may have the same. */
export interface NamedRange {
  readonly name: string;
  readonly fromNs: number;
  readonly toNs: number;
}

/** Which row each thread belongs to. */
export interface RowGroups {
  /** Row of each position in `threads`; -1 where it belongs to none. */
  readonly row: Int32Array;
  readonly names: readonly string[];
  /** Positions in `threads` by row. */
  readonly members: readonly (readonly number[])[];
}

/** A CPU's idle thread. */
export function isIdleThread(threads: ThreadTable, position: number): boolean {
  return threads.thread[position] === 0;
}

/**
 * The busiest threads or processes a row each, those of the run first and of them the busiest, and all others in one last row.
 * @param busyNs CPU time by position in `threads`
 * @param own positions of the run's own threads; null where they are not told from others
 * @param top rows besides the last
 */
export function groupThreads(
  threads: ThreadTable,
  busyNs: Float64Array,
  kind: 'thread' | 'process',
  top: number,
  own: ReadonlySet<number> | null,
): RowGroups {
  const groups = new Map<number, { readonly members: number[]; readonly isOwn: boolean; busyNs: number }>();
  for (let position = 0; position < threads.thread.length; position++) {
    if (isIdleThread(threads, position) || !(busyNs[position]! > 0)) continue;
    const key = kind === 'thread' ? position : threads.process[position]!;
    const group = groups.get(key) ?? { members: [], isOwn: own?.has(position) === true, busyNs: 0 };
    groups.set(key, group);
    group.members.push(position);
    group.busyNs += busyNs[position]!;
  }
  const ordered = [...groups.values()].sort((a, b) => Number(b.isOwn) - Number(a.isOwn) || b.busyNs - a.busyNs);
  // One row more says more than a rest of one.
  const shown = ordered.length <= top + 1 ? ordered : ordered.slice(0, top);
  const rest = ordered.slice(shown.length);
  const members = shown.map((group) => group.members);
  const names = members.map(([first]) => rowName(threads, first!, kind));
  if (rest.length > 0) {
    members.push(rest.flatMap((group) => group.members));
    names.push(`${rest.length} other ${kind === 'thread' ? 'threads' : 'processes'}`);
  }
  const row = new Int32Array(threads.thread.length).fill(-1);
  for (const [at, positions] of members.entries()) for (const position of positions) row[position] = at;
  return { row, names, members };
}

function rowName(threads: ThreadTable, position: number, kind: 'thread' | 'process'): string {
  const process = threads.processName[position] || 'process';
  if (kind === 'process') return `${process} ${threads.process[position]}`;
  return `${threads.name[position] || process} ${threads.thread[position]}`;
}

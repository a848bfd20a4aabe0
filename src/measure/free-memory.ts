// Memory that programs may still take, in a container within its limit.

import { freemem } from 'node:os';
import { type Cgroup, groupBytes, groupFolders, ownCgroups, type OwnCgroups, textOf } from './own-cgroup.ts';

/** Files of a group, and the lines of its memory.stat whose bytes the kernel takes back before it kills anything. */
const VERSIONS = {
  1: {
    limit: 'memory.limit_in_bytes',
    taken: 'memory.usage_in_bytes',
    cached: ['total_inactive_file', 'total_active_file'],
  },
  2: { limit: 'memory.max', taken: 'memory.current', cached: ['inactive_file', 'active_file', 'slab_reclaimable'] },
} as const;

interface LimitedGroup {
  readonly folder: string;
  readonly version: 1 | 2;
  /** Bytes. */
  readonly limit: number;
}

export class FreeMemory {
  readonly #groups: readonly LimitedGroup[];
  readonly #ofMachine: () => number;

  /** @param ofMachine bytes that the kernel says are available */
  constructor(groups: OwnCgroups | null = ownCgroups(), ofMachine: () => number = freemem) {
    this.#groups = [...limited(groups?.unified ?? null, 2), ...limited(groups?.memory ?? null, 1)];
    this.#ofMachine = ofMachine;
  }

  /** Bytes, of the tightest of the machine and the groups around this process. Files in the page cache are free memory. */
  read(): number {
    return this.#groups.reduce((least, group) => Math.min(least, leftIn(group)), this.#ofMachine());
  }
}

function limited(group: Cgroup | null, version: 1 | 2): LimitedGroup[] {
  return groupFolders(group).flatMap((folder) => {
    const limit = groupBytes(textOf(`${folder}/${VERSIONS[version].limit}`));
    return limit === null ? [] : [{ folder, version, limit }];
  });
}

/** Infinity where it can't be read: then only the machine's counts. */
function leftIn({ folder, version, limit }: LimitedGroup): number {
  const { taken, cached } = VERSIONS[version];
  const bytes = groupBytes(textOf(`${folder}/${taken}`));
  if (bytes === null) return Infinity;
  let back = 0;
  for (const line of textOf(`${folder}/memory.stat`)?.split('\n') ?? []) {
    const [name, value] = line.split(' ');
    if ((cached as readonly string[]).includes(name!)) back += Number(value);
  }
  return Math.max(0, limit - Math.max(0, bytes - back));
}

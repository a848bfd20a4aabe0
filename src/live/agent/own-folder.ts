// A folder that belongs to one agent for its life: its spool and what it keeps of recordings. What a killed agent left is
// removed by the next one on that machine.

import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { isSameProcess, ownIdentity } from '#system/process-identity';

const PREFIX = 'encodelab-agent-';

/**
 * Makes a folder that nobody else can read, and removes those of agents that are gone.
 * @param parent where; the system's folder for temporary files by default
 */
export function makeOwnFolder(parent: string = os.tmpdir()): string {
  mkdirSync(parent, { recursive: true });
  removeStale(parent);
  const { pid, startTicks } = ownIdentity();
  return mkdtempSync(join(parent, `${PREFIX}${pidNamespace()}-${pid}-${startTicks}-`));
}

function removeStale(parent: string): void {
  const pattern = new RegExp(`^${PREFIX}${pidNamespace()}-(\\d+)-(\\d+)-\\w+$`);
  for (const name of readdirSync(parent)) {
    const [, pid, startTicks] = pattern.exec(name) ?? [];
    if (pid === undefined || isSameProcess(Number(pid), Number(startTicks))) continue;
    // It may belong to another user: then it is theirs to remove.
    rmSync(join(parent, name), { recursive: true, force: true, maxRetries: 0 });
  }
}

/** Process ids of another container mean nothing here, even where the folder is shared. */
function pidNamespace(): string {
  try {
    return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '0';
  } catch {
    return '0';
  }
}

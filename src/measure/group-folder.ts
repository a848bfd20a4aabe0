// One folder of the cgroup file system: its processes, and its end.

import { mkdirSync, readdirSync, readlinkSync, rmdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ByteCursor } from './byte-cursor.ts';
import { codeOf, HeldFile } from './held-file.ts';
import { textOf } from './own-cgroup.ts';
import { processStartTicks } from '#system/process-identity';

const PREFIX = 'encodelab';
/** A killed process leaves its group when the kernel has taken it down. */
const REMOVE_ROUNDS = 100;
const REMOVE_PAUSE_MS = 20;

export class GroupFolder {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** Makes the group; the system's error code where that may not be. */
  static make(parent: string, name: string): GroupFolder | string {
    const path = `${parent}/${name}`;
    try {
      mkdirSync(path);
      return new GroupFolder(path);
    } catch (error) {
      return codeOf(error);
    }
  }

  /** Moves a process with all its threads in here; what it starts later is born here. The error code where it can't be. */
  add(pid: number): string | null {
    try {
      writeFileSync(`${this.path}/cgroup.procs`, String(pid));
      return null;
    } catch (error) {
      return codeOf(error);
    }
  }

  /**
   * Appends the numbers of its processes. Opened anew each time: version 1 goes on to give a descriptor that is read
   * again within a second the list of its first reading.
   */
  pids(cursor: ByteCursor, into: number[]): void {
    const procs = HeldFile.open(`${this.path}/cgroup.procs`);
    if (typeof procs === 'string') return;
    const read = procs.readRecords(cursor);
    procs.close();
    if (!read) return;
    while (!cursor.done) {
      const pid = cursor.number();
      // 0 stands for a process of another namespace.
      if (pid > 0) into.push(pid);
      cursor.skipLine();
    }
  }

  async remove(): Promise<void> {
    await removeGroup(this.path);
  }
}

/**
 * Kills what is left in a group and takes the group away.
 * @throws Error where it is still there after two seconds
 */
export async function removeGroup(path: string): Promise<void> {
  let failure = '';
  for (let round = 0; round < REMOVE_ROUNDS; round++) {
    const pids = (textOf(`${path}/cgroup.procs`) ?? '').split('\n').filter((line) => line !== '');
    for (const pid of pids) kill(Number(pid));
    if (pids.length === 0) {
      failure = tryRemove(path) ?? '';
      if (failure === '' || failure === 'ENOENT') return;
    }
    await sleep(REMOVE_PAUSE_MS);
  }
  throw new Error(
    `the control group ${path} can't be removed: ${failure === '' ? 'its processes do not end' : failure}`,
  );
}

function tryRemove(path: string): string | null {
  try {
    rmdirSync(path);
    return null;
  } catch (error) {
    return codeOf(error);
  }
}

/** SIGKILL; never to ourselves. */
export function kill(pid: number): void {
  if (pid === process.pid) return;
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error;
  }
}

/**
 * A name that tells whose it is: the namespace in which process numbers are meant, the process, the time of its start.
 * @param id of the run
 */
export function groupName(id: string): string {
  return `${PREFIX}.${ownNamespace()}.${process.pid}.${processStartTicks(process.pid) ?? 0}.${id.replaceAll(/[^\w-]/g, '_')}`;
}

/** Groups that the system keeps whatever we do: each is waited for once. */
const kept = new Set<string>();

/**
 * Takes away groups whose maker has died, with the groups in them: after SIGKILL nobody else does, and what it ran may still be running there.
 * @throws Error where one can't be removed, the first time
 */
export async function removeStaleGroups(parent: string): Promise<void> {
  for (const name of namesIn(parent)) {
    const [prefix, namespace, pid, startTicks] = name.split('.');
    const path = `${parent}/${name}`;
    if (prefix !== PREFIX || namespace !== ownNamespace() || startTicks === undefined || kept.has(path)) continue;
    if (processStartTicks(Number(pid)) === Number(startTicks)) continue;
    await removeStaleGroups(path);
    try {
      await removeGroup(path);
    } catch (error) {
      kept.add(path);
      throw error;
    }
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    codeOf(error);
    return [];
  }
}

/** The number of `pid:[4026531836]`. */
function ownNamespace(): string {
  try {
    return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '0';
  } catch (error) {
    codeOf(error);
    return '0';
  }
}

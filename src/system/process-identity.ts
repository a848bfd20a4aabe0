// Which process is meant: a pid alone may belong to another process by now, its start time tells.

import { readFileSync } from 'node:fs';

/** Fields of /proc/PID/stat after the command's name, from 0: state is the third field of all, starttime the 22nd. */
const STATE = 0;
const START_TIME = 19;

/**
 * When a process started, in clock ticks since boot (proc(5), field 22); null where it is gone, is only a zombie that
 * nobody has collected yet, or where there is no /proc.
 */
export function processStartTicks(pid: number): number | null {
  const fields = statFields(pid);
  if (fields === null || fields[STATE] === 'Z' || fields[STATE] === 'X') return null;
  return Number(fields[START_TIME]);
}

/** True where a signal (Ctrl-Z, SIGSTOP) or a debugger keeps the process from going on. */
export function isStopped(pid: number): boolean {
  const state = statFields(pid)?.[STATE];
  return state === 'T' || state === 't';
}

/** Of /proc/PID/stat, from the state on; null where there is no such process. */
function statFields(pid: number): string[] | null {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    // ESRCH: it ended between the opening and the reading.
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES') return null;
    throw error;
  }
  // The name stands in parentheses and may hold spaces and parentheses itself: only the last one closes it.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/** True while the process that had this pid and start time runs. Without a /proc a process with that pid has to do. */
export function isSameProcess(pid: number, startTicks: number): boolean {
  if (HAS_PROC) return processStartTicks(pid) === startTicks;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** This process; start ticks are 0 where there is no /proc. */
export function ownIdentity(): { readonly pid: number; readonly startTicks: number } {
  return { pid: process.pid, startTicks: processStartTicks(process.pid) ?? 0 };
}

const HAS_PROC = processStartTicks(process.pid) !== null;

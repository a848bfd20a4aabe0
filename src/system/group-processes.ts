// Who lives in a process group, from /proc (proc(5)).

import { readdirSync, readFileSync } from 'node:fs';

/** In /proc/PID/stat behind the name: the state, the parent, the group. */
const STATE = 0;
const GROUP = 2;

/** Names of the processes in a group; those that only wait to be reaped are none. Empty without a /proc. */
export function groupProcesses(group: number): string[] {
  return processNumbers().flatMap((pid) => {
    const stat = statOf(pid);
    if (stat === null) return [];
    const nameEnd = stat.lastIndexOf(')');
    const fields = stat.slice(nameEnd + 2).split(' ');
    const isAlive = fields[STATE] !== 'Z' && fields[STATE] !== 'X';
    return isAlive && Number(fields[GROUP]) === group ? [stat.slice(stat.indexOf('(') + 1, nameEnd)] : [];
  });
}

function processNumbers(): string[] {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Null of a process that is gone. */
function statOf(pid: string): string | null {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES') return null;
    throw error;
  }
}

// Which processes keep others from a file, as Linux tells it (proc_locks(5)).

import { readdirSync, readFileSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { isStopped } from './process-identity.ts';

export interface FileLockHolder {
  readonly pid: number;
  /** Stopped by a signal (Ctrl-Z, SIGSTOP): it keeps the lock until it is continued. */
  readonly isStopped: boolean;
}

/** `7: POSIX  ADVISORY  WRITE 1234 fd:01:5678 120 120`; one that waits has an arrow behind its number. */
const HELD = /^\d+: POSIX\s+\S+\s+WRITE\s+(-?\d+)\s+[0-9a-f]+:[0-9a-f]+:(\d+)\s/u;

/**
 * The processes that hold a write lock (fcntl) on any of these files; none where the system doesn't tell, and none of
 * those whose open files we may not see.
 */
export function fileLockHolders(paths: readonly string[]): FileLockHolder[] {
  try {
    const files = new Map(
      paths
        .filter((path) => statSync(path, { throwIfNoEntry: false }) !== undefined)
        .map((path) => [String(statSync(path, { bigint: true }).ino), realpathSync(path)]),
    );
    const held = readFileSync('/proc/locks', 'latin1')
      .split('\n')
      .map((line) => HELD.exec(line))
      .filter((match) => match !== null)
      .map(([, pid, inode]) => ({ pid: Number(pid), file: files.get(inode!) }));
    // Files of other disks may have the same number: the process must have this one open.
    const pids = held.filter(({ pid, file }) => file !== undefined && hasOpen(pid, file)).map(({ pid }) => pid);
    return [...new Set(pids)].map((pid) => ({ pid, isStopped: isStopped(pid) }));
  } catch {
    // This is asked for while something else is wrong, which is what a person is to read.
    return [];
  }
}

function hasOpen(pid: number, file: string): boolean {
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder).some((descriptor) => linkTarget(`${folder}/${descriptor}`) === file);
  } catch {
    return false;
  }
}

function linkTarget(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}

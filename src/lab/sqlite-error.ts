// What SQLite reports of a file of the lab, said to the person who can mend it.

import { UserError } from '#core/user-error';
import { fileLockHolders } from '#system/file-locks';

export const SQLITE_BUSY = 5;

export interface DatabaseWords {
  readonly path: string;
  /** `catalogue`. */
  readonly name: string;
  /** What to do where the file is of no use any more. */
  readonly remake: string;
}

/** Primary result codes, https://www.sqlite.org/rescode.html */
const PROBLEMS: Readonly<Record<number, readonly [what: string, todo: string]>> = {
  3: ['permission denied', 'Mend the permissions, or name another lab with --lab.'],
  8: ['it can not be written', 'Make it writable, or name another lab with --lab.'],
  10: ['the disk reports an error or is full', 'Look at the free space and the kernel log (dmesg).'],
  13: ['the disk is full', 'Free some space there, or name another lab with --lab.'],
  14: ['it can not be opened', 'Look at the permissions of the folder, and whether something else has that name.'],
};
const DAMAGED = 11;
const NO_DATABASE = 26;

/** A UserError for what a person can mend; anything else (a bug of ours) as it came. */
export function databaseError(database: DatabaseWords, error: unknown): unknown {
  const { name, path } = database;
  const problem = problemOf(sqliteCode(error) ?? -1, database);
  if (problem === undefined) return error;
  const [what, todo] = problem;
  return new UserError({ what: `the ${name} can't be used: ${what}`, where: path, todo }, { cause: error });
}

function problemOf(
  code: number,
  { path, name, remake }: DatabaseWords,
): readonly [what: string, todo: string] | undefined {
  if (code === SQLITE_BUSY) return busyProblem(path);
  if (code === DAMAGED) return ['it is damaged', remake];
  if (code === NO_DATABASE) return [`it is damaged, or no ${name} at all`, remake];
  return PROBLEMS[code];
}

function busyProblem(path: string): readonly [what: string, todo: string] {
  const [holder] = fileLockHolders([path, `${path}-shm`]).filter(({ pid }) => pid !== process.pid);
  if (holder === undefined) return ['another process has kept it locked', 'Wait until that has ended, then try again.'];
  if (!holder.isStopped)
    return [`process ${holder.pid} has kept it locked`, 'Wait until that has ended, then try again.'];
  return [
    `process ${holder.pid} has kept it locked and is stopped`,
    `Let it go on (\`fg\` in its terminal, or \`kill -CONT ${holder.pid}\`), then try again.`,
  ];
}

/** The primary result code; null where it is no error of SQLite. */
export function sqliteCode(error: unknown): number | null {
  const { code, errcode } = (error ?? {}) as { code?: string; errcode?: number };
  // The upper bytes tell more closely what happened; the lowest is the primary code.
  return code === 'ERR_SQLITE_ERROR' && errcode !== undefined ? errcode & 0xff : null;
}

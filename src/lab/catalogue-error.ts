// What SQLite reports, said to the person who can mend it.

import { UserError } from '#core/user-error';

/** The recordings hold every result: a catalogue can be made again. */
export const RESTORE_ADVICE = 'move catalogue.sqlite away, then `encodelab runs restore`';

/** Primary result codes, https://www.sqlite.org/rescode.html */
const PROBLEMS: Readonly<Record<number, readonly [what: string, todo: string]>> = {
  3: ['permission denied', 'Mend the permissions, or name another lab with --lab.'],
  5: ['another process has kept it locked', 'Wait until that has ended, then try again.'],
  8: ['it can not be written', 'Make it writable, or name another lab with --lab.'],
  10: ['the disk reports an error or is full', 'Look at the free space and the kernel log (dmesg).'],
  11: ['it is damaged', RESTORE_ADVICE],
  13: ['the disk is full', 'Free some space there, or name another lab with --lab.'],
  14: ['it can not be opened', 'Look at the permissions of the folder, and whether something else has that name.'],
  26: ['it is damaged, or no catalogue at all', RESTORE_ADVICE],
};

/** A UserError for what a person can mend; anything else (a bug of ours) as it came. */
export function catalogueError(path: string, error: unknown): unknown {
  const problem = PROBLEMS[sqliteCode(error) ?? -1];
  if (problem === undefined) return error;
  const [what, todo] = problem;
  return new UserError({ what: `the catalogue can't be used: ${what}`, where: path, todo }, { cause: error });
}

/** The primary result code; null where it is no error of SQLite. */
export function sqliteCode(error: unknown): number | null {
  const { code, errcode } = (error ?? {}) as { code?: string; errcode?: number };
  // The upper bytes tell more closely what happened; the lowest is the primary code.
  return code === 'ERR_SQLITE_ERROR' && errcode !== undefined ? errcode & 0xff : null;
}

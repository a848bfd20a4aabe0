// What SQLite reports of the queue's file, said to the person who can mend it.

import { UserError } from '#core/user-error';
import { sqliteCode } from '#lab/catalogue-error';

const ANEW =
  'Move queue.sqlite away and start the titles again: what their items made is in the folder titles, and is used.';

/** Primary result codes, https://www.sqlite.org/rescode.html */
const PROBLEMS: Readonly<Record<number, readonly [what: string, todo: string]>> = {
  3: ['permission denied', 'Mend the permissions, or name another lab with --lab.'],
  5: ['another process has kept it locked', 'Wait until that has ended, then try again.'],
  8: ['it can not be written', 'Make it writable, or name another lab with --lab.'],
  10: ['the disk reports an error or is full', 'Look at the free space and the kernel log (dmesg).'],
  11: ['it is damaged', ANEW],
  13: ['the disk is full', 'Free some space there; nothing of the last step was written, and the titles can go on.'],
  14: ['it can not be opened', 'Look at the permissions of the folder, and whether something else has that name.'],
  26: ['it is damaged, or no queue at all', ANEW],
};

/** A UserError for what a person can mend; anything else (a bug of ours) as it came. */
export function queueError(path: string, error: unknown): unknown {
  const problem = PROBLEMS[sqliteCode(error) ?? -1];
  if (problem === undefined) return error;
  const [what, todo] = problem;
  return new UserError({ what: `the queue can't be used: ${what}`, where: path, todo }, { cause: error });
}

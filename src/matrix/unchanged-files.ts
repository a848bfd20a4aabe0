// What runs are kept under must be what they read: the files of a cell as they were when the bench began.

import { UserError } from '#core/user-error';
import { fileIdentity } from '#media/inspect-cache';
import type { PreparedCell } from './prepare-bench.ts';

/** @throws UserError where the source is not the file that was inspected */
export async function checkSource({ source, sourceIdentity }: PreparedCell): Promise<void> {
  if (source === null || sourceIdentity === null) return;
  const now = await fileIdentity(source.path);
  if (now === sourceIdentity) return;
  throw new UserError({
    what: `the source ${now === null ? 'has gone away' : 'was changed'} since the bench began`,
    where: source.path,
    todo: 'put it back, or start again: what is recorded is kept, and belongs to the source as it was',
  });
}

/** @throws UserError where the program is another file than the one that the runs are kept under */
export async function checkProgram({ program }: PreparedCell): Promise<void> {
  if (program === null) return;
  const now = await fileIdentity(program.path);
  if (now === program.identity) return;
  throw new UserError({
    what: `the program ${now === null ? 'has gone away' : 'was changed'} since the bench began`,
    where: program.path,
    todo: 'start again: what is recorded is kept, and belongs to the program as it was',
  });
}

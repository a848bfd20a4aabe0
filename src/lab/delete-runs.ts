// Deletes runs: their rows in the catalogue and their recordings.

import { UserError } from '#core/user-error';
import type { Catalogue } from '#core/catalogue';
import { changeExclusions } from './exclusions.ts';
import type { Lab } from './lab.ts';
import { moveToTrash, removeTrash } from './trash.ts';

type DeletingLab = Pick<Lab, 'path' | 'recordingFolder' | 'recordingsFolder'> & { readonly catalogue: Catalogue };

/**
 * Deletes runs with their recordings. Broken off in the middle it leaves no half a run: what has begun to go is gone
 * at the next start.
 * @returns how many there were
 * @throws UserError where one of them is not in the catalogue, or still runs
 */
export async function deleteRuns(lab: DeletingLab, ids: readonly string[]): Promise<number> {
  const open = new Set((await lab.catalogue.openRuns()).map((run) => run.id));
  for (const { id } of await lab.catalogue.abandonedRuns()) open.delete(id);
  const found = await Promise.all(ids.map((id) => lab.catalogue.run(id)));
  const problems = ids.flatMap((id, i) => {
    if (found[i] === null) return [{ what: `there is no run ${id}`, todo: '`encodelab runs` lists them.' }];
    return open.has(id) ? [{ what: `run ${id} is still going on`, todo: 'Stop it first.' }] : [];
  });
  if (problems.length > 0) throw new UserError(problems);

  for (const id of ids) await moveToTrash(lab, id);
  const deleted = await lab.catalogue.deleteRuns(ids);
  const { reasons } = await lab.catalogue.exclusions();
  const leftOut = ids.filter((id) => reasons.has(id));
  if (leftOut.length > 0) await changeExclusions(lab, leftOut, null);
  await removeTrash(lab);
  return deleted;
}

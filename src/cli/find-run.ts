// A run by its id, or by the beginning of it: ids are long and people type.

import { UserError } from '#core/user-error';
import type { Catalogue } from '#core/catalogue';
import type { RunRecord } from '#core/run';

export async function findRun(catalogue: Catalogue, id: string): Promise<RunRecord> {
  if (id.trim() === '') throw new UserError({ what: 'the id of a run is needed', todo: '`encodelab runs` lists them' });
  const ids = await catalogue.runsByPrefix(id);
  if (ids.length === 0)
    throw new UserError({ what: `there is no run ${id} in this lab`, todo: 'encodelab runs lists them' });
  if (ids.length > 1 && !ids.includes(id)) {
    throw new UserError({ what: `${id} begins more than one run`, todo: `one of: ${ids.join(', ')}` });
  }
  return (await catalogue.run(ids.includes(id) ? id : ids[0]!))!;
}

// One server with a collector a lab at a time: two would go on with each other's recordings, and take each other's address away.

import { UserError } from '#core/user-error';
import type { Lab } from '#lab/lab';
import { ownIdentity } from '#system/process-identity';
import { readServerAddress } from './server-address.ts';

const LOCK = 'server';

/**
 * Takes the lab for this process; one that was killed holds it no more.
 * @param what is served, for whoever is refused meanwhile: `encodelab serve`
 * @returns gives it back
 * @throws UserError where another process serves the lab
 */
export async function takeLab(lab: Lab, what: string): Promise<() => Promise<void>> {
  const holder = { ...ownIdentity(), what };
  const other = await lab.catalogue.lock(LOCK, holder);
  if (other === null) return () => lab.catalogue.unlock(LOCK, holder);
  // One that starts just now has no address yet; a damaged one is told by whoever needs it.
  const url = await readServerAddress(lab.path).catch(() => null);
  throw new UserError({
    what: `this lab is served already${url === null ? '' : ` at ${url}`}, by process ${other.pid} (${other.what})`,
    where: lab.path,
    todo: 'encodelab serve --link prints another link to its pages; --lab FOLDER serves another lab',
  });
}

// Is the source still what was inspected? Asked before and after every item that reads it.

import { UserError } from '#core/user-error';
import { hashFile } from '#media/content-hash';
import { fileIdentity } from '#media/inspect-cache';
import type { TitleRequest } from './title-request.ts';

/** Files that were found to hold the same although they are others by now: moved, copied back, touched. */
const known = new Set<string>();

/**
 * @param hash of the content that was inspected
 * @throws UserError where it is gone or holds something else: nothing that is made from it could be trusted
 */
export async function checkSourceIsSame(
  { source, identity }: TitleRequest,
  hash: string,
  signal: AbortSignal,
): Promise<void> {
  if (identity === null) return;
  const now = await fileIdentity(source);
  if (now === identity) return;
  if (now === null)
    throw new UserError({
      what: 'the source is gone',
      where: source,
      todo: 'Bring it back where it was, and go on with --resume.',
    });
  const both = `${now} ${hash}`;
  if (known.has(both)) return;
  if ((await hashFile(source, signal)) !== hash)
    throw new UserError({
      what: 'the source was changed while the title was made',
      where: source,
      todo: 'Bring the old one back and go on with --resume, or make a new title of the new one.',
    });
  known.add(both);
}

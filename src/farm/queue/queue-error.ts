// What is wrong with the queue's file, said to the person who can mend it.

import { databaseError } from '#lab/sqlite-error';

const REMAKE =
  'Move queue.sqlite away and start the titles again: what their items made is in the folder titles, and is used.';

/** A UserError for what a person can mend; anything else (a bug of ours) as it came. */
export function queueError(path: string, error: unknown): unknown {
  return databaseError({ path, name: 'queue', remake: REMAKE }, error);
}

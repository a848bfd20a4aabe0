// What is wrong with the catalogue's file, said to the person who can mend it.

import { databaseError } from './sqlite-error.ts';

/** The recordings hold every result: a catalogue can be made again. */
export const RESTORE_ADVICE = 'move catalogue.sqlite away, then `encodelab runs restore`';

/** A UserError for what a person can mend; anything else (a bug of ours) as it came. */
export function catalogueError(path: string, error: unknown): unknown {
  return databaseError({ path, name: 'catalogue', remake: RESTORE_ADVICE }, error);
}

// Are two ladders the same but for their names? Then what one made is current for the other.

import type { Ladder } from '#core/title';

/** Equal texts for ladders that make the same, whatever their names and the order of their keys. */
export function ladderContent(ladder: Ladder): string {
  return JSON.stringify({ ...ladder, name: '' }, (_key, value: unknown) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}

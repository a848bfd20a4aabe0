// One slot for each combination of what stands at x, colour, shape and in the legend: where colours are taken by something else.

import type { Arranged } from './arranged.ts';
import { rankKeys } from './grouping.ts';

export interface Slots {
  /** What stands there, `codec, preset`. */
  readonly title: string;
  readonly titles: readonly string[];
  /** Of each group its slot. */
  readonly ids: Uint32Array;
}

export function slotsOf({ groups, x, told }: Arranged): Slots {
  const splits = [x, ...told];
  const keys = rankKeys(
    groups.digits.slice(2),
    splits.map(({ titles }) => titles.length),
    groups.count,
  );
  const used = splits.flatMap((split, k) => (split.property === null ? [] : [{ split, digits: keys.digits[k]! }]));
  return {
    title: used.map(({ split }) => split.title).join(', '),
    titles: Array.from({ length: keys.count }, (_, slot) =>
      used.map(({ split, digits }) => split.titles[digits[slot]!]!).join(', '),
    ),
    ids: keys.ids,
  };
}

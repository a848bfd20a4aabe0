// One slot for each combination of what stands at x, colour, shape and in the legend: where colours are taken by something else.

import type { Arranged } from './arranged.ts';
import { rankKeys } from './grouping.ts';

export interface Slots {
  /** What stands there, `codec, preset`. */
  readonly title: string;
  /** Of all facets; of each column its own where none has all (presets, of which each codec has its own): slots of the others would be holes. */
  readonly titles: readonly (readonly string[])[];
  /** Of each group its slot, in its column. */
  readonly ids: Uint32Array;
}

export function slotsOf({ groups, column, x, told }: Arranged): Slots {
  const splits = [x, ...told];
  const keys = rankKeys(
    groups.digits.slice(2),
    splits.map(({ titles }) => titles.length),
    groups.count,
  );
  const used = splits.flatMap((split, k) => (split.property === null ? [] : [{ split, digits: keys.digits[k]! }]));
  const titles = Array.from({ length: keys.count }, (_, slot) =>
    used.map(({ split, digits }) => split.titles[digits[slot]!]!).join(', '),
  );
  const taken = column.titles.map(() => new Set<number>());
  for (let group = 0; group < groups.count; group++) taken[groups.digits[0]![group]!]!.add(keys.ids[group]!);
  const isNested = taken.every(({ size }) => size < keys.count);
  const shown = taken.map((slots) => [...slots].sort((a, b) => a - b));
  return {
    title: used.map(({ split }) => split.title).join(', '),
    titles: isNested ? shown.map((slots) => slots.map((slot) => titles[slot]!)) : [titles],
    ids: isNested ? keys.ids.map((slot, group) => shown[groups.digits[0]![group]!]!.indexOf(slot)) : keys.ids,
  };
}

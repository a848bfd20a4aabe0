// Work cut in another way: long items in halves.

import { quantile } from '#analysis/quantile';
import { RESOURCES } from '#core/packing';
import { emptyItems, type Work } from './work.ts';

/** Items whose predicted duration is above this quantile are long. */
const LONG = 0.9;
const R = RESOURCES.length;

/** Each long item becomes two of half its duration and disk and the same other needs, which come together. What a cut itself costs is not counted. */
export function splitLongItems(work: Work): Work {
  const { items, truth, groups } = work;
  const longS = quantile(items.durationS, LONG);
  const parts = (item: number) => (items.durationS[item]! > longS ? 2 : 1);
  let count = 0;
  for (let i = 0; i < items.count; i++) count += parts(i);
  const split: Work = {
    ...emptyItems(count),
    groups: { ...groups, first: new Int32Array(groups.count + 1) },
    titles: work.titles,
  };
  let to = 0;
  for (let g = 0; g < groups.count; g++) {
    for (let i = groups.first[g]!; i < groups.first[g + 1]!; i++) {
      const pieces = parts(i);
      for (let piece = 0; piece < pieces; piece++, to++) {
        split.items.need.set(items.need.subarray(i * R, (i + 1) * R), to * R);
        split.items.need[to * R + 2]! /= pieces;
        split.items.durationS[to] = items.durationS[i]! / pieces;
        split.items.deadlineS[to] = items.deadlineS[i]!;
        split.items.priority[to] = items.priority[i]!;
        split.items.title[to] = items.title[i]!;
        split.truth.durationS[to] = truth.durationS[i]! / pieces;
        split.truth.cores[to] = truth.cores[i]!;
        split.truth.memoryBytes[to] = truth.memoryBytes[i]!;
      }
    }
    split.groups.first[g + 1] = to;
  }
  return split;
}

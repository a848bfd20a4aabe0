// Work cut in another way: long chunks in halves.

import { quantile } from '#analysis/quantile';
import { RESOURCES } from '#core/packing';
import { emptyItems, type Work } from './work.ts';

/** Chunks whose predicted duration is above this quantile of all chunks' are long. */
const LONG = 0.9;
const R = RESOURCES.length;

/** Long chunks by the name of their work; none where all last as long. */
export function longChunks(work: Work): ReadonlyMap<string, number> {
  const { names, of } = work.chunks;
  const counts = new Map<string, number>();
  const isLong = longTest(work);
  for (let item = 0; item < work.items.count; item++) {
    if (!isLong(item)) continue;
    const name = names[of[item]!]!;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

/** Each long chunk becomes two of half its duration and disk and the same other needs, which come together. What a cut itself costs is not counted. */
export function splitLongChunks(work: Work): Work {
  const { items, truth, groups, chunks } = work;
  const isLong = longTest(work);
  const parts = (item: number) => (isLong(item) ? 2 : 1);
  let count = 0;
  for (let i = 0; i < items.count; i++) count += parts(i);
  const empty = emptyItems(count);
  const split: Work = {
    ...empty,
    chunks: { ...empty.chunks, names: chunks.names },
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
        split.chunks.of[to] = chunks.of[i]!;
        split.truth.durationS[to] = truth.durationS[i]! / pieces;
        split.truth.cores[to] = truth.cores[i]!;
        split.truth.memoryBytes[to] = truth.memoryBytes[i]!;
      }
    }
    split.groups.first[g + 1] = to;
  }
  return split;
}

function longTest({ items, chunks }: Work): (item: number) => boolean {
  const longS = quantile(
    items.durationS.filter((_, item) => chunks.of[item]! >= 0),
    LONG,
  );
  return (item) => chunks.of[item]! >= 0 && items.durationS[item]! > longS;
}

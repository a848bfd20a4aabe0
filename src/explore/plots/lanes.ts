// How the series of a slot stand beside each other: bars, boxes.

import type { Arranged } from './arranged.ts';

export interface Lanes {
  /** That a slot has room for. */
  readonly count: number;
  /** Of each group where its lane begins, in lanes from the middle of its slot. */
  readonly left: Float32Array;
}

/**
 * A lane for each series, at the same place in all slots. Where no slot has all of them (presets, of which each codec has its own) those
 * that a slot has stand together in its middle: lanes of the others would be holes.
 */
export function lanesOf({ groups, series }: Pick<Arranged, 'groups' | 'series'>): Lanes {
  const [column, row, x] = groups.digits as [Int32Array, Int32Array, Int32Array];
  const isSameSlot = (a: number, b: number) => column[a] === column[b] && row[a] === row[b] && x[a] === x[b];
  const left = new Float32Array(groups.count);
  const starts: number[] = [];
  let fullest = 0;
  // Groups are in the order of their places: those of a slot follow each other.
  for (let group = 0; group < groups.count; group++) {
    if (group === 0 || !isSameSlot(group - 1, group)) starts.push(group);
    fullest = Math.max(fullest, group + 1 - starts.at(-1)!);
  }
  const isNested = fullest < series.count;
  for (const [slot, start] of starts.entries()) {
    const end = starts[slot + 1] ?? groups.count;
    for (let group = start; group < end; group++)
      left[group] = isNested ? group - start - (end - start) / 2 : series.ids[group]! - series.count / 2;
  }
  return { count: isNested ? fullest : series.count, left };
}

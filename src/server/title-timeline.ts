// The timeline of a title for a chart: tries that would be narrower than a pixel become one block with their neighbours.

import { TRY_ENDS, type Tries } from '#pipeline/progress/tries';
import { TITLES_VERSION, type TitleTimeline } from './titles-wire.ts';

export interface TimelineRange {
  /** Seconds after the first try; all of it where they are left out. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** Blocks of one lane at most, about: pixels of the chart. */
  readonly buckets: number;
}

export function titleTimeline(tries: Tries, { from, to, buckets }: TimelineRange, nowMs: number): TitleTimeline {
  let fromMs = Infinity;
  let toMs = -Infinity;
  for (let row = 0; row < tries.length; row++) {
    fromMs = Math.min(fromMs, tries.beganAt[row]!);
    toMs = Math.max(toMs, endOf(tries, row, nowMs));
  }
  if (tries.length === 0) fromMs = toMs = nowMs;
  const firstMs = fromMs + (from ?? 0) * 1000;
  const lastMs = to === undefined ? toMs : fromMs + to * 1000;
  const width = Math.max(1, (lastMs - firstMs) / buckets);
  const blocks = { slot: [], work: [], chunk: [], began: [], ended: [], end: [], count: [] } as {
    [name in 'slot' | 'work' | 'chunk' | 'began' | 'ended' | 'end' | 'count']: number[];
  };
  /** The last block of each slot. */
  const open = new Int32Array(tries.slots.length).fill(-1);
  for (let row = 0; row < tries.length; row++) {
    const began = tries.beganAt[row]!;
    const ended = endOf(tries, row, nowMs);
    if (ended < firstMs || began > lastMs) continue;
    const slot = tries.slot[row]!;
    const before = open[slot]!;
    const end = tries.end[row]!;
    if (before >= 0 && joins(before, row, ended)) {
      blocks.ended[before] = ended - fromMs;
      blocks.count[before]!++;
      continue;
    }
    open[slot] = blocks.slot.length;
    blocks.slot.push(slot);
    blocks.work.push(tries.lane[row]!);
    blocks.chunk.push(tries.chunk[row]!);
    blocks.began.push(began - fromMs);
    blocks.ended.push(end === 0 ? -1 : ended - fromMs);
    blocks.end.push(end);
    blocks.count.push(1);
  }
  return {
    version: TITLES_VERSION,
    fromMs,
    toMs,
    slots: tries.slots.map(({ worker, number }) => (number === 0 ? worker : `${worker} #${number + 1}`)),
    works: tries.lanes,
    ...blocks,
    ends: TRY_ENDS,
  };

  /** What failed stays seen: it never becomes part of another block. */
  function joins(block: number, row: number, ended: number): boolean {
    const end = tries.end[row]!;
    return (
      end === TRY_ENDS.indexOf('done') &&
      blocks.end[block] === end &&
      blocks.work[block] === tries.lane[row] &&
      tries.beganAt[row]! - fromMs - blocks.ended[block]! < width &&
      ended - fromMs - blocks.began[block]! < width
    );
  }
}

function endOf(tries: Tries, row: number, nowMs: number): number {
  return tries.end[row] === 0 ? Math.max(nowMs, tries.beganAt[row]!) : tries.endedAt[row]!;
}

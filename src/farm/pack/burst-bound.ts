// Lower bounds of the time that a burst takes on given workers: all of its items are there at the beginning, and none waits for another.

import { RESOURCES, type WorkItems, type WorkerSize } from '#core/packing';
import { ROUNDING } from './shape-classes.ts';

const R = RESOURCES.length;

export interface BurstBound {
  /** Seconds: no schedule ends earlier. */
  readonly seconds: number;
  /** `area`: of one resource, wanted and given; `longest`: one item alone; `exclusive`: items that keep others like them off a worker. */
  readonly by: 'area' | 'longest' | 'exclusive';
}

/**
 * The largest of: of each resource, the sum of need x duration over what all workers have of it; the longest item; and items of which no two can run
 * on one worker together, their durations over the number of workers that can take them (and where they are more than these workers,
 * the two shortest of the longest ones after each other).
 * @param workers size of each worker
 * @param counted items that can be placed at all
 */
export function boundBurst(
  items: WorkItems,
  sizes: readonly WorkerSize[],
  workers: ArrayLike<number>,
  counted: readonly number[],
): BurstBound {
  let best: BurstBound = { seconds: 0, by: 'longest' };
  const consider = (seconds: number, by: BurstBound['by']) => {
    if (seconds > best.seconds) best = { seconds, by };
  };
  for (const item of counted) consider(items.durationS[item]!, 'longest');
  for (let r = 0; r < R; r++) {
    let has = 0;
    let largest = 0;
    for (let w = 0; w < workers.length; w++) {
      const capacity = sizes[workers[w]!]!.capacity[r]! * (1 + ROUNDING);
      has += capacity;
      largest = Math.max(largest, capacity);
    }
    let area = 0;
    const exclusive: number[] = [];
    let smallest = Infinity;
    for (const item of counted) {
      const need = items.need[item * R + r]!;
      area += need * items.durationS[item]!;
      if (need <= largest / 2) continue;
      exclusive.push(items.durationS[item]!);
      smallest = Math.min(smallest, need);
    }
    if (has > 0) consider(area / has, 'area');
    const able = count(workers, (size) => sizes[size]!.capacity[r]! * (1 + ROUNDING) >= smallest);
    consider(exclusiveSeconds(exclusive, able), 'exclusive');
  }
  return best;
}

/** Items that run one after the other on each worker: all of them over the workers, or two after each other where they are one too many. */
function exclusiveSeconds(durations: readonly number[], workers: number): number {
  if (workers === 0 || durations.length === 0) return 0;
  const longest = durations.toSorted((a, b) => b - a);
  const twice = longest.length > workers ? longest[workers - 1]! + longest[workers]! : 0;
  return Math.max(longest.reduce((sum, duration) => sum + duration, 0) / workers, twice);
}

function count(workers: ArrayLike<number>, holds: (size: number) => boolean): number {
  let result = 0;
  for (let w = 0; w < workers.length; w++) if (holds(workers[w]!)) result++;
  return result;
}

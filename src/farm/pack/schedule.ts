// A schedule of a burst of work on given workers: what begins when and where, with the gap to the earliest possible end.

import type { PackPolicy, WorkItems, WorkerSize } from '#core/packing';
import { ItemHeap } from './item-heap.ts';
import { boundBurst, type BurstBound } from './burst-bound.ts';
import { createPlacer } from './placer.ts';

export interface ScheduleOptions {
  /** `throughput` where it is not given. */
  readonly policy?: PackPolicy;
  /** Seconds that each item really takes, where it is not what was predicted: decisions know `items.durationS` only. */
  readonly actualS?: Float64Array;
  /** Seconds after which a starving class gets a worker kept free; the placer's where it is not given. What is large would else come last, all of it at once. */
  readonly reserveAfterS?: number;
}

export interface Schedule {
  /** Seconds from the beginning of all; NaN where the item fits no worker. */
  readonly startS: Float64Array;
  /** Worker of each item; -1 where it fits none. */
  readonly workerOf: Int32Array;
  readonly unplaceable: number[];
  /** Seconds until the last item has ended. */
  readonly makespanS: number;
  /** No schedule of the real durations ends earlier. */
  readonly bound: BurstBound;
  /** How much later than the bound it ends, as a share of the bound. */
  readonly gap: number;
  /** Items that end after their deadline. */
  readonly late: number;
}

/**
 * List scheduling with backfill, as the workers do it: whenever one has room, the first that fits begins; by `throughput` that is the longest by
 * duration x dominant share of a worker. Nothing is interrupted.
 * @param workers size of each worker
 */
export function schedule(
  items: WorkItems,
  sizes: readonly WorkerSize[],
  workers: ArrayLike<number>,
  options: ScheduleOptions = {},
): Schedule {
  const actualS = options.actualS ?? items.durationS;
  const placer = createPlacer(items, sizes, {
    policy: options.policy ?? 'throughput',
    ...(options.reserveAfterS === undefined ? {} : { reserveAfterS: options.reserveAfterS }),
  });
  for (let w = 0; w < workers.length; w++) placer.addWorker(workers[w]!);
  placer.addItems(0, items.count);

  const startS = new Float64Array(items.count).fill(NaN);
  const endS = new Float64Array(items.count).fill(NaN);
  const workerOf = new Int32Array(items.count).fill(-1);
  const running = new ItemHeap((a, b) => endS[a]! - endS[b]! || a - b, new Int32Array(items.count));
  let nowS = 0;
  let late = 0;
  const begin = (item: number, worker: number) => {
    startS[item] = nowS;
    endS[item] = nowS + actualS[item]!;
    workerOf[item] = worker;
    if (endS[item]! > items.deadlineS[item]!) late++;
    running.add(item);
  };
  placer.place(0, begin);
  while (running.size > 0) {
    nowS = endS[running.first]!;
    // All that end now have ended before anything begins.
    while (running.size > 0 && endS[running.first]! === nowS) placer.finish(running.takeFirst(), false);
    placer.place(nowS, begin);
  }

  const unplaceable = placer.unplaceable();
  const counted = Array.from(startS.keys()).filter((item) => !Number.isNaN(startS[item]!));
  const bound = boundBurst({ ...items, durationS: actualS }, sizes, workers, counted);
  return {
    startS,
    workerOf,
    unplaceable,
    makespanS: nowS,
    bound,
    gap: bound.seconds > 0 ? nowS / bound.seconds - 1 : 0,
    late,
  };
}

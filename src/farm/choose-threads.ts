// Threads for each of many alike items, chosen together with how many of them are at work at once: the narrower the more efficient, while there
// are enough of them to keep all cores busy.

import { CPU_OVER, type ItemNeed, type Machine } from './packed-admission.ts';

/** What one item takes with so many threads and nothing beside it. */
export interface Scaled extends ItemNeed {
  readonly threads: number;
  readonly durationS: number;
}

/** A choice with fewer threads wins while it is not slower than this: it takes less CPU in all, and less memory each mostly. */
const ABOUT_EQUAL = 1.02;

/**
 * The threads with which all items are finished soonest.
 * @param items how many there are to do, all alike
 * @param scaling what one takes by threads, measured or predicted; at least one entry
 */
export function chooseThreads(items: number, scaling: readonly Scaled[], machine: Machine): number {
  const byThreads = scaling.toSorted((a, b) => a.threads - b.threads);
  let best = byThreads[0]!;
  for (const one of byThreads.slice(1))
    if (finishS(items, one, machine) * ABOUT_EQUAL < finishS(items, best, machine)) best = one;
  return best.threads;
}

/** Seconds until the last of so many items has ended, in rounds of as many as there are cores and memory for. */
function finishS(items: number, { durationS, cores, memoryBytes }: Scaled, machine: Machine): number {
  const byMemory = memoryBytes > 0 ? machine.memoryBytes / memoryBytes : Infinity;
  const byCores = cores > 0 ? (machine.cores * CPU_OVER) / cores : Infinity;
  const atOnce = Math.max(1, Math.floor(Math.min(byMemory, byCores, items)));
  return Math.ceil(items / atOnce) * durationS;
}

// How sure a median is, by the ranks of its sample alone: nothing is assumed of the shape of the noise.

/** Fewer values than this reach no 95 %, whatever is made of them: the median lies outside of all of 5 in one case of 16. */
export const LEAST_OF_INTERVAL = 6;

/**
 * How many values lie below the 95 % interval of the median, and as many above it (order statistics, sign test: David and Nagaraja, "Order Statistics", 2003, 7.1). It holds the median
 * in 95 % or more of the cases: of 6 to 8 values it goes from the smallest to the largest.
 * @returns null below LEAST_OF_INTERVAL
 */
export function beyondInterval(count: number): number | null {
  if (count < LEAST_OF_INTERVAL) return null;
  return (known[count] ??= count > MOST_EXACT ? normalBeyond(count) : exactBeyond(count));
}

const known: number[] = [];
const MOST_EXACT = 100;
const TAIL = 0.025;
const Z_TAIL = 1.959963984540054;

function exactBeyond(count: number): number {
  let chance = 0.5 ** count;
  let sum = chance;
  let beyond = 0;
  // The chance that `beyond` values or fewer lie on one side of the median.
  for (; sum <= TAIL; beyond++) {
    chance *= (count - beyond) / (beyond + 1);
    sum += chance;
  }
  return beyond - 1;
}

function normalBeyond(count: number): number {
  return Math.max(1, Math.floor((count - Z_TAIL * Math.sqrt(count)) / 2)) - 1;
}

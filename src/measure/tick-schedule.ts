// When the next sample is due: on a grid that does not drift, whatever happened to the timers.

/** A tick that would come sooner than this share of the interval after a late one is skipped: samples do not bunch. */
const SHORTEST_GAP = 0.25;

/**
 * The number of the tick to wait for; it is due at `startUs + number × intervalUs`.
 * @param last number of the tick that was taken last
 * @param nowUs when it was done
 */
export function nextTick(startUs: number, intervalUs: number, last: number, nowUs: number): number {
  const soonest = Math.ceil((nowUs - startUs) / intervalUs + SHORTEST_GAP);
  return Math.max(last + 1, soonest);
}

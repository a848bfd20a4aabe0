// An agent's clock in a recording: how far ahead of the reference it was, at the times when that was told.

export interface ClockLine {
  /** Ascending, on the agent's own clock. */
  readonly timeUs: number[];
  readonly offsetUs: number[];
}

/** Time on the reference clock: straight lines between what was told, level before the first and after the last. */
export function alignedBy({ timeUs, offsetUs }: ClockLine, at: number): number {
  let low = 0;
  let high = timeUs.length - 1;
  if (high < 0) return NaN;
  if (at <= timeUs[low]!) return at - offsetUs[low]!;
  if (at >= timeUs[high]!) return at - offsetUs[high]!;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (timeUs[middle]! <= at) low = middle;
    else high = middle;
  }
  const share = (at - timeUs[low]!) / (timeUs[high]! - timeUs[low]!);
  return at - (offsetUs[low]! + share * (offsetUs[high]! - offsetUs[low]!));
}

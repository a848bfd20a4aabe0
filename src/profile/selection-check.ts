// What is told to somebody who chose what a profile does not have: an empty choice without a word would look like an idle machine.

import type { ProfileHeader } from '#core/profile';
import { UserError } from '#core/user-error';
import type { FrameTimes } from './frame-times.ts';
import type { FrameRanges } from './frame-ranges.ts';

/**
 * @param range seconds of the run
 * @param zeroNs where second 0 of the run lies on the profile's clock
 * @returns a sentence; null where some of the profile is within the range
 */
export function outsideWords(
  { clock, startNs, endNs }: Pick<ProfileHeader, 'clock' | 'startNs' | 'endNs'>,
  zeroNs: number,
  range: { readonly from: number; readonly to: number },
): string | null {
  const [begins, ends] = [(startNs - zeroNs) / 1e9, (endNs - zeroNs) / 1e9];
  if (clock === 'none' || (range.from < ends && range.to > begins)) return null;
  return `nothing of the profile is at that time: it is from ${shownSeconds(begins)} to ${shownSeconds(ends)} s of the run`;
}

/** With hundredths. Perf begins a few milliseconds before the run: that is 0. */
export function shownSeconds(time: number): string {
  return (Math.abs(time) < 0.005 ? 0 : time).toFixed(2);
}

/**
 * @param choice as the user wrote it
 * @throws UserError where none of the chosen frames is there, or has a time
 */
export function checkFrames({ frames: counted, unknown }: FrameRanges, choice: string, { frame }: FrameTimes): void {
  if (counted > 0) return;
  let [first, last] = [Infinity, -Infinity];
  for (let row = 0; row < frame.length; row++) {
    first = Math.min(first, frame[row]!);
    last = Math.max(last, frame[row]!);
  }
  throw new UserError({
    what: unknown > 0 ? `no time is known of the frames “${choice}”` : `the run has no frames “${choice}”`,
    where: '--frames',
    todo: `it has ${frame.length} frames, from ${first} to ${last}`,
  });
}

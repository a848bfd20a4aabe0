// Options of how a profile is taken, the same for every command that takes one.

import { PROFILE_HZ, USUAL_PROFILE } from '#core/profile';
import { UserError } from '#core/user-error';

/** Samples a second; the usual where the option has no value. */
export function parseFrequency(text: string): number {
  const frequencyHz = Number(text);
  if (Number.isSafeInteger(frequencyHz) && frequencyHz >= PROFILE_HZ.min && frequencyHz <= PROFILE_HZ.max)
    return frequencyHz;
  throw new UserError({
    what: `"${text}" is no number of samples a second`,
    todo: `a whole number from ${PROFILE_HZ.min} to ${PROFILE_HZ.max}; ${USUAL_PROFILE.frequencyHz} is usual`,
  });
}

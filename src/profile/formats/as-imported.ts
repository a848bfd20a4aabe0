// What every profile from somewhere else goes through, of whatever format.

import type { Profile } from '#core/profile';
import { checkTimes } from '../possible-times.ts';
import { withTrustedSpans } from '../trusted-spans.ts';

/**
 * The profile, without stays on CPUs that its samples contradict.
 * @throws UserError where its times can't be
 */
export function asImported(profile: Profile): Profile {
  checkTimes(profile);
  return withTrustedSpans(profile);
}

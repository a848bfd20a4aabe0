// What is said to whoever names a benchmark that a lab does not have.

import { nearestName } from '#core/nearest-name';
import { UserError } from '#core/user-error';

/** @param known names of those that there are */
export function unknownBenchmark(name: string, known: readonly string[]): UserError {
  const near = nearestName(name, known);
  return new UserError({
    what: `there is no benchmark "${name}" in this lab`,
    todo: near !== null ? `did you mean ${near}?` : `there are: ${known.join(', ') || 'none yet'}`,
  });
}

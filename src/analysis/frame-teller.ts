// Who tells the frames of a stream: their times are of that role's clock.

import { PART_ROLES } from '#core/session';

/**
 * The sender, which captures and encodes; else the role that sends what it never received: the tap before a stock SPICE server.
 * Times of the latter's frames are those of their first bytes at the tap, and nobody knows when they were captured.
 * @param places `role step` of all steps that anybody told of
 */
export function roleOfFrames(places: ReadonlySet<string>): string {
  const { sender, relay } = PART_ROLES;
  if (['capture', 'encode', 'send'].some((step) => places.has(`${sender} ${step}`))) return sender;
  return places.has(`${relay} send`) && !places.has(`${relay} receive`) ? relay : sender;
}

/** `role step` of each step, once. */
export function placesOf(
  roles: readonly (string | null | undefined)[],
  steps: readonly (string | null | undefined)[],
): Set<string> {
  const places = new Set<string>();
  for (const [row, role] of roles.entries()) places.add(`${role ?? ''} ${steps[row] ?? ''}`);
  return places;
}

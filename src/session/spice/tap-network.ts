// The network that a tap can make, as a person writes it: without loss.

import type { NetworkConditions } from '#core/session';
import { parseNetwork } from '../network-setting.ts';

/** Or why it is none: what is wrong, and what to do about it where that does not say it. */
export function parseTapNetwork(
  text: string,
): { readonly ok: NetworkConditions } | { readonly what: string; readonly todo?: string } {
  const parsed = parseNetwork(text, false);
  if ('problem' in parsed) return { what: parsed.problem };
  if (parsed.ok.loss > 0) return { what: 'a tap can lose nothing: SPICE runs over TCP', todo: 'Leave loss out.' };
  return parsed;
}

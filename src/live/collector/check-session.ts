// What is wrong with a session before it is started: its settings, and agents that are not here.

import type { EncoderInfo } from '#core/encoder';
import type { Settings } from '#core/settings';
import { UserError } from '#core/user-error';
import { liveKindOf, resolveLive, type LiveSession } from '#session/live-session';
import type { AgentHub } from './agent-hub.ts';
import { missingAgents } from './part-specs.ts';

/**
 * What these settings mean.
 * @param hasDevice whether our sender encodes in the guest of a SPICE desktop
 * @throws UserError with all that is wrong
 */
export function checkSession(
  settings: Settings,
  encoders: readonly EncoderInfo[],
  hub: AgentHub,
  hasDevice: boolean,
): LiveSession {
  const resolved = resolveLive(settings, encoders, hasDevice);
  const problems =
    'problems' in resolved ? resolved.problems.map(({ setting, what, todo }) => ({ where: setting, what, todo })) : [];
  const kind = liveKindOf(settings);
  const missing = kind === null ? [] : missingAgents(hub, kind);
  if ('problems' in resolved || missing.length > 0) throw new UserError([...problems, ...missing]);
  return resolved;
}

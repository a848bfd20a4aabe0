// What is wrong with a session before it is started: its settings, and agents that are not here.

import type { EncoderInfo } from '#core/encoder';
import type { Settings } from '#core/settings';
import { UserError } from '#core/user-error';
import { resolveSession, type ResolvedSession } from '#session/session-settings';
import type { AgentHub } from './agent-hub.ts';
import { missingRoles } from './part-specs.ts';

/** What these settings mean. @throws UserError with all that is wrong */
export function checkSession(settings: Settings, encoders: readonly EncoderInfo[], hub: AgentHub): ResolvedSession {
  const resolved = resolveSession(settings, encoders);
  const problems =
    'problems' in resolved ? resolved.problems.map(({ setting, what, todo }) => ({ where: setting, what, todo })) : [];
  const missing = missingRoles(hub).map((role) => ({
    what: `no agent of the role ${role} is connected`,
    todo: `Start one: encodelab agent --role ${role} --collector URL`,
  }));
  if ('problems' in resolved || missing.length > 0) throw new UserError([...problems, ...missing]);
  return resolved;
}

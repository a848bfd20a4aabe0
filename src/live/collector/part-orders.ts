// Orders to agents that concern their parts of a session.

import type { SessionPart } from '#core/session';
import { UserError } from '#core/user-error';
import type { PartSpec, RelayAddress } from '#session/part';
import type { Agent, AgentPart } from './agent.ts';

/** The order to go to that relay; null where a part needs none, is there already, or does not work. */
export function connection(
  agent: Agent,
  { spec, state }: AgentPart,
  relay: RelayAddress,
): (() => Promise<void>) | null {
  if (spec === null || spec.part === 'relay' || state.state !== 'running') return null;
  if (spec.relay.host === relay.host && spec.relay.port === relay.port) return null;
  return async () => {
    await agent.ask({ name: 'part', part: spec.part, command: 'connect', ask: { relay } });
    agent.setSpec({ ...spec, relay });
  };
}

/** @throws UserError where the agent refuses or does not answer */
export async function startPart(agent: Agent, spec: PartSpec): Promise<void> {
  agent.setSpec(spec);
  try {
    await agent.ask({ name: 'start-part', spec });
  } catch (error) {
    if (agent.parts.get(spec.part)?.state.state === 'starting') agent.parts.delete(spec.part);
    throw error;
  }
}

/** Resolves when it is gone, or when it can't be ended now: then its agent's next hello tells, and it is tried again. */
export async function endPart(agent: Agent, part: SessionPart): Promise<void> {
  const before = agent.parts.get(part)?.spec;
  try {
    await agent.ask({ name: 'stop-part', part });
    if (agent.parts.get(part)?.spec === before) agent.parts.delete(part);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
  }
}

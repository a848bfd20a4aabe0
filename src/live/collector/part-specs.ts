// What the parts of a session are started with, and on whose agent.

import type { ResolvedSession } from '#session/session-settings';
import { PART_ROLES, type SessionPart } from '#core/session';
import type { PartSpec, RelayAddress } from '#session/part';
import type { Agent, AgentPart } from './agent.ts';
import type { AgentHub } from './agent-hub.ts';
import type { WantedSession } from './wanted-session.ts';

/** Of a relay that only this machine reaches, and of one that others have to reach. */
const THIS_MACHINE = '127.0.0.1';
const ALL_ADDRESSES = '0.0.0.0';

/** A part of that session on an agent, if it works or is about to; null where there is none. */
export function livePart(agent: Agent, part: SessionPart, session: string): AgentPart | null {
  const found = agent.parts.get(part);
  if (found === undefined || found.spec?.session !== session) return null;
  return found.state.state === 'running' || found.state.state === 'starting' ? found : null;
}

/** The agent that has the part, else the one that should: the relay is at the guest's where nobody is a server. */
export function agentFor(hub: AgentHub, part: SessionPart, session: string): Agent | null {
  const able = hub.withPart(part);
  const has = able.find((agent) => livePart(agent, part, session) !== null);
  if (has !== undefined) return has;
  const role = PART_ROLES[part];
  const ofRole = able.find((agent) => agent.role === role);
  if (ofRole !== undefined || part !== 'relay') return ofRole ?? null;
  return able.find((agent) => agent.role === PART_ROLES.sender) ?? null;
}

/** Roles without which there is no session, and that no connected agent has. */
export function missingRoles(hub: AgentHub): string[] {
  return [PART_ROLES.sender, PART_ROLES.receiver].filter(
    (role) => !hub.ofRole(role).some(({ hello }) => hello.parts.length > 0),
  );
}

/** Null while it has to wait for the relay's address. */
export function specFor(
  part: SessionPart,
  agent: Agent,
  wanted: WantedSession,
  resolved: ResolvedSession,
  place: { readonly relay: RelayAddress | null; readonly sameMachine: boolean; readonly relayPort: number },
): PartSpec | null {
  const common = { session: wanted.id, role: agent.role, token: wanted.token };
  if (part === 'relay')
    return {
      part,
      ...common,
      stream: streamName(wanted.streams),
      listen: { host: place.sameMachine ? THIS_MACHINE : ALL_ADDRESSES, port: place.relayPort },
      network: resolved.network,
    };
  if (place.relay === null) return null;
  const { transport } = resolved;
  const { relay } = place;
  if (part === 'receiver') return { part, ...common, stream: streamName(wanted.streams), transport, relay };
  return { part, ...common, stream: streamName(wanted.streams + 1), settings: wanted.settings, transport, relay };
}

/** Of the Nth sender of a session, from 1: each numbers its frames from 0. */
export function streamName(number: number): string {
  return number <= 1 ? 'video' : `video ${number}`;
}

export function streamNumber(name: string): number {
  return Number(/^video (\d+)$/.exec(name)?.[1] ?? 1);
}

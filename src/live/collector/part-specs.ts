// What the parts of a session are started with, and on whose agent.

import type { PartState } from '#core/live';
import { canonicalSettings } from '#core/settings';
import { senderSettings, type LiveSession } from '#session/live-session';
import { PART_ROLES, SESSION_PARTS, type LiveKind, type SessionPart } from '#core/session';
import type { PartSpec, RelayAddress, SenderSpec } from '#session/part';
import { standsBeside } from '../session-runner.ts';
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

/** The connected agent where that part works; null where it does not. */
export function workingPart(
  hub: AgentHub,
  part: SessionPart,
  session: string,
): { readonly agent: Agent; readonly state: PartState } | null {
  for (const agent of hub.withPart(part)) {
    const found = livePart(agent, part, session);
    if (found?.state.state === 'running') return { agent, state: found.state };
  }
  return null;
}

/** All parts of a session as their agents told of them; those of an agent that is away are stopped as far as we know. */
export function partsOf(hub: AgentHub, session: string): PartState[] {
  const parts: PartState[] = [];
  for (const agent of hub.agents)
    for (const { state, spec } of agent.parts.values())
      if (spec?.session === session)
        parts.push(agent.connected ? state : { ...state, state: 'stopped', note: `the agent ${agent.name} is away` });
  return parts;
}

/** The agent that has the part, else the one that should: the relay is at the guest's where nobody is a server. */
export function agentFor(hub: AgentHub, part: SessionPart, session: string, kind: LiveKind): Agent | null {
  const able = hub.withPart(part);
  const has = able.find((agent) => livePart(agent, part, session) !== null);
  if (has !== undefined) return has;
  if (kind === 'spice') return besideSpice(hub, part)[0] ?? null;
  const ofRole = able.filter(({ role }) => role === PART_ROLES[part]);
  if (ofRole.length > 0 || part !== 'relay') return ofRole[0] ?? null;
  return able.find((agent) => agent.role === PART_ROLES.sender) ?? null;
}

/** Connected agents of a part's role that were started beside what that part of a SPICE desktop needs. */
function besideSpice(hub: AgentHub, part: SessionPart): Agent[] {
  const what = ({ sender: 'device', relay: 'tap', receiver: 'log' } as const)[part];
  return hub.withPart(part).filter(({ role, hello }) => role === PART_ROLES[part] && standsBeside(hello, what));
}

/** Whether our sender can encode in the guest of a SPICE desktop. */
export function hasDevice(hub: AgentHub): boolean {
  return besideSpice(hub, 'sender').length > 0;
}

/** Parts without which a session does not work. A stock SPICE client is there whether it is watched or not. */
export function neededParts({ kind, stream }: LiveSession): readonly SessionPart[] {
  if (kind === 'loopback') return SESSION_PARTS;
  return stream === null ? ['relay'] : ['relay', 'sender'];
}

/** The part that numbers the frames. */
export function leadOf({ kind, stream }: LiveSession): SessionPart {
  return kind === 'spice' && stream === null ? 'relay' : 'sender';
}

/** Agents without which there is no session, and that are not connected. */
export function missingAgents(hub: AgentHub, kind: LiveKind): { readonly what: string; readonly todo: string }[] {
  if (kind === 'spice') {
    if (besideSpice(hub, 'relay').length > 0) return [];
    const start = `encodelab agent --role ${PART_ROLES.relay} --spice-server HOST:PORT --spice-listen PORT --collector URL`;
    return [
      { what: `no agent of the role ${PART_ROLES.relay} stands before a SPICE server`, todo: `Start one: ${start}` },
    ];
  }
  return (['sender', 'receiver'] as const)
    .filter((part) => !hub.withPart(part).some(({ role }) => role === PART_ROLES[part]))
    .map((part) => ({
      what: `no agent of the role ${PART_ROLES[part]} is connected`,
      todo: `Start one: encodelab agent --role ${PART_ROLES[part]} --collector URL`,
    }));
}

/**
 * Parts of other sessions, and of this one where somebody else has them.
 * @param isKept sessions whose parts are left alone all the same
 */
export function strayParts(
  hub: AgentHub,
  session: { readonly id: string; readonly kind: LiveKind } | null,
  isKept: (session: string) => boolean,
): { readonly agent: Agent; readonly part: SessionPart }[] {
  const strays: { agent: Agent; part: SessionPart }[] = [];
  for (const agent of hub.agents) {
    if (!agent.connected) continue;
    for (const [part, { state, spec }] of agent.parts) {
      if (state.state === 'stopped') continue;
      if (spec?.session === session?.id && session !== null && agentFor(hub, part, session.id, session.kind) === agent)
        continue;
      if (spec === null || !isKept(spec.session)) strays.push({ agent, part });
    }
  }
  return strays;
}

/** Then nobody outside of it has to reach a relay. */
export function isOneMachine(hub: AgentHub): boolean {
  const machines = new Set(SESSION_PARTS.flatMap((part) => hub.withPart(part).map(({ hello }) => hello.hostId)));
  return machines.size <= 1;
}

/** Null while it has to wait for the relay's address. */
export function specFor(
  part: SessionPart,
  agent: Agent,
  wanted: WantedSession,
  resolved: LiveSession,
  place: { readonly relay: RelayAddress | null; readonly sameMachine: boolean; readonly relayPort: number },
): PartSpec | null {
  const common = { session: wanted.id, role: agent.role, token: wanted.token };
  const isSpice = resolved.kind === 'spice';
  const isLead = part === leadOf(resolved);
  const stream = streamName(wanted.streams + (isLead ? 1 : 0));
  if (part === 'relay') {
    const listen = { host: place.sameMachine ? THIS_MACHINE : ALL_ADDRESSES, port: place.relayPort };
    const numberedBy = isLead ? 'tap' : 'sender';
    const spice = isSpice ? { spice: { wish: resolved.wish, numberedBy, agent: null } as const } : {};
    return { part, ...common, stream, listen, network: resolved.network, ...spice };
  }
  if (place.relay === null) return null;
  const { transport } = resolved;
  const { relay } = place;
  if (part === 'receiver')
    return { part, ...common, stream, transport, relay, ...(isSpice ? { spice: { agent: null } } : {}) };
  const settings = senderSettings(wanted.settings);
  return { part, ...common, stream, settings, transport, relay, ...(isSpice ? { device: '' } : {}) };
}

/** The session that a sender works for, as far as it was told. */
export function sessionOfSender({ session, settings: own, token, stream, device }: SenderSpec): WantedSession {
  const hasDevice = device !== undefined;
  const settings = hasDevice ? { ...own, session: 'spice' } : own;
  return { id: session, settings, started: settings, token, hasDevice, streams: streamNumber(stream) };
}

/** Of the Nth sender of a session, from 1: each numbers its frames from 0. */
export function streamName(number: number): string {
  return number <= 1 ? 'video' : `video ${number}`;
}

/** 1 for a name of any other kind; an agent can't make it larger than a session ever gets. */
export function streamNumber(name: string): number {
  return Number(/^video (\d{1,6})$/.exec(name)?.[1] ?? 1);
}

/** Whether a part that failed was started with what is wanted now. */
export function isAsWanted(spec: PartSpec, { settings }: WantedSession, { transport }: LiveSession): boolean {
  if (spec.part === 'relay') return true;
  if (spec.transport !== transport) return false;
  return spec.part === 'receiver' || canonicalSettings(spec.settings) === canonicalSettings(senderSettings(settings));
}

// What has changed of a live state: of a thousand agents all of it is large, and of most of them little changes.

import type { AgentState, LiveState, SessionState } from './live.ts';

/** From one state to a later one of the same collector. */
export interface LiveChanges {
  readonly nowS: number;
  /** Agents that are new, or of which more has changed than `vitals` tells: they stand behind the others, where they are new. */
  readonly agents: readonly AgentState[];
  /** Names of those that are forgotten. */
  readonly gone: readonly string[];
  /** A row for each agent, in the order of the agents; absent where it was not looked at. */
  readonly vitals?: AgentVitals;
  /** Absent where it is the same; its `parameters` are absent where they are. */
  readonly session?: (Omit<SessionState, 'parameters'> & Partial<Pick<SessionState, 'parameters'>>) | null | undefined;
  readonly recording?: LiveState['recording'];
  readonly profile?: LiveState['profile'];
  readonly refused?: LiveState['refused'];
}

/** What changes of every agent all the time. NaN where it is not known. */
interface AgentVitals {
  readonly lastSeenS: Float64Array;
  readonly offsetUs: Float64Array;
  readonly errorUs: Float64Array;
  readonly driftPpm: Float64Array;
  readonly spooled: Float64Array;
  readonly lostRows: Float64Array;
}

/**
 * What leads from one state to the other, but for the feed, which is told by its own messages.
 * @param withVitals also what changes all the time
 */
export function liveChanges(before: LiveState, now: LiveState, withVitals: boolean): LiveChanges {
  const known = new Map(before.agents.map((agent) => [agent.name, agent]));
  const names = new Set(now.agents.map(({ name }) => name));
  const { nowS, agents, session, recording, profile, refused } = now;
  return {
    nowS,
    agents: agents.filter((agent) => !isSameAgent(known.get(agent.name), agent)),
    gone: before.agents.flatMap(({ name }) => (names.has(name) ? [] : [name])),
    ...(withVitals ? { vitals: vitalsOf(agents) } : {}),
    ...(isSame(before.session, session) ? {} : { session: sessionChange(before.session, session) }),
    ...(isSame(before.recording, recording) ? {} : { recording }),
    ...(isSame(before.profile, profile) ? {} : { profile }),
    ...(isSame(before.refused, refused) ? {} : { refused }),
  };
}

/** The later state; its feed is that of the earlier one. */
export function withLiveChanges(before: LiveState, changes: LiveChanges): LiveState {
  const {
    nowS,
    vitals,
    session,
    recording = before.recording,
    profile = before.profile,
    refused = before.refused,
  } = changes;
  const agents = new Map(before.agents.map((agent) => [agent.name, agent]));
  for (const name of changes.gone) agents.delete(name);
  for (const agent of changes.agents) agents.set(agent.name, agent);
  const all = [...agents.values()];
  return {
    ...before,
    nowS,
    agents: vitals === undefined ? all : all.map((agent, row) => withVitalsOf(agent, vitals, row)),
    session:
      session === undefined
        ? before.session
        : session && { ...session, parameters: session.parameters ?? before.session?.parameters ?? [] },
    recording,
    profile,
    refused,
  };
}

function vitalsOf(agents: readonly AgentState[]): AgentVitals {
  const column = (value: (agent: AgentState) => number | null | undefined) =>
    Float64Array.from(agents, (agent) => value(agent) ?? NaN);
  return {
    lastSeenS: column(({ lastSeenS }) => lastSeenS),
    offsetUs: column(({ clock }) => clock?.offsetUs),
    errorUs: column(({ clock }) => clock?.errorUs),
    driftPpm: column(({ clock }) => clock?.driftPpm),
    spooled: column(({ spooled }) => spooled),
    lostRows: column(({ lostRows }) => lostRows),
  };
}

function withVitalsOf(agent: AgentState, vitals: AgentVitals, row: number): AgentState {
  const offsetUs = vitals.offsetUs[row]!;
  const driftPpm = vitals.driftPpm[row]!;
  return {
    ...agent,
    lastSeenS: vitals.lastSeenS[row]!,
    clock: Number.isNaN(offsetUs)
      ? null
      : { offsetUs, errorUs: vitals.errorUs[row]!, driftPpm: Number.isNaN(driftPpm) ? null : driftPpm },
    spooled: vitals.spooled[row]!,
    lostRows: vitals.lostRows[row]!,
  };
}

/** But for its vitals. What is large is the same object while it is the same. */
function isSameAgent(one: AgentState | undefined, other: AgentState): boolean {
  return (
    one !== undefined &&
    one.role === other.role &&
    one.host === other.host &&
    one.hostId === other.hostId &&
    one.pid === other.pid &&
    one.version === other.version &&
    one.environment === other.environment &&
    one.indicators === other.indicators &&
    one.allowsHooks === other.allowsHooks &&
    one.absent === other.absent &&
    one.connected === other.connected &&
    isSame(one.parts, other.parts)
  );
}

function sessionChange(before: SessionState | null, now: SessionState | null): LiveChanges['session'] {
  if (before === null || now === null || !isSame(before.parameters, now.parameters)) return now;
  const { parameters: _, ...others } = now;
  return others;
}

function isSame(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}

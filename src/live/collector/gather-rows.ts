// The last rows of a recording: all agents bring what they have, and it is on disk.

import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '#core/user-error';
import type { StreamRun } from '#run/stream-run';
import { monotonicUs } from '#system/clock';
import type { Agent } from './agent.ts';
import type { AgentHub } from './agent-hub.ts';
import type { AwayAgents } from './away-agents.ts';

/** An agent that is away at the end may come back with what it kept. */
const COME_BACK_MS = 10_000;
const LOOK_MS = 100;

interface Gathering {
  readonly hub: AgentHub;
  readonly stream: StreamRun;
  readonly away: AwayAgents;
  /** Somebody wants the end at once. */
  readonly signal: AbortSignal;
  /** A time of the recording, for people. */
  readonly at: (timeUs: number) => string;
  readonly miss: (text: string) => void;
  readonly orMiss: (what: string, act: () => Promise<void>) => Promise<void>;
}

/** Never throws for what an agent or the disk does not give: that is missing. */
export async function gatherRows(gathering: Gathering): Promise<void> {
  const { hub, stream, away, signal, at, miss, orMiss } = gathering;
  const isHere = (name: string) => hub.agent(name)?.connected === true;
  await untilBack(() => [...away.names].every(isHere), signal);
  for (const line of away.missing(isHere, at)) miss(line);
  const here = [...hub.agents].filter(({ connected }) => connected);
  await Promise.all(here.map((agent) => orMiss(`the last rows of ${agent.name}`, () => lastRows(agent, gathering))));
  for (const { name, lostRows } of here)
    if (lostRows > 0) miss(`agent ${name}: ${lostRows} rows had no room in its spool`);
  await orMiss('rows that are not on disk', () => stream.flush());
}

/** For what may come back; somebody who wants to end it at once waits for nothing. */
export async function untilBack(holds: () => boolean, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + COME_BACK_MS;
  while (!holds() && performance.now() < deadline && !signal.aborted) await sleep(LOOK_MS);
}

/** An agent that was away brings what it kept in several goes. */
async function lastRows(agent: Agent, { stream, signal, at }: Gathering): Promise<void> {
  const toUs = stream.state.toUs ?? monotonicUs();
  for (const deadline = performance.now() + COME_BACK_MS; ; await sleep(LOOK_MS)) {
    await agent.ask({ name: 'flush' });
    const nowUs = monotonicUs();
    const offsetUs = agent.clock(nowUs)?.offsetUs;
    if (offsetUs === undefined || agent.latestUs - offsetUs >= toUs || signal.aborted) return;
    if (performance.now() > deadline)
      throw new UserError({ what: `nothing came that was measured after ${at(agent.latestUs - offsetUs)}` });
  }
}

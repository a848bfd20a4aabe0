// The live system that a bench streams on: that of the lab's running server, else one of its own for the time. Roles
// without an agent get one on this machine.

import { UserError } from '#core/user-error';
import type { Lab } from '#lab/lab';
import { connectLive, type LiveClient } from '#live/live-client';
import { startLocalAgents } from '#live/local-agents';
import { labServer } from '#server/server-address';
import { startServer, type RunningServer } from '#server/start-server';
import { packageVersion } from './package-version.ts';

export const SESSION_ROLES = ['guest', 'server', 'client'] as const;
/** A server of this machine answers at once or not at all. */
const ANSWER_MS = 5_000;
const AGENTS_MS = 30_000;

export interface LiveSystem {
  readonly live: LiveClient;
  /** Ends what was started for it. */
  close(): Promise<void>;
}

export interface LiveSystemOptions {
  readonly lab: Lab;
  /** Milliseconds between samples of the agents that are started. */
  readonly intervalMs: number;
  /** Whether what is missing is started on this machine: a server, an agent of each role. A SPICE desktop's agents stand elsewhere. */
  readonly starts: boolean;
  readonly onNote: (text: string) => void;
  /** Ends the wait for agents. */
  readonly signal: AbortSignal;
}

/** @throws UserError where the server can't listen, or the agents don't come; the signal's reason where it is aborted before they have */
export async function openLiveSystem({
  lab,
  intervalMs,
  starts,
  onNote,
  signal,
}: LiveSystemOptions): Promise<LiveSystem> {
  const running = await runningServer(lab.path);
  if (running === null && !starts)
    throw new UserError({
      what: 'no server of this lab runs, and a SPICE session needs one, with its agents',
      where: lab.path,
      todo: `encodelab serve --lab ${lab.path} tells how agents are started; docs/spice-bench.md which ones`,
    });
  const own =
    running === null
      ? await startServer({ lab, port: 0, live: { lab, version: packageVersion(), what: 'a bench, while it runs' } })
      : null;
  const server = running ?? { url: own!.address, token: own!.token };
  const live = connectLive(server, 'bench');
  try {
    const { agents } = await live.state();
    const isThere = (role: string) => agents.some((agent) => agent.role === role && agent.connected);
    const roles = starts ? SESSION_ROLES.filter((role) => !isThere(role)) : [];
    if (running !== null && roles.length > 0)
      onNote(`no agent here for ${roles.join(', ')}: one is started on this machine for this bench`);
    // The hooks are those of the file that the user runs here.
    const local = startLocalAgents({
      collector: server.url,
      token: server.token,
      roles,
      allowHooks: true,
      intervalMs,
      onNews: onNote,
    });
    const close = () => closeAll(live, local, own);
    await live.waitForRoles(roles, AGENTS_MS, signal).catch(async (error: unknown) => {
      await close();
      throw error;
    });
    return { live, close };
  } catch (error) {
    await own?.close();
    throw error;
  }
}

async function closeAll(live: LiveClient, local: { close(): Promise<void> }, own: RunningServer | null): Promise<void> {
  live.close();
  await local.close();
  await own?.close();
}

/** Null where no server of the lab answers. */
async function runningServer(labPath: string): Promise<{ readonly url: string; readonly token: string } | null> {
  try {
    const server = await labServer(labPath);
    const response = await fetch(new URL('/api/v1/live/state', server.url), {
      headers: { authorization: `Bearer ${server.token}` },
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    return response.ok ? server : null;
  } catch (error) {
    // None was started, or the one that was is gone; something else may listen there by now.
    if (error instanceof UserError || error instanceof TypeError || (error as Error).name === 'TimeoutError')
      return null;
    throw error;
  }
}

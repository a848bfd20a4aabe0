// Agents on this machine as children of ours: for the demo, and for a bench that needs a live system by itself.

import { startChild, type RunningChild } from '#system/child-process';
import { ownModuleArgs } from '#system/own-module';

/** One that died is started again after this time; each further time it waits twice as long. */
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;
/** One that lived for so long begins with the shortest wait again. */
const STEADY_MS = 30_000;
/** An agent sends its last rows before it ends. */
const GRACE_MS = 8_000;

export interface LocalAgentsOptions {
  /** Address of the collector, as `serve` prints it. */
  readonly collector: string;
  readonly token: string;
  /** One agent for each: `guest`, `server`, `client`. */
  readonly roles: readonly string[];
  /** More options of `encodelab agent` for a role: `{ server: ['--spice-log', FILE] }`. */
  readonly args?: Readonly<Record<string, readonly string[]>> | undefined;
  readonly allowHooks?: boolean | undefined;
  /** 100 by default. */
  readonly intervalMs?: number | undefined;
  /** Told when one died: `the agent guest ended: …; it is started again in 1 s`. */
  readonly onNews?: ((text: string) => void) | undefined;
}

export interface LocalAgents {
  /** Process ids by role; of one that is about to be started again none. */
  readonly pids: ReadonlyMap<string, number>;
  /** Ends all of them; resolves when they are gone. */
  close(): Promise<void>;
}

/** Starts them. They never outlive us, and one that dies is started again. */
export function startLocalAgents(options: LocalAgentsOptions): LocalAgents {
  const pids = new Map<string, number>();
  const agents = options.roles.map((role) => new LocalAgent(role, options, pids));
  return {
    pids,
    async close() {
      await Promise.all(agents.map((agent) => agent.close()));
    },
  };
}

class LocalAgent {
  readonly #role: string;
  readonly #options: LocalAgentsOptions;
  readonly #pids: Map<string, number>;
  #child: RunningChild | null = null;
  #retry: NodeJS.Timeout | undefined;
  #failures = 0;
  #closed = false;

  constructor(role: string, options: LocalAgentsOptions, pids: Map<string, number>) {
    this.#role = role;
    this.#options = options;
    this.#pids = pids;
    this.#start();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#child?.end();
    await this.#child?.result;
  }

  #start(): void {
    const { collector, token, allowHooks, intervalMs = 100, args: more = {} } = this.#options;
    const args = ['agent', '--role', this.#role, '--collector', collector, '--interval', `${intervalMs}ms`];
    args.push(...(more[this.#role] ?? []));
    if (allowHooks === true) args.push('--allow-hooks');
    const startedMs = performance.now();
    // By the environment: arguments are shown to everybody.
    const child = startChild(process.execPath, [...ownModuleArgs(import.meta.url, '../cli/main'), ...args], {
      env: { ...process.env, ENCODELAB_TOKEN: token },
      graceMs: GRACE_MS,
    });
    this.#child = child;
    if (child.pid !== undefined) this.#pids.set(this.#role, child.pid);
    void child.result.then(({ end, signal, code, stderr }) => {
      this.#pids.delete(this.#role);
      this.#child = null;
      if (this.#closed) return;
      if (performance.now() - startedMs >= STEADY_MS) this.#failures = 0;
      const waitMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(this.#failures++, 10));
      const how = end === 'exited' ? `exit status ${code}` : (signal ?? end);
      const said = stderr.trim().split('\n').at(-1) ?? '';
      const why = said === '' ? how : `${how}, ${said}`;
      this.#options.onNews?.(`the agent ${this.#role} ended: ${why}; it is started again in ${waitMs / 1000} s`);
      this.#retry = setTimeout(() => this.#start(), waitMs);
    });
  }
}

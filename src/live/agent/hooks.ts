// Commands of benchmark files on this machine: only where its owner allowed them.

import { UserError } from '#core/user-error';
import { runChild } from '#system/child-process';
import type { AgentCommand, AgentHookResult } from '../agent-wire.ts';

/** At once. */
const MAX_HOOKS = 4;
const LONGEST_MS = 6 * 3600_000;
/** Kept of the end of each of its outputs. */
const TAIL_BYTES = 16 * 1024;

export class Hooks {
  readonly #allowed: boolean;
  readonly #ending = new AbortController();
  readonly #running = new Set<Promise<unknown>>();

  constructor(allowed: boolean) {
    this.#allowed = allowed;
  }

  /**
   * Runs a command to its end, however it ends.
   * @throws UserError where hooks are not allowed here, or too many run
   */
  async run({ argv, env, timeoutMs }: Extract<AgentCommand, { name: 'hook' }>): Promise<AgentHookResult> {
    if (!this.#allowed) {
      const todo = 'start it with --allow-hooks: then every command of a benchmark file for its role runs there';
      throw new UserError({ what: 'this agent runs no hooks', todo });
    }
    if (this.#running.size >= MAX_HOOKS) throw new UserError({ what: `${MAX_HOOKS} hooks run on this agent already` });
    const [program, ...args] = argv;
    if (program === undefined || program === '') throw new UserError({ what: 'a hook without a program' });
    const child = runChild(program, args, {
      env: { ...process.env, ...env },
      timeoutMs: Math.min(timeoutMs, LONGEST_MS),
      tailBytes: TAIL_BYTES,
      signal: this.#ending.signal,
    });
    this.#running.add(child);
    const result = await child.finally(() => this.#running.delete(child));
    if (result.end === 'aborted') throw new UserError({ what: 'the agent ended while the hook ran' });
    const cause = result.cause === undefined ? '' : `${program}: ${result.cause.message}`;
    return { code: result.code, end: result.end, stdout: result.stdout, stderr: result.stderr || cause };
  }

  /** Ends all that run. */
  async close(): Promise<void> {
    this.#ending.abort();
    await Promise.allSettled(this.#running);
  }
}

// The cells of a streaming benchmark on a live system: loads, settings, settling, recording; and what is put back at the end.

import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Benchmark } from '#core/benchmark';
import type { Environment } from '#core/environment';
import type { RunRecord } from '#core/run';
import type { Settings } from '#core/settings';
import { UserError, type Problem } from '#core/user-error';
import type { Lab } from '#lab/lab';
import { standsBeside, type HookPlace, type SessionRunner } from '#live/session-runner';
import type { RunIdentity } from '#run/execute-run';
import { keepFailedRun } from '#run/failed-run';
import { neededAgents } from './needed-agents.ts';
import type { HookStep } from './order.ts';
import type { StreamWork } from './prepare-streams.ts';
import { agentCommands } from './session-warnings.ts';

/** Agents of other machines are started by hand, perhaps at this very moment. */
const AGENTS_WAIT_MS = 30_000;

export interface StreamRunOptions {
  readonly lab: Lab;
  readonly identity: RunIdentity;
  /** No result, whose pictures are nobody's question. */
  readonly practice: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: (share: number) => void;
}

export class StreamCells {
  readonly #runner: SessionRunner;
  readonly #benchmark: Benchmark;
  /** What streamed before the bench took the session over. */
  #before: Settings | null = null;

  private constructor(runner: SessionRunner, benchmark: Benchmark) {
    this.#runner = runner;
    this.#benchmark = benchmark;
  }

  /**
   * Takes the session of a live system over.
   * @throws UserError where a role that the benchmark needs has no agent, or one that allows no hooks
   */
  static async begin(runner: SessionRunner, benchmark: Benchmark): Promise<StreamCells> {
    const cells = new StreamCells(runner, benchmark);
    const hookRoles = new Set(agentCommands(benchmark).map(({ role }) => role!));
    const agents = await runner.waitForAgents(neededAgents(benchmark), AGENTS_WAIT_MS);
    const refusing = agents.filter(({ role, allowsHooks }) => hookRoles.has(role as never) && !allowsHooks);
    if (refusing.length > 0)
      throw new UserError(
        refusing.map(({ name, role }) => ({
          what: `the agent ${name} allows no hooks, and this benchmark has some for the ${role}`,
          where: benchmark.file,
          todo: `start it with --allow-hooks: encodelab agent --role ${role} --allow-hooks …`,
        })),
      );
    const { session } = await runner.state();
    if (session?.running === true) cells.#before = session.settings;
    return cells;
  }

  /** The machine that encodes, and whether our encoder does so in the guest of a SPICE desktop (null where there is none). */
  async machines(): Promise<{ readonly encoding: Environment | null; readonly hasDevice: boolean | null }> {
    const agents = (await this.#runner.state()).agents.filter(({ connected }) => connected);
    const guests = agents.filter(({ role }) => role === 'guest');
    if (this.#benchmark.session !== 'spice') return { encoding: guests[0]?.environment ?? null, hasDevice: null };
    const ours = guests.find((agent) => standsBeside(agent, 'device'));
    const encoding = ours ?? agents.find((agent) => standsBeside(agent, 'tap'));
    return { encoding: encoding?.environment ?? null, hasDevice: ours !== undefined };
  }

  /** A session that can't be brought into the cell's state is a run that failed. */
  async run(work: StreamWork, options: StreamRunOptions): Promise<RunRecord> {
    const { lab, identity, practice, signal, onProgress } = options;
    const { quality, keepOutput } = this.#benchmark;
    const beganAt = performance.now();
    try {
      await this.#runner.stress(work.stress);
      await this.#runner.stream(work.settings, signal);
      await sleep(work.settleS * 1000, undefined, { signal });
      return await this.#runner.record(
        { identity, durationS: work.durationS, quality: practice ? null : quality, keepOutput },
        signal,
        onProgress,
      );
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return keepFailedRun(lab, 'stream', identity, error.message, (performance.now() - beganAt) / 1000);
    }
  }

  /** Runs one command of a hook on the agent of its role. Null where it ended well. */
  hook(step: HookStep, index: number, timeoutMs: number, signal: AbortSignal | undefined): Promise<Problem | null> {
    const { moment, property, value, commands } = step;
    const place: HookPlace = { file: resolve(this.#benchmark.file), moment, property, value, index };
    return this.#runner.hook(commands[index]!, place, timeoutMs, signal);
  }

  /** Undoes every load, and lets what streamed before stream again. */
  async end(): Promise<void> {
    if (this.#before === null) return this.#runner.end();
    await this.#runner.stress({});
    await this.#runner.stream(this.#before);
  }
}

// The benchmark files of a lab, by name, and our own command line started on one of them: one bench at a time.

import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '#core/user-error';
import { BoundedTail } from '#system/bounded-tail';
import { startChild, type RunningChild } from '#system/child-process';
import { ownModuleArgs } from '#system/own-module';
import type { ScriptFile, ScriptState } from './wire.ts';

/** Files listed; a folder with more is no folder of benchmarks. */
const MAX_SCRIPTS = 1000;
/** Bytes of output kept of the bench that runs or ran last. */
const LOG_BYTES = 64 * 1024;
/** How long a bench may take to stop when the server itself ends; its run is interrupted, so this is short. */
const CLOSE_GRACE_MS = 5_000;

interface Work {
  readonly script: string;
  readonly action: 'test' | 'run';
  readonly child: RunningChild;
  readonly log: BoundedTail;
  readonly startedAtMs: number;
  stopping: boolean;
  end: { readonly atMs: number; readonly code: number | null; readonly signal: string | null } | null;
}

export class ScriptRunner {
  readonly #labPath: string;
  readonly #command: readonly string[];
  #work: Work | null = null;
  #changes = 0;

  /** @param command arguments for this Node that start the command line; ours unless a test says otherwise */
  constructor(labPath: string, command: readonly string[] = ownModuleArgs(import.meta.url, '../cli/main')) {
    this.#labPath = labPath;
    this.#command = command;
  }

  /** Grows whenever the state or the log has changed. */
  get changes(): number {
    return this.#changes;
  }

  /** Benchmark files in LAB/benchmarks, by name. */
  async list(): Promise<Omit<ScriptFile, 'benchmark'>[]> {
    const folder = join(this.#labPath, 'benchmarks');
    const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    });
    const scripts: Omit<ScriptFile, 'benchmark'>[] = [];
    for (const name of names
      .filter((one) => /\.ya?ml$/.test(one))
      .toSorted()
      .slice(0, MAX_SCRIPTS)) {
      // A file may go away between the two calls; a folder may be called x.yaml.
      const info = await stat(join(folder, name)).catch(() => null);
      if (info?.isFile()) scripts.push({ name, bytes: info.size, modifiedAtMs: info.mtimeMs });
    }
    return scripts;
  }

  /** What runs, or ran last; null before anything was started. */
  state(): ScriptState | null {
    if (this.#work === null) return null;
    const { script, action, startedAtMs, stopping, end, log } = this.#work;
    return {
      script,
      action,
      startedAtMs,
      endedAtMs: end?.atMs ?? null,
      stopping,
      code: end?.code ?? null,
      signal: end?.signal ?? null,
      log: log.text(),
      truncated: log.truncated,
    };
  }

  /**
   * Starts `bench plan` (test) or `bench run` on a listed file.
   * @throws UserError where there is no such file or something runs already
   */
  async start(name: string, action: 'test' | 'run'): Promise<ScriptState> {
    const listed = (await this.list()).some((script) => script.name === name);
    if (!listed)
      throw new UserError({ what: `there is no benchmark file ${name} in this lab`, todo: 'reload the list' });
    if (this.#work !== null && this.#work.end === null)
      throw new UserError({
        what: `${this.#work.script} is at work`,
        todo: 'stop it first, or wait until it has ended',
      });
    const file = join(this.#labPath, 'benchmarks', name);
    const verb = action === 'test' ? 'plan' : 'run';
    const log = new BoundedTail(LOG_BYTES);
    // Something stands there at once, while Node still starts.
    log.push(Buffer.from(`$ encodelab bench ${verb} benchmarks/${name}\n`));
    const onOutput = (chunk: Buffer) => {
      log.push(chunk);
      this.#changes++;
    };
    const child = startChild(process.execPath, [...this.#command, 'bench', verb, file, '--lab', this.#labPath], {
      env: { ...process.env, NO_COLOR: '1' },
      onStdout: onOutput,
      onStderr: onOutput,
    });
    const work: Work = { script: name, action, child, log, startedAtMs: Date.now(), stopping: false, end: null };
    this.#work = work;
    this.#changes++;
    void child.result.then((result) => {
      if (result.cause !== undefined) log.push(Buffer.from(`could not be started: ${result.cause.message}\n`));
      work.end = { atMs: Date.now(), code: result.code, signal: result.signal };
      this.#changes++;
    });
    return this.state()!;
  }

  /** As Ctrl-C does: once lets the run at work end, again stops at once. */
  stop(name: string): ScriptState {
    const work = this.#work;
    if (work === null || work.end !== null || work.script !== name)
      throw new UserError({ what: `${name} is not at work`, todo: 'nothing has to be stopped' });
    interrupt(work.child);
    work.stopping = true;
    this.#changes++;
    return this.state()!;
  }

  /** Ends what runs, with the time to leave the catalogue in order. */
  async close(): Promise<void> {
    const work = this.#work;
    if (work === null || work.end !== null) return;
    interrupt(work.child);
    interrupt(work.child);
    const timer = setTimeout(() => work.child.kill(), CLOSE_GRACE_MS);
    await work.child.result;
    clearTimeout(timer);
  }
}

/** To the bench alone, not to its group: it ends its own children in order. */
function interrupt(child: RunningChild): void {
  if (child.pid === undefined) return;
  try {
    process.kill(child.pid, 'SIGINT');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

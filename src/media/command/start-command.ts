// Starts a command of the user's like an encode: it waits, begins, is measured, and its output is looked at.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Metrics } from '#core/metric';
import { COMMAND_FOLDER } from '#core/recording';
import type { Outcome } from '#core/run';
import { BoundedTail } from '#system/bounded-tail';
import { startChild, watchChildren, type ChildResult, type RunningChild } from '#system/child-process';
import { monotonicUs } from '#system/clock';
import { waitingCommand } from '#system/waiting-command';
import { shortLogTail } from '../bundled/log-tail.ts';
import { isSystemError } from '../cache-file.ts';
import type { EncodeResult, EncodeSink, RunningEncode, StartOptions } from '../running-encode.ts';
import { fillCommand, type CommandJob, type FilledCommand } from './command-job.ts';
import { readCommandMetrics, SEARCHED_BYTES } from './command-metrics.ts';
import { CommandOutput } from './command-output.ts';
import type { ElementSink } from './element-times.ts';
import { PipelineTracer } from './pipeline-tracer.ts';
import { programBuild, resolveProgram } from './program.ts';

/** A command's log in its reason. */
const LOG_TAIL_BYTES = 8 * 1024;
/** The shell that waits reads within a millisecond or two; on a machine that is loaded heavily in some seconds. */
const WAITING_TIMEOUT_MS = 5_000;
const WAITING_POLL_MS = 2;

/** Where the measurements of a command go: those of an encode, and the times of a pipeline's elements. */
export type CommandSink = EncodeSink & ElementSink;

export interface CommandResult extends EncodeResult {
  readonly metrics: Metrics;
  /** The file that it wrote; null where it writes none. */
  readonly output: string | null;
}

export interface RunningCommand extends RunningEncode {
  /** Null before it is ready, and where it could not be started. */
  readonly pid: number | null;
  readonly result: Promise<CommandResult>;
}

/** Starts the command; the program itself begins with `begin`, so that the caller can put it under probes first. */
export function startCommand(job: CommandJob, sink: CommandSink, options: StartOptions = {}): RunningCommand {
  const run = new CommandRun(job, sink, options);
  return {
    get pid() {
      return run.pid;
    },
    ready: run.ready,
    begin: () => run.begin(),
    result: run.result,
    kill: () => run.stop('killed'),
  };
}

type Stopped = 'timeout' | 'killed';

interface Started {
  /** Null where it could not be started. */
  readonly child: Promise<ChildResult> | null;
  readonly filled: FilledCommand;
  readonly build: string;
  /** Why it could not be started. */
  readonly why: string;
  /** The command's temporary folder; null where it could not be made. */
  readonly folder: string | null;
  readonly unwritable: boolean;
}

class CommandRun {
  readonly #job: CommandJob;
  readonly #sink: CommandSink;
  readonly #options: StartOptions;
  readonly ready: Promise<number | null>;
  readonly result: Promise<CommandResult>;
  readonly #log = new BoundedTail(LOG_TAIL_BYTES);
  #child: RunningChild | null = null;
  #tracer: PipelineTracer | null = null;
  #stopped: Stopped | null = null;
  #timer: NodeJS.Timeout | undefined;
  #beginUs = 0;
  #beginCpuS: number | null = null;
  #begun = false;

  constructor(job: CommandJob, sink: CommandSink, options: StartOptions) {
    this.#job = job;
    this.#sink = sink;
    this.#options = options;
    const started = this.#start().catch((error: unknown) => {
      // The run's own folder can't be written: nothing that the command is to blame for.
      if (!isSystemError(error)) throw error;
      return { ...NOT_STARTED, why: error.message, unwritable: true };
    });
    this.ready = started.then(({ child }) => (child === null ? null : this.pid));
    this.result = started.then((one) => this.#finish(one));
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  begin(): void {
    const { timeoutMs, cpuSeconds } = this.#options;
    if (timeoutMs !== undefined) this.#timer = setTimeout(() => this.stop('timeout'), timeoutMs);
    this.#beginCpuS = cpuSeconds?.() ?? null;
    this.#beginUs = monotonicUs();
    this.#begun = true;
    this.#tracer?.begin(this.#beginUs);
    if (this.pid !== null) this.#options.watch?.began(this.pid);
    this.#child?.stdin?.end('begin\n');
  }

  stop(why: Stopped): void {
    this.#stopped ??= why;
    this.#child?.kill();
  }

  async #start(): Promise<Started> {
    const folder = await mkdtemp(join(this.#job.folder, COMMAND_FOLDER));
    const none = { ...NOT_STARTED, folder };
    const filled = fillCommand(this.#job, folder);
    if (typeof filled === 'string') return { ...none, why: filled };
    const program = await resolveProgram(filled.argv[0], this.#job.spec.folder, filled.env['PATH']);
    if ('why' in program) return { ...none, why: program.why };
    const build = await programBuild(program.path);
    const { spec } = this.#job;
    if (spec.gstreamer)
      this.#tracer = await PipelineTracer.open(program.path, filled, join(folder, 'tracer'), this.#sink);
    this.#watchAbort();
    if (this.#stopped !== null) return { ...none, build };
    const enter = this.#options.enter ?? ((command, args) => [command, args]);
    const { watch } = this.#options;
    const child = startChild(...enter(...waitingCommand(program.path, filled.argv.slice(1))), {
      openInput: true,
      cwd: spec.workingFolder ?? folder,
      env: { ...process.env, ...filled.env, ...this.#tracer?.environment },
      tailBytes: SEARCHED_BYTES,
      onStdout: (chunk) => watch?.output('stdout', chunk),
      onStderr: (chunk) => {
        this.#log.push(chunk);
        watch?.output('stderr', chunk);
      },
      ...(watch === undefined ? {} : { onLeft: (names) => watch.left(names) }),
    });
    // A child that is gone can't be written to; its end tells why.
    child.stdin?.on('error', () => child.kill());
    this.#child = child;
    // `stop` may have been called in the meantime, when there was nothing to kill yet.
    if (this.#stopped !== null) child.kill();
    else await untilWaiting(child);
    return { ...none, child: child.result, filled, build };
  }

  #watchAbort(): void {
    const { signal } = this.#options;
    if (signal?.aborted === true) this.stop('killed');
    else signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  readonly #onAbort = (): void => this.stop('killed');

  async #finish(started: Started): Promise<CommandResult> {
    try {
      return await this.#carryOut(started);
    } finally {
      // Where something that the program left behind still writes into it, it goes when that is gone, with the run.
      if (started.folder !== null)
        await rm(started.folder, { recursive: true, force: true }).catch((error: unknown) => {
          if (!isSystemError(error)) throw error;
        });
    }
  }

  async #carryOut(started: Started): Promise<CommandResult> {
    const { output } = this.#job;
    if (started.child === null) {
      await this.#tracer?.close();
      const stopped = this.#stopped === 'killed';
      const reason = stopped ? 'it was told to stop' : `the command can't be started: ${started.why}`;
      return {
        ...EMPTY,
        outcome: stopped ? 'killed' : 'failed',
        reason,
        encoderBuild: started.build,
        output,
        unwritable: started.unwritable,
      };
    }
    const child = await started.child;
    const endUs = monotonicUs();
    this.#options.watch?.ended(child.code, child.signal);
    clearTimeout(this.#timer);
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
    this.#encodePhase(endUs);
    await this.#tracer?.close();
    const outcome = outcomeOf(child, this.#stopped, this.#options);
    const logTail = shortLogTail(
      [this.#log.text() || child.stdout.slice(-LOG_TAIL_BYTES), ...(this.#tracer?.otherLines ?? [])].join('\n'),
    );
    const base = {
      ...EMPTY,
      ...outcome,
      logTail,
      unwritable: DISK_FULL.test(logTail),
      encoderBuild: started.build,
      output,
    };
    if (outcome.outcome !== 'ok' || !this.#begun) return base;
    const checked = await this.#check(started, child);
    return { ...base, ...checked };
  }

  /** What the program left behind: its output's pictures, the metrics that it told, the times of its elements. */
  async #check(
    { filled, folder }: Started,
    child: ChildResult,
  ): Promise<Pick<CommandResult, 'outcome' | 'reason' | 'frames' | 'bytes' | 'metrics' | 'absent' | 'actual'>> {
    const startUs = monotonicUs();
    const { stdout, stderr } = child;
    const told = await readCommandMetrics(this.#job.spec.metrics, {
      stdout,
      stderr,
      folder: folder!,
      fill: filled.fill,
    });
    const output = new CommandOutput(this.#job, this.#sink, this.#options);
    const problem = await watchChildren(this.#options.checkWatch, () => output.read());
    const elements = (await this.#tracer?.finish(output, this.#options)) ?? { metrics: {}, absent: [NO_STEPS] };
    const endUs = monotonicUs();
    this.#sink.phase({ phase: 'check', startUs, endUs, cpuS: null });
    this.#sink.progress({ frames: output.frames, of: this.#job.picture?.expectedFrames ?? null });
    const stopped = this.#options.signal?.aborted === true;
    return {
      outcome: stopped ? 'killed' : problem === null ? 'ok' : 'failed',
      reason: stopped ? 'it was told to stop while its output was read' : problem,
      frames: output.frames,
      bytes: output.bytes,
      actual: output.actual,
      metrics: { ...elements.metrics, ...told.metrics },
      absent: [...told.absent, ...elements.absent, ...output.absent],
    };
  }

  #encodePhase(endUs: number): void {
    if (!this.#begun) return;
    this.#sink.phase({ phase: 'encode', startUs: this.#beginUs, endUs, cpuS: this.#cpuSince(this.#beginCpuS) });
  }

  #cpuSince(before: number | null): number | null {
    const now = this.#options.cpuSeconds?.() ?? null;
    return before === null || now === null ? null : Math.max(0, now - before);
  }
}

const NOT_STARTED: Started = {
  child: null,
  filled: { argv: [''], env: {}, fill: (text) => text },
  build: '',
  why: 'it was told to stop',
  folder: null,
  unwritable: false,
};
const NO_STEPS = 'encode.time: a command does not tell when a frame goes in and comes out';
/** Programs tell it in these words of the system's (strerror). */
const DISK_FULL = /No space left on device|Disk quota exceeded/;
const EMPTY = { unwritable: false, logTail: '', frames: 0, bytes: 0, actual: {}, metrics: {}, absent: [] } as const;

/** Until the shell waits for its line, so that its own start is none of the program's; not told without a /proc. */
async function untilWaiting({ pid }: RunningChild): Promise<void> {
  if (pid === undefined) return;
  const until = performance.now() + WAITING_TIMEOUT_MS;
  while (performance.now() < until) {
    const [stat, command] = await Promise.all(
      ['stat', 'cmdline'].map((file) => readFile(`/proc/${pid}/${file}`, 'latin1').catch(() => null)),
    );
    if (stat === null || command === null || stat === undefined || command === undefined) return;
    const state = stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
    if (state === 'Z' || (state === 'S' && command.startsWith('/bin/sh\0-c\0read -r _ '))) return;
    await new Promise((resolve) => setTimeout(resolve, WAITING_POLL_MS));
  }
}

function outcomeOf(
  end: ChildResult,
  stopped: Stopped | null,
  { timeoutMs }: StartOptions,
): { outcome: Outcome; reason: string | null } {
  if (stopped === 'timeout')
    return { outcome: 'timeout', reason: `it took longer than ${(timeoutMs ?? 0) / 1000} s and was killed` };
  if (stopped === 'killed') return { outcome: 'killed', reason: 'it was told to stop' };
  if (end.end === 'not-started')
    return { outcome: 'failed', reason: `the command can't be started: ${end.cause?.message ?? 'no reason is known'}` };
  if (end.signal === 'SIGKILL' || end.signal === 'SIGTERM')
    return { outcome: 'killed', reason: `somebody else killed it with ${end.signal} (out of memory?)` };
  if (end.signal !== null) return { outcome: 'failed', reason: `it crashed with ${end.signal}` };
  return end.code === 0
    ? { outcome: 'ok', reason: null }
    : { outcome: 'failed', reason: `it ended with status ${end.code}` };
}

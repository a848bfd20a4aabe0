// Child processes: an argument list, an own process group, bounded output, and an end that always comes.

import { AsyncLocalStorage } from 'node:async_hooks';
import { spawn, type ChildProcess } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { BoundedTail } from './bounded-tail.ts';
import { groupProcesses } from './group-processes.ts';

/** How long a child may take to die of SIGTERM before it gets SIGKILL. */
const DEFAULT_GRACE_MS = 2_000;
/** After the child has exited, how long to wait for pipes that a grandchild may hold open. */
const PIPE_LINGER_MS = 500;
const DEFAULT_TAIL_BYTES = 64 * 1024;

export interface ChildOptions {
  readonly cwd?: string | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** Written to its standard input, which is then closed; default: no input. */
  readonly input?: string | Uint8Array | undefined;
  /** Leaves its standard input open, for the caller to write to. */
  readonly openInput?: boolean | undefined;
  /** Gives the child a pipe on descriptor 3 that it writes to. */
  readonly channel?: boolean | undefined;
  /** Milliseconds after which the whole group is killed; none by default. */
  readonly timeoutMs?: number | undefined;
  readonly graceMs?: number | undefined;
  /** Ends the whole group when it aborts. */
  readonly signal?: AbortSignal | undefined;
  /** Kept of the end of each stream, bytes. */
  readonly tailBytes?: number | undefined;
  /** Sees every byte of standard output as it comes; the tail is kept all the same. */
  readonly onStdout?: ((chunk: Buffer) => void) | undefined;
  readonly onStderr?: ((chunk: Buffer) => void) | undefined;
  /** Sees the names of what the child has left behind in its group, before that is killed; not where the group was ended. */
  readonly onLeft?: ((names: readonly string[]) => void) | undefined;
}

export type ChildEnd = 'exited' | 'signalled' | 'timeout' | 'aborted' | 'not-started';

export interface ChildResult {
  readonly end: ChildEnd;
  /** Exit status; null where it did not exit by itself. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** True where more was written than was kept. */
  readonly truncated: boolean;
  /** The system's error where it could not be started. */
  readonly cause?: NodeJS.ErrnoException | undefined;
}

export interface RunningChild {
  /** Undefined where it could not be started. */
  readonly pid: number | undefined;
  readonly stdin: Writable | null;
  /** What the child writes to descriptor 3. */
  readonly channel: Readable | null;
  readonly result: Promise<ChildResult>;
  /** Closes our end of its standard output, as a reader does that has enough. */
  closeOutput(): void;
  /** Ends the whole group: SIGTERM, and SIGKILL after the grace period. */
  end(): void;
  /** Kills the whole group at once. */
  kill(): void;
}

/** Sees the children of a piece of work. */
export interface ChildWatch {
  /** The command line that is started in place of a child's own: one that joins a control group first. */
  readonly enter: (command: string, args: readonly string[]) => readonly [command: string, args: readonly string[]];
  readonly began: (pid: number) => void;
}

const watching = new AsyncLocalStorage<ChildWatch | undefined>();

/**
 * Does some work; every child that it starts is told to the watch, however deep down it is started.
 * @param watch undefined where somebody else watches the children of this work
 */
export function watchChildren<Result>(watch: ChildWatch | undefined, work: () => Result): Result {
  return watching.run(watch, work);
}

/** Starts a child in a process group of its own. It dies with us where the system can arrange that (Linux: setpriv). */
export function startChild(command: string, args: readonly string[], options: ChildOptions = {}): RunningChild {
  const store = watching.getStore();
  const watch = store !== undefined && canRun(command) ? store : undefined;
  const [file, argv] = boundToUs(...(watch?.enter(command, args) ?? ([command, args] as const)));
  const child = spawn(file, argv, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    detached: true,
    stdio: [
      options.input === undefined && options.openInput !== true ? 'ignore' : 'pipe',
      'pipe',
      'pipe',
      ...(options.channel ? ['pipe' as const] : []),
    ],
  });
  if (child.pid !== undefined) watch?.began(child.pid);
  const state: { end: ChildEnd | null } = { end: null };
  let graceTimer: NodeJS.Timeout | undefined;
  let isEnded = false;
  const kill = () => {
    isEnded = true;
    killGroup(child, 'SIGKILL');
  };
  const end = () => {
    isEnded = true;
    killGroup(child, 'SIGTERM');
    graceTimer ??= setTimeout(kill, options.graceMs ?? DEFAULT_GRACE_MS);
  };
  const stopFor = (reason: ChildEnd) => () => {
    state.end ??= reason;
    end();
  };
  const timer = options.timeoutMs === undefined ? undefined : setTimeout(stopFor('timeout'), options.timeoutMs);
  const onAbort = stopFor('aborted');
  if (options.signal?.aborted === true) onAbort();
  else options.signal?.addEventListener('abort', onAbort, { once: true });

  const result = collect(child, options, state).finally(() => {
    clearTimeout(timer);
    clearTimeout(graceTimer);
    options.signal?.removeEventListener('abort', onAbort);
    if (options.onLeft !== undefined && !isEnded && child.pid !== undefined) {
      const left = groupProcesses(child.pid);
      if (left.length > 0) options.onLeft(left);
    }
    kill();
  });
  if (options.input !== undefined) {
    child.stdin?.on('error', ignoreBrokenPipe);
    child.stdin?.end(options.input);
  }
  return {
    pid: child.pid,
    stdin: child.stdin,
    channel: (child.stdio[3] as Readable | undefined) ?? null,
    result,
    closeOutput: () => child.stdout?.destroy(),
    end,
    kill,
  };
}

/** Runs a child to its end. Never throws for what the child does: read `end` and `code`. */
export function runChild(command: string, args: readonly string[], options: ChildOptions = {}): Promise<ChildResult> {
  return startChild(command, args, options).result;
}

function collect(child: ChildProcess, options: ChildOptions, state: { end: ChildEnd | null }): Promise<ChildResult> {
  const stdout = new BoundedTail(options.tailBytes ?? DEFAULT_TAIL_BYTES);
  const stderr = new BoundedTail(options.tailBytes ?? DEFAULT_TAIL_BYTES);
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout.push(chunk);
    options.onStdout?.(chunk);
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr.push(chunk);
    options.onStderr?.(chunk);
  });
  return new Promise((resolve) => {
    const finish = (end: ChildEnd, code: number | null, signal: NodeJS.Signals | null, cause?: NodeJS.ErrnoException) =>
      resolve({
        end: state.end ?? end,
        code,
        signal,
        stdout: stdout.text(),
        stderr: stderr.text(),
        truncated: stdout.truncated || stderr.truncated,
        cause,
      });
    child.once('error', (cause: NodeJS.ErrnoException) => {
      if (child.pid === undefined) finish('not-started', null, null, cause);
    });
    child.once('exit', (code, signal) => {
      const linger = setTimeout(() => {
        for (const stream of child.stdio) stream?.destroy();
      }, PIPE_LINGER_MS);
      child.once('close', () => {
        clearTimeout(linger);
        finish(signal === null ? 'exited' : 'signalled', code, signal);
      });
    });
  });
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function ignoreBrokenPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE' && error.code !== 'ECONNRESET') throw error;
}

/** `setpriv --pdeathsig` asks the kernel to kill the child when we die, even by SIGKILL. */
function boundToUs(command: string, args: readonly string[]): [string, string[]] {
  return SETPRIV === null || !canRun(command)
    ? [command, [...args]]
    : [SETPRIV, ['--pdeathsig', 'KILL', '--', command, ...args]];
}

const SETPRIV = process.platform === 'linux' && canRun('/usr/bin/setpriv') ? '/usr/bin/setpriv' : null;

/** A name is looked up on the PATH, so that a missing program is our error and not setpriv's. */
function canRun(command: string): boolean {
  const places = command.includes('/')
    ? [command]
    : (process.env['PATH'] ?? '').split(':').map((folder) => `${folder}/${command}`);
  return places.some((place) => {
    try {
      accessSync(place, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

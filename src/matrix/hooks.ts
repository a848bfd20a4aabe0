// Running one command of a hook: an argument list, or `/bin/sh` where the file asked for it.

import type { HookCommand } from '#core/benchmark';
import type { Problem } from '#core/user-error';
import { runChild, type ChildResult } from '#system/child-process';
import { formatHookCommand } from './hook-commands.ts';

/** Bytes kept of the end of each of a hook's outputs. */
const TAIL_BYTES = 4096;

export interface HookOptions {
  readonly timeoutMs: number;
  /** Ends the command and all of its children. */
  readonly signal?: AbortSignal | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** Folder in which it runs: the benchmark file's. */
  readonly cwd?: string | undefined;
}

export interface HookResult {
  readonly ok: boolean;
  /** True where the caller's signal ended it. */
  readonly aborted: boolean;
  /** Why it did not end well: where it stands, how it ended, and the end of what it wrote; null where it did. */
  readonly problem: Problem | null;
}

/** Runs a command to its end. Never throws for what the command does. */
export async function runHook(command: HookCommand, options: HookOptions): Promise<HookResult> {
  const { timeoutMs, signal, cwd } = options;
  if (command.role !== undefined) {
    const what = `${formatHookCommand(command)} needs the agent of ${command.role}, and there is none`;
    return { ok: false, aborted: false, problem: { what, where: command.where } };
  }
  const [program, ...args] = command.kind === 'shell' ? ['/bin/sh', '-c', command.line] : command.argv;
  const result = await runChild(program!, args, {
    cwd,
    env: { ...process.env, ...options.env, ...(command.kind === 'shell' ? command.env : {}) },
    timeoutMs,
    signal,
    tailBytes: TAIL_BYTES,
  });
  const ok = result.end === 'exited' && result.code === 0;
  return { ok, aborted: result.end === 'aborted', problem: ok ? null : describe(command, result, timeoutMs) };
}

function describe(command: HookCommand, result: ChildResult, timeoutMs: number): Problem {
  const written = [result.stderr, result.stdout].map((text) => text.trimEnd()).filter((text) => text !== '');
  const output = written.length === 0 ? '' : `\n${written.join('\n').replaceAll(/^/gm, '    ')}`;
  return {
    what: `the hook ${formatHookCommand(command)} ${ending(result, timeoutMs)}${output}`,
    where: command.where,
    todo: remedy(result),
  };
}

function ending(result: ChildResult, timeoutMs: number): string {
  switch (result.end) {
    case 'exited':
      return `failed with exit status ${result.code}`;
    case 'signalled':
      return `was killed by ${result.signal}`;
    case 'timeout':
      return `did not end within ${timeoutMs / 1000} s and was stopped`;
    case 'aborted':
      return 'was stopped';
    case 'not-started':
      return `could not be started: ${result.cause?.code === 'ENOENT' ? 'no such program' : (result.cause?.message ?? 'unknown reason')}`;
  }
}

function remedy(result: ChildResult): string | undefined {
  if (result.end === 'timeout') return 'mend it, or give it longer: hook_timeout: 5m';
  if (result.end === 'not-started') return 'install it, or write its whole path; a line for a shell needs {shell: "…"}';
  return undefined;
}

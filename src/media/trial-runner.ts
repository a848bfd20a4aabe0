// Runs trials in one child, and goes on with a new one after each that crashed or hung.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startChild } from '#system/child-process';
import { ownModuleArgs } from '#system/own-module';
import { ChannelReader } from './channel/reader.ts';
import type { EncodeParameters } from './encode-job.ts';
import { TRIAL_MARK, type RawTrial, type TrialMessage } from './trial-messages.ts';

/** A trial of two frames may take this long: SVT-AV1 in 4K at its slowest preset takes some seconds. */
const TRIAL_TIMEOUT_MS = 20_000;
/** Kept of one trial's log. */
const LOG_CHARS_PER_TRIAL = 16 * 1024;
/** Longer for the second try of one that took too long: a busy machine, or a driver that is loaded for the first time, is not an encoder that hangs. */
const SECOND_TRY = 2;
/** How often trials are begun again in a row whose child was killed by somebody else: that says nothing about an encoder. */
const MAX_KILLED = 3;

export interface TrialRunOptions {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds that one trial may take; one that takes longer is tried once more, with twice the time. */
  readonly timeoutMs?: number | undefined;
  /** Runs them in an empty folder that is removed afterwards, where an encoder may be told to write files. */
  readonly scratch?: boolean | undefined;
}

export interface LoggedTrial {
  readonly trial: RawTrial;
  readonly log: string;
  /** True where time ran out: on another day, or a less busy machine, it may work. */
  readonly hung: boolean;
}

/** One result for each trial, in their order. */
export async function runTrials(
  trials: readonly EncodeParameters[],
  options: TrialRunOptions = {},
): Promise<LoggedTrial[]> {
  if (options.scratch !== true) return runAll(trials, options, undefined);
  const folder = await mkdtemp(join(tmpdir(), 'encodelab-trial-'));
  try {
    return await runAll(trials, options, folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function runAll(
  trials: readonly EncodeParameters[],
  options: TrialRunOptions,
  cwd: string | undefined,
): Promise<LoggedTrial[]> {
  const results: LoggedTrial[] = [];
  const timeoutMs = options.timeoutMs ?? TRIAL_TIMEOUT_MS;
  let killed = 0;
  let isSecondTry = false;
  while (results.length < trials.length) {
    options.signal?.throwIfAborted();
    const before = results.length;
    const mayGoOn = killed < MAX_KILLED;
    const todo = trials.slice(before, isSecondTry ? before + 1 : undefined);
    const limits = { signal: options.signal, timeoutMs: isSecondTry ? timeoutMs * SECOND_TRY : timeoutMs };
    const some = await runUntilBroken(todo, limits, cwd, mayGoOn);
    isSecondTry = !isSecondTry && some.at(-1)?.hung === true;
    if (isSecondTry) some.pop();
    results.push(...some);
    killed = some.length === 0 && !isSecondTry ? killed + 1 : 0;
    if (isSecondTry || (some.length === 0 && mayGoOn)) continue;
    // A child that can't even begin would be started for ever.
    if (results.length === before) throw new Error('the trial child ended without trying anything');
  }
  return results;
}

/** @param mayGoOn what a child did that was killed by somebody else is returned without the trial that it was at */
async function runUntilBroken(
  trials: readonly EncodeParameters[],
  { signal, timeoutMs }: { readonly signal: AbortSignal | undefined; readonly timeoutMs: number },
  cwd: string | undefined,
  mayGoOn: boolean,
): Promise<LoggedTrial[]> {
  const done: RawTrial[] = [];
  const log = new TrialLog();
  let begun = -1;
  let hung = false;
  const child = startChild(process.execPath, ownModuleArgs(import.meta.url, './trial-child'), {
    input: `${JSON.stringify({ trials })}\n`,
    channel: true,
    cwd,
    signal,
    onStderr: (chunk) => log.push(chunk.toString('utf8')),
  });
  const giveUp = () => {
    hung = true;
    child.kill();
  };
  let timer = setTimeout(giveUp, timeoutMs);
  const reader = new ChannelReader({
    json: (raw) => {
      const message = raw as unknown as TrialMessage;
      clearTimeout(timer);
      timer = setTimeout(giveUp, timeoutMs);
      if (message.kind === 'begin') begun = message.index;
      else done.push(message.trial);
    },
  });
  child.channel?.on('data', (chunk: Buffer) => reader.push(chunk));
  const result = await child.result;
  clearTimeout(timer);
  signal?.throwIfAborted();
  const wasKilled = result.signal === 'SIGKILL' && !hung;
  if (done.length < trials.length && !(wasKilled && mayGoOn)) {
    if (begun < 0 && !hung)
      throw new Error(
        `the trial child could not start (${result.signal ?? `exit status ${result.code}`}): ${result.stderr}`,
      );
    const name = trials[done.length]!.encoder;
    const what = hung
      ? `${name} hangs: two frames took more than ${timeoutMs / 1000} s`
      : `${name} crashes (${result.signal ?? `exit status ${result.code}`})`;
    done.push({ ok: false, error: what, setting: null });
  }
  return done.map((trial, index) => ({ trial, log: log.of(index), hung: hung && index === done.length - 1 }));
}

/** The child's log, cut at its marks. */
class TrialLog {
  readonly #parts = new Map<number, string>();
  #current = -1;
  #line = '';

  push(text: string): void {
    const lines = (this.#line + text).split('\n');
    this.#line = (lines.pop() ?? '').slice(-LOG_CHARS_PER_TRIAL);
    for (const line of lines) {
      if (line.startsWith(TRIAL_MARK)) this.#current = Number(line.slice(TRIAL_MARK.length));
      else this.#add(line);
    }
  }

  of(index: number): string {
    if (this.#line !== '') {
      this.#add(this.#line);
      this.#line = '';
    }
    return (this.#parts.get(index) ?? '').trim();
  }

  #add(line: string): void {
    const part = `${this.#parts.get(this.#current) ?? ''}${line}\n`;
    this.#parts.set(this.#current, part.slice(-LOG_CHARS_PER_TRIAL));
  }
}

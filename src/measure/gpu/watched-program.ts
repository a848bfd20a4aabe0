// A program that tells values as long as it runs: started with the sampler, killed with it, and never waited for.

import { accessSync, constants, statSync } from 'node:fs';
import { startChild, type ChildResult, type RunningChild } from '#system/child-process';
import { codeOf } from '../held-file.ts';

/** A program that tells nothing for so long hangs; nvidia-smi takes seconds to begin where the driver sleeps. */
const SILENT_MS = 10_000;
/** Or for so many of its intervals. */
const SILENT_INTERVALS = 3;
/** Kept of what it says at its end. */
const TAIL_BYTES = 4096;
const REASON_CHARACTERS = 300;

export interface WatchedOptions {
  /** For reasons: `nvidia-smi`. */
  readonly name: string;
  /** Where it is. */
  readonly path: string;
  readonly args: readonly string[];
  /** At which it tells its values, milliseconds. */
  readonly intervalMs: number;
  /** Monotonic microseconds. */
  readonly clock: () => number;
  /** Takes what it prints; returns how many readings that completed, or why it can't go on. */
  readonly onOutput: (chunk: Buffer) => number | string;
  /** Looks at an end that was not asked for: arguments to start it again with, null where that is the end. */
  readonly again?: (result: ChildResult) => readonly string[] | null;
}

export class WatchedProgram {
  readonly #options: WatchedOptions;
  #child: RunningChild;
  #heardUs: number;
  #failure: string | null = null;
  #stopped = false;

  constructor(options: WatchedOptions) {
    this.#options = options;
    this.#heardUs = options.clock();
    this.#child = this.#start(options.args);
  }

  /** Why it tells nothing any more, or nothing at the moment; null where all is well. */
  failure(): string | null {
    if (this.#failure !== null) return this.#failure;
    const { name, clock, intervalMs } = this.#options;
    const silentMs = Math.max(SILENT_MS, SILENT_INTERVALS * intervalMs);
    return clock() - this.#heardUs >= silentMs * 1000 ? `${name} told nothing for ${silentMs / 1000} s` : null;
  }

  #start(args: readonly string[]): RunningChild {
    const { name, path, clock, onOutput, again } = this.#options;
    const child = startChild(path, args, {
      tailBytes: TAIL_BYTES,
      // Numbers with a point, messages in English.
      env: { ...process.env, LC_ALL: 'C' },
      onStdout: (chunk) => {
        if (this.#stopped) return;
        const readings = onOutput(chunk);
        if (typeof readings === 'string') this.#fail(`${name} ${readings}`);
        else if (readings > 0) this.#heardUs = clock();
      },
    });
    void child.result.then((result) => {
      if (this.#stopped) return;
      const anew = again?.(result) ?? null;
      if (anew === null) this.#fail(`${name} ${endOf(result)}`);
      else this.#child = this.#start(anew);
    });
    return child;
  }

  #fail(reason: string): void {
    this.#failure = reason;
    this.stop();
  }

  /** Kills it and does not wait. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#child.kill();
  }
}

/** `ended (exit 1): Failed to initialize PMU! (Permission denied)` */
export function endOf({ end, code, signal, stdout, stderr, cause }: ChildResult): string {
  const how =
    end === 'not-started'
      ? `could not be started (${cause?.code ?? 'unknown'})`
      : end === 'exited'
        ? `ended (exit ${code})`
        : end === 'timeout'
          ? 'did not answer in time'
          : `ended (${signal ?? end})`;
  const said = messageIn(stderr) ?? messageIn(stdout);
  return said === null ? how : `${how}: ${said.slice(0, REASON_CHARACTERS)}`;
}

/** nvidia-smi writes its errors to standard output too: lines of values begin with a digit, a quote or a bracket. */
function messageIn(text: string): string | null {
  const lines = text.split('\n').map((line) => line.trim());
  const message = lines.filter((line) => /^[A-Za-z]/.test(line)).join(' ');
  return message === '' ? null : message;
}

/** Where a program is on a path of folders; null where it is in none of them. */
export function findProgram(name: string, path: string): string | null {
  for (const folder of path.split(':')) {
    if (!folder.startsWith('/')) continue;
    const place = `${folder}/${name}`;
    try {
      accessSync(place, constants.X_OK);
      if (statSync(place).isFile()) return place;
    } catch (error) {
      codeOf(error);
    }
  }
  return null;
}

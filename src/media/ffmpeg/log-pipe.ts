// The way of ffmpeg's log to us while it encodes: a named pipe that is looked at a hundred times a second. A log with times of
// calls has four lines a frame, each written by itself; being woken for each would cost the encoder a share of a core.

import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runChild } from '#system/child-process';
import { monotonicUs } from '#system/clock';

const MKFIFO_TIMEOUT_MS = 5_000;
/** So late a line may be seen; before the encode begins, which a line of the log tells, it is looked at more often. */
const LOOK_INTERVAL_MS = 10;
const FIRST_LOOK_INTERVAL_MS = 1;
/** What a pipe holds on Linux: hundreds of frames' lines. */
const READ_BYTES = 64 * 1024;

export class LogPipe {
  readonly path: string;
  readonly #folder: string;
  readonly #onData: (chunk: Buffer, nowUs: number) => void;
  readonly #buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  readonly #descriptor: number;
  #timer: NodeJS.Timeout;
  #lookedUs = monotonicUs();
  /** So late what is handed on now may be: the time since the look before, microseconds. */
  lateUs = 0;

  /** @throws Error where the system gives no pipe */
  static async open(onData: (chunk: Buffer, nowUs: number) => void): Promise<LogPipe> {
    const folder = mkdtempSync(join(tmpdir(), 'encodelab-log-'));
    const path = join(folder, 'log');
    const made = await runChild('mkfifo', ['-m', '600', path], { timeoutMs: MKFIFO_TIMEOUT_MS });
    if (made.code === 0) return new LogPipe(folder, path, onData);
    rmSync(folder, { recursive: true });
    throw new Error(`a pipe for its log can't be made: ${made.stderr.trim() || (made.cause?.message ?? made.end)}`);
  }

  private constructor(folder: string, path: string, onData: (chunk: Buffer, nowUs: number) => void) {
    this.#folder = folder;
    this.path = path;
    this.#onData = onData;
    // Without waiting for a writer: reading gives nothing as long as there is none.
    this.#descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    this.#timer = setInterval(() => this.#look(), FIRST_LOOK_INTERVAL_MS);
  }

  /** The encode has begun: from now on the log is looked at in its own time. */
  slowDown(): void {
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.#look(), LOOK_INTERVAL_MS);
  }

  /** The program has ended: what is left is read, and the pipe taken away. */
  close(): void {
    clearInterval(this.#timer);
    this.#look();
    closeSync(this.#descriptor);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** @param chunk is valid during the call only */
  #look(): void {
    const nowUs = monotonicUs();
    this.lateUs = nowUs - this.#lookedUs;
    this.#lookedUs = nowUs;
    for (;;) {
      const bytes = this.#read();
      if (bytes > 0) this.#onData(this.#buffer.subarray(0, bytes), monotonicUs());
      if (bytes < READ_BYTES) return;
    }
  }

  #read(): number {
    try {
      return readSync(this.#descriptor, this.#buffer, 0, READ_BYTES, null);
    } catch (error) {
      // Somebody writes, and has written nothing.
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 0;
      throw error;
    }
  }
}

/**
 * As `waitingCommand`, with the program's standard error going into a named pipe from then on. The text of the shell is
 * fixed; names reach it as a list.
 */
export function waitingCommandInto(pipe: string, command: string, args: readonly string[]): [string, string[]] {
  return ['/bin/sh', ['-c', 'read -r _ && exec "$@" </dev/null 2>"$0"', pipe, command, ...args]];
}

// Small encodes, one after the other, in a child that is replaced where an encoder crashes or hangs in it.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startChild, type RunningChild } from '#system/child-process';
import { ownModuleArgs } from '#system/own-module';
import { ChannelReader } from './channel/reader.ts';
import type { LiveEncodeAnswer, LiveEncodeRequest } from './live-messages.ts';

/** The slowest encoders here need two seconds for the clip at their default. */
const ENCODE_TIMEOUT_MS = 15_000;

export type LiveOutcome = LiveEncodeAnswer | { readonly kind: 'broken'; readonly reason: string };

export class LiveEncodes {
  readonly #signal: AbortSignal | undefined;
  #scratch: string | null = null;
  #child: RunningChild | null = null;
  #answered: ((outcome: LiveOutcome) => void) | null = null;
  /** Encodes so far. */
  count = 0;

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
  }

  /**
   * One at a time. Never rejects for what the encoder does.
   * @throws the signal's reason where it has aborted
   */
  async encode(request: LiveEncodeRequest): Promise<LiveOutcome> {
    this.#signal?.throwIfAborted();
    this.count++;
    const child = this.#child ?? (await this.#start());
    let timer: NodeJS.Timeout | undefined;
    const outcome = await new Promise<LiveOutcome>((resolve) => {
      this.#answered = resolve;
      timer = setTimeout(() => {
        resolve({ kind: 'broken', reason: `it hangs: the clip took more than ${ENCODE_TIMEOUT_MS / 1000} s` });
        this.#drop();
      }, ENCODE_TIMEOUT_MS);
      child.stdin?.write(`${JSON.stringify(request)}\n`);
    });
    clearTimeout(timer);
    this.#answered = null;
    this.#signal?.throwIfAborted();
    return outcome;
  }

  async close(): Promise<void> {
    const child = this.#child;
    this.#drop();
    await child?.result;
    if (this.#scratch !== null) await rm(this.#scratch, { recursive: true, force: true });
  }

  #drop(): void {
    this.#child?.kill();
    this.#child = null;
  }

  /** In a folder of its own: some flags make encoders write statistics beside them. */
  async #start(): Promise<RunningChild> {
    this.#scratch ??= await mkdtemp(join(tmpdir(), 'encodelab-live-'));
    const child = startChild(process.execPath, ownModuleArgs(import.meta.url, './live-child'), {
      openInput: true,
      channel: true,
      signal: this.#signal,
      cwd: this.#scratch,
      env: { SVT_LOG: '1', ...process.env },
    });
    this.#child = child;
    const reader = new ChannelReader({
      json: (message) => {
        // What a child that was given up still says concerns nobody.
        if (this.#child === child) this.#answered?.(message as unknown as LiveEncodeAnswer);
      },
    });
    child.channel?.on('data', (chunk: Buffer) => reader.push(chunk));
    // A child that is gone can't be written to; its end tells why.
    child.stdin?.on('error', () => child.kill());
    void child.result.then(({ signal, code }) => {
      if (this.#child !== child) return;
      this.#child = null;
      this.#answered?.({ kind: 'broken', reason: `it crashes (${signal ?? `exit status ${code}`})` });
    });
    return child;
  }
}

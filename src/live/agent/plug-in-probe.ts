// A probe of the user's: a module of one file, in a process of its own, so that it can neither block nor end the agent.

import { basename, resolve } from 'node:path';
import { z } from 'zod';
import type { Indicator } from '#core/indicator';
import type { SeriesBatch } from '#core/recording';
import { ChannelReader } from '#media/channel/reader';
import { startChild, type ChildResult, type RunningChild } from '#system/child-process';
import { ownModuleArgs } from '#system/own-module';
import type { IndicatorList } from './indicator-list.ts';

/** One that failed is started again after this time, for ever. */
const RETRY_MS = 5_000;
/** Reports a second that are taken; the others are left out. */
const MAX_REPORTS = 200;
/** Enough for a sentence why it failed. */
const TAIL_BYTES = 4096;
/** One that does not listen when it is told to end. */
const GRACE_MS = 300;

const INDICATORS = z
  .array(
    z.object({
      name: z.string().regex(/^[a-z][\w.[\]-]{0,99}$/i, 'a name is letters, digits, dots: queue.length'),
      unit: z.string().max(20),
      description: z.string().max(300),
    }),
  )
  .min(1)
  .max(200);
const REPORT = z.object({ timeUs: z.number(), values: z.array(z.tuple([z.number(), z.number()])) });

export interface PlugInOptions {
  readonly agent: string;
  readonly intervalMs: number;
  readonly list: IndicatorList;
  readonly onRows: (batch: SeriesBatch) => void;
  readonly onChanged: () => void;
  readonly onMessage: (text: string) => void;
  /** Milliseconds; 5,000 by default. */
  readonly retryMs?: number | undefined;
}

export class PlugInProbe {
  readonly #file: string;
  readonly #options: PlugInOptions;
  /** Names of ours: a second start of the same probe takes them again. */
  readonly #own = new Set<string>();
  #positions: readonly number[] = [];
  #child: RunningChild | null = null;
  #retry: NodeJS.Timeout | undefined;
  #told: string | null = null;
  #closed = false;
  #second = 0;
  #reports = 0;
  /** Why it does not measure, with its name; null while it does. */
  failure: string | null = null;

  constructor(file: string, options: PlugInOptions) {
    this.#file = resolve(file);
    this.#options = options;
    this.#start();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#child?.end();
    await this.#child?.result;
  }

  #start(): void {
    const { intervalMs } = this.#options;
    const args = [...ownModuleArgs(import.meta.url, './plug-in-child'), this.#file, String(intervalMs)];
    const child = startChild(process.execPath, args, {
      channel: true,
      openInput: true,
      tailBytes: TAIL_BYTES,
      graceMs: GRACE_MS,
    });
    this.#child = child;
    let wrong: string | null = null;
    const refuse = (reason: string) => {
      wrong ??= reason;
      child.kill();
    };
    const reader = new ChannelReader({
      json: (message) => {
        const reason = 'indicators' in message ? this.#declare(message['indicators']) : this.#report(message);
        if (reason !== null) refuse(reason);
      },
    });
    child.channel?.on('data', (chunk: Buffer) => {
      reader.push(chunk);
      if (reader.fault !== null) refuse(`it writes to descriptor 3, which is ours: ${reader.fault}`);
    });
    child.stdin?.on('error', () => {
      // It died before it read anything: its end tells why.
    });
    void child.result.then((result) => this.#ended(wrong ?? endOf(result)));
  }

  /** @returns why it can't be taken */
  #declare(value: unknown): string | null {
    const parsed = INDICATORS.safeParse(value);
    if (!parsed.success) return `its \`indicators\`: ${parsed.error.issues[0]!.message}`;
    const { list } = this.#options;
    const taken = parsed.data.find(({ name }) => list.has(name) && !this.#own.has(name));
    if (taken !== undefined) return `there is an indicator ${taken.name} already`;
    if (!list.hasRoomFor(parsed.data.length)) return 'there are too many indicators';
    this.#positions = parsed.data.map((one: Indicator) => list.position(one));
    for (const { name } of parsed.data) this.#own.add(name);
    this.failure = null;
    this.#options.onChanged();
    if (this.#told !== null) this.#options.onMessage(`the probe ${basename(this.#file)} works`);
    this.#told = null;
    return null;
  }

  #report(message: unknown): string | null {
    const parsed = REPORT.safeParse(message);
    if (!parsed.success) return 'it reported something that is no list of values';
    const second = Math.floor(performance.now() / 1000);
    if (second !== this.#second) this.#reports = 0;
    this.#second = second;
    if (++this.#reports > MAX_REPORTS) return null;
    const { timeUs, values } = parsed.data;
    const rows = values.filter(([index]) => this.#positions[index] !== undefined);
    if (rows.length === 0) return null;
    this.#options.onRows({
      agent: this.#options.agent,
      indicator: Uint16Array.from(rows, ([index]) => this.#positions[index]!),
      timeUs: new Float64Array(rows.length).fill(timeUs),
      value: Float64Array.from(rows, ([, value]) => value),
    });
    return null;
  }

  /** Told once in the feed, however often the same happens again. */
  #ended(reason: string): void {
    this.#child = null;
    if (this.#closed) return;
    this.failure = `probe ${basename(this.#file)}: ${reason}`;
    this.#options.onChanged();
    const { retryMs = RETRY_MS } = this.#options;
    if (reason !== this.#told) {
      const again = `it is started again every ${retryMs / 1000} s`;
      this.#options.onMessage(`the probe ${basename(this.#file)} failed: ${reason}; ${again}`);
    }
    this.#told = reason;
    this.#retry = setTimeout(() => this.#start(), retryMs);
  }
}

function endOf(result: ChildResult): string {
  const said = result.stderr.trim().split('\n').at(-1);
  if (said !== undefined && said !== '') return said;
  if (result.end === 'not-started') return result.cause?.message ?? 'it could not be started';
  return result.signal === null ? `it ended with exit status ${result.code}` : `it was killed by ${result.signal}`;
}

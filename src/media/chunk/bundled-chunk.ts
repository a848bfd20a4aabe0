// A chunk in the hands of the bundled engine: a child of ours, listened to, and killed when it falls silent.

import type { Outcome } from '#core/run';
import { startChild, type ChildResult } from '#system/child-process';
import { ownModuleArgs } from '#system/own-module';
import { READY_TIMEOUT_MS, brokenOff, type Stopped } from '../bundled/broken-off.ts';
import { BEGIN_LINE } from '../bundled/engine-messages.ts';
import { shortLogTail } from '../bundled/log-tail.ts';
import { ChannelReader } from '../channel/reader.ts';
import { encoderBuild } from '../encoders.ts';
import { STALL_MS, type ChunkJob, type ChunkOptions, type ChunkSinks, type RunningChunk } from './chunk-job.ts';
import type { ChunkMessage } from './chunk-messages.ts';

/** Kept of the child's log. */
const LOG_TAIL_BYTES = 8 * 1024;
const STALL_LOOKS = 10;

export function startBundledChunk(job: ChunkJob, sinks: ChunkSinks, options: ChunkOptions): RunningChunk {
  const stallMs = options.stallMs ?? STALL_MS;
  const builds = Promise.all(job.outputs.map(({ parameters }) => buildOf(parameters.encoder, options.cacheFolder)));
  const enter = options.enter ?? ((command, args) => [command, args]);
  const child = startChild(...enter(process.execPath, ownModuleArgs(import.meta.url, './chunk-child')), {
    openInput: true,
    channel: true,
    tailBytes: LOG_TAIL_BYTES,
    // SVT-AV1 writes past FFmpeg's log: warnings and errors only, as the others do.
    env: { SVT_LOG: '2', ...process.env },
  });
  let stopped: Stopped | null = null;
  const stop = (why: Stopped) => {
    stopped ??= why;
    child.kill();
  };
  let timer = setTimeout(() => stop('not ready'), READY_TIMEOUT_MS);
  let watch: NodeJS.Timeout | undefined;
  const onAbort = () => stop('killed');
  if (options.signal?.aborted === true) onAbort();
  else options.signal?.addEventListener('abort', onAbort, { once: true });

  const heard = new Heard(job, sinks, options.role ?? 'worker');
  child.channel?.on('data', (chunk: Buffer) => {
    heard.reader.push(chunk);
    if (heard.reader.fault !== null) child.kill();
  });
  // A child that is gone can't be written to; its end tells why.
  child.stdin?.on('error', () => child.kill());
  child.stdin?.write(`${JSON.stringify(job)}\n`);

  const ended = child.result.finally(() => {
    clearTimeout(timer);
    clearInterval(watch);
    options.signal?.removeEventListener('abort', onAbort);
    heard.giveUp();
  });
  return {
    pid: child.pid ?? null,
    ready: Promise.all([heard.ready, builds]).then(([ready]) => {
      clearTimeout(timer);
      return ready ? (child.pid ?? null) : null;
    }),
    begin: () => {
      if (options.timeoutMs !== undefined) timer = setTimeout(() => stop('timeout'), options.timeoutMs);
      heard.lastMs = performance.now();
      watch = setInterval(() => {
        if (performance.now() - heard.lastMs > stallMs) stop('stalled');
      }, stallMs / STALL_LOOKS);
      child.stdin?.end(`${BEGIN_LINE}\n`);
    },
    result: Promise.all([ended, builds]).then(([end, encoderBuilds]) => ({
      ...outcomeOf(end, heard, stopped, { ...options, stallMs }),
      unwritable: heard.end?.unwritable ?? false,
      passedFrames: heard.end?.passedFrames ?? null,
      missedFrames: heard.end?.missedFrames ?? false,
      logTail: shortLogTail(end.stderr),
      cpuS: heard.end?.cpuS ?? null,
      absent: [],
      outputs: job.outputs.map((_, i) => ({
        frames: heard.end?.outputs[i]?.frames ?? 0,
        bytes: heard.end?.outputs[i]?.bytes ?? 0,
        cpuS: heard.end?.outputs[i]?.cpuS ?? null,
        actual: heard.end?.outputs[i]?.actual ?? {},
        pictures: heard.end?.outputs[i]?.pictures ?? null,
        encoderBuild: encoderBuilds[i]!,
      })),
    })),
    kill: () => stop('killed'),
  };
}

function buildOf(encoder: string, cacheFolder: string | undefined): Promise<string> {
  return encoderBuild(encoder, { cacheFolder }).catch(
    (error: Error) => `${encoder}, build not known: ${error.message}`,
  );
}

/** What the child has told so far. */
class Heard {
  readonly reader: ChannelReader;
  readonly ready: Promise<boolean>;
  readonly #sinks: ChunkSinks;
  #setReady: (ready: boolean) => void = () => {};
  /** The output that rows belong to. */
  #output = 0;
  frames = 0;
  lastMs = performance.now();
  end: Extract<ChunkMessage, { kind: 'end' }> | null = null;

  constructor(job: ChunkJob, sinks: ChunkSinks, role: string) {
    this.#sinks = sinks;
    this.ready = new Promise((resolve) => (this.#setReady = resolve));
    const stream = () => job.outputs[this.#output]!.stream;
    this.reader = new ChannelReader(
      {
        json: (message) => this.#message(message as unknown as ChunkMessage),
        frames: (batch) => sinks[this.#output]!.frames({ ...batch, stream: stream() }),
        steps: (batch) => sinks[this.#output]!.steps({ ...batch, stream: stream() }),
      },
      { stream: '', role },
    );
  }

  giveUp(): void {
    this.#setReady(false);
  }

  #message(message: ChunkMessage): void {
    this.lastMs = performance.now();
    switch (message.kind) {
      case 'ready':
        return this.#setReady(true);
      case 'alive':
        return;
      case 'output':
        this.#output = message.output;
        return;
      case 'phase':
        return this.#sinks[message.output]!.phase(message.row);
      case 'progress':
        this.frames = message.frames;
        for (const sink of this.#sinks) sink.progress({ frames: message.frames, of: message.of });
        return;
      case 'end':
        this.end = message;
    }
  }
}

function outcomeOf(
  end: ChildResult,
  { end: told, reader, frames }: Heard,
  stopped: Stopped | null,
  limits: ChunkOptions,
): { readonly outcome: Outcome; readonly reason: string | null } {
  if (told !== null && reader.fault === null)
    return told.ok ? { outcome: 'ok', reason: null } : { outcome: 'failed', reason: told.reason };
  return brokenOff(end, stopped, reader.fault, frames > 0 ? ` after ${frames} frames` : '', limits);
}

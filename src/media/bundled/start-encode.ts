// Starts an encode with the bundled engine in a child process. However the child ends, that is an outcome.

import type { FrameBatch } from '#core/recording';
import { startChild, type ChildResult } from '#system/child-process';
import { ownModuleArgs } from '#system/own-module';
import { ChannelReader } from '../channel/reader.ts';
import type { EncodeJob } from '../encode-job.ts';
import { encoderBuild } from '../encoders.ts';
import type { EncodeResult, EncodeSink, RunningEncode, StartOptions } from '../running-encode.ts';
import { READY_TIMEOUT_MS, brokenOff, type Stopped } from './broken-off.ts';
import { BEGIN_LINE, type EngineJob, type EngineMessage } from './engine-messages.ts';
import { shortLogTail } from './log-tail.ts';

/** Kept of the child's log. */
const LOG_TAIL_BYTES = 8 * 1024;

/** Starts the child; it encodes nothing before `begin`, so that the caller can move it into a cgroup first. */
export function startEncode(job: EncodeJob, sink: EncodeSink, options: StartOptions = {}): RunningEncode {
  const build = encoderBuild(job.parameters.encoder, { cacheFolder: options.cacheFolder });
  const enter = options.enter ?? ((command, args) => [command, args]);
  const child = startChild(...enter(process.execPath, ownModuleArgs(import.meta.url, './encode-child')), {
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
  const onAbort = () => stop('killed');
  if (options.signal?.aborted === true) onAbort();
  else options.signal?.addEventListener('abort', onAbort, { once: true });

  const heard = new Heard(sink);
  const reader = new ChannelReader(
    {
      json: (message) => heard.message(message as unknown as EngineMessage),
      frames: (batch) => heard.frames(batch),
      steps: (batch) => sink.steps(batch),
    },
    { stream: options.stream ?? 'video', role: options.role ?? 'guest' },
  );
  child.channel?.on('data', (chunk: Buffer) => {
    reader.push(chunk);
    if (reader.fault !== null) child.kill();
  });
  // A child that is gone can't be written to; its end tells why.
  child.stdin?.on('error', () => child.kill());
  const told: EngineJob = { ...job, javascript: options.javascript ?? null };
  child.stdin?.write(`${JSON.stringify(told)}\n`);

  const ended = child.result.finally(() => {
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', onAbort);
    heard.giveUp();
  });
  const knownBuild = build.catch((error: Error) => `${job.parameters.encoder}, build not known: ${error.message}`);
  return {
    pid: child.pid ?? null,
    ready: Promise.all([heard.ready, knownBuild]).then(([ready]) => {
      clearTimeout(timer);
      return ready ? (child.pid ?? null) : null;
    }),
    begin: () => {
      if (options.timeoutMs !== undefined) timer = setTimeout(() => stop('timeout'), options.timeoutMs);
      child.stdin?.end(`${BEGIN_LINE}\n`);
    },
    result: Promise.all([ended, knownBuild]).then(([end, encoder]) => ({
      ...outcomeOf(end, heard, stopped, reader.fault, options),
      unwritable: heard.end?.unwritable ?? false,
      logTail: shortLogTail(end.stderr),
      frames: heard.end?.frames ?? heard.frameRows,
      bytes: heard.end?.bytes ?? heard.frameBytes,
      actual: heard.end?.actual ?? {},
      encoderBuild: encoder,
      absent: [],
    })),
    kill: () => stop('killed'),
  };
}

/** What the child has told so far. */
class Heard {
  readonly #sink: EncodeSink;
  readonly ready: Promise<boolean>;
  #setReady: (ready: boolean) => void = () => {};
  end: Extract<EngineMessage, { kind: 'end' }> | null = null;
  frameRows = 0;
  frameBytes = 0;

  constructor(sink: EncodeSink) {
    this.#sink = sink;
    this.ready = new Promise((resolve) => (this.#setReady = resolve));
  }

  frames(batch: FrameBatch): void {
    this.frameRows += batch.frame.length;
    for (const bytes of batch.bytes) this.frameBytes += bytes;
    this.#sink.frames(batch);
  }

  message(message: EngineMessage): void {
    switch (message.kind) {
      case 'ready':
        return this.#setReady(true);
      case 'phase':
        return this.#sink.phase(message.row);
      case 'progress':
        return this.#sink.progress({ frames: message.frames, of: message.of });
      case 'end':
        this.end = message;
    }
  }

  giveUp(): void {
    this.#setReady(false);
  }
}

function outcomeOf(
  end: ChildResult,
  heard: Heard,
  stopped: Stopped | null,
  fault: string | null,
  options: StartOptions,
): Pick<EncodeResult, 'outcome' | 'reason'> {
  if (heard.end !== null && fault === null)
    return heard.end.ok ? { outcome: 'ok', reason: null } : { outcome: 'failed', reason: heard.end.reason };
  const where = heard.frameRows > 0 ? ` after ${heard.frameRows} frames` : '';
  return brokenOff(end, stopped, fault, where, options);
}

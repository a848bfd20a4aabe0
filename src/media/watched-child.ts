// A child of ours that reads what strangers made: watched for silence, for time and for memory.

import { readFileSync } from 'node:fs';
import type { FrameBatch, QualityBatch } from '#core/recording';
import { startChild, type ChildResult } from '#system/child-process';
import { ownModuleArgs } from '#system/own-module';
import { ChannelReader } from './channel/reader.ts';

/** Resident memory beyond which a child is killed: Node and FFmpeg take 0.1 GB, an 8K source below 1 GB. */
export const MAX_CHILD_RSS_BYTES = 1_500_000_000;
const WATCH_INTERVAL_MS = 100;
const PAGE_BYTES = 4096;

export interface WatchOptions {
  /** Milliseconds without any message after which the child is taken for hung. */
  readonly stallMs: number;
  /** Milliseconds that it may take in all. */
  readonly timeoutMs: number;
  readonly maxRssBytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onMessage: (message: Record<string, unknown>) => void;
  /** Rows of frames that the child sends, under the name `stream` (`video` by default). */
  readonly onFrames?: ((batch: FrameBatch) => void) | undefined;
  /** Scores of frames, under the same name. */
  readonly onScores?: ((batch: QualityBatch) => void) | undefined;
  readonly stream?: string | undefined;
  readonly onStderr?: ((chunk: Buffer) => void) | undefined;
}

export interface WatchedResult {
  readonly child: ChildResult;
  /** Why we killed it; null where we did not. */
  readonly stopped: 'stalled' | 'timeout' | 'memory' | 'aborted' | null;
  /** What was wrong with its messages. */
  readonly fault: string | null;
}

/** Runs a module of ours (`./inspect-child` beside `base`) on a job and waits for its end, which always comes. */
export async function runWatched(
  base: string,
  module: string,
  job: object,
  options: WatchOptions,
): Promise<WatchedResult> {
  const child = startChild(process.execPath, ownModuleArgs(base, module), {
    input: `${JSON.stringify(job)}\n`,
    channel: true,
    onStderr: options.onStderr,
  });
  let stopped: WatchedResult['stopped'] = null;
  let lastHeardMs = performance.now();
  const startMs = lastHeardMs;
  const reader = new ChannelReader(
    {
      json: (message) => {
        lastHeardMs = performance.now();
        options.onMessage(message);
      },
      frames: (batch) => {
        lastHeardMs = performance.now();
        options.onFrames?.(batch);
      },
      scores: (batch) => {
        lastHeardMs = performance.now();
        options.onScores?.(batch);
      },
    },
    { stream: options.stream ?? 'video', role: 'worker' },
  );
  child.channel?.on('data', (chunk: Buffer) => reader.push(chunk));
  const stop = (why: NonNullable<WatchedResult['stopped']>) => {
    stopped ??= why;
    child.kill();
  };
  const onAbort = () => stop('aborted');
  if (options.signal?.aborted === true) onAbort();
  else options.signal?.addEventListener('abort', onAbort, { once: true });
  const watch = setInterval(() => {
    const nowMs = performance.now();
    if (nowMs - startMs > options.timeoutMs) stop('timeout');
    else if (nowMs - lastHeardMs > options.stallMs) stop('stalled');
    else if (residentBytes(child.pid) > (options.maxRssBytes ?? MAX_CHILD_RSS_BYTES)) stop('memory');
    else if (reader.fault !== null) child.kill();
  }, WATCH_INTERVAL_MS);
  try {
    return { child: await child.result, stopped, fault: reader.fault };
  } finally {
    clearInterval(watch);
    options.signal?.removeEventListener('abort', onAbort);
  }
}

/** Resident memory from /proc; 0 where it can't be read (the child has just ended, or there is no /proc). */
function residentBytes(pid: number | undefined): number {
  if (pid === undefined) return 0;
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1]) * PAGE_BYTES;
  } catch {
    return 0;
  }
}

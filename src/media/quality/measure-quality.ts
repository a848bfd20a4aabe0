// Compares the pictures of an output with those of its source, in a child that is watched: it ends, whatever the files are.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { QualityHeader } from '#core/quality';
import { runWatched, type WatchedResult } from '../watched-child.ts';
import type { QualityJob, QualityMessage, QualitySink, VmafJob } from './quality-job.ts';

export { findVmafEngine, type VmafEngine } from './vmaf-engine.ts';
export type { QualityJob, QualitySink } from './quality-job.ts';

/** A child that says nothing for this long hangs: it tells its progress four times a second. */
const STALL_MS = 60_000;
/** A whole film takes about as long as it plays; VMAF several times that. */
const TIMEOUT_MS = 24 * 3_600_000;
/** Two decoders, a dozen pictures and the worst ones: 0.3 GB at 1080p, twelve times that for 10 bits at 8K. */
const MAX_RSS_BYTES = 6_000_000_000;

export interface MeasureOptions {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds that it may take. */
  readonly timeoutMs?: number | undefined;
  /** Milliseconds of silence after which the child is taken for hung. */
  readonly stallMs?: number | undefined;
  /** Resident memory at which the child is killed, bytes. */
  readonly maxRssBytes?: number | undefined;
  /** Name of the stream in the table `quality`; `video` by default. */
  readonly stream?: string | undefined;
}

export type MeasuredQuality =
  | {
      readonly ok: true;
      readonly header: QualityHeader;
      /** What could not be scored, and why: `vmaf: …`. */
      readonly absent: readonly string[];
    }
  | { readonly ok: false; readonly reason: string };

/** Never throws for what the files are: an output that can't be compared is a reason. Scores that came before it stay told. */
export async function measureQuality(
  job: QualityJob,
  sink: QualitySink,
  options: MeasureOptions = {},
): Promise<MeasuredQuality> {
  return measureInChild({ base: import.meta.url, module: './quality-child' }, job, sink, options);
}

/** The same for any module of ours that compares pictures and tells of it as `quality-child` does. */
export async function measureInChild<Job extends { readonly vmaf: VmafJob | null }>(
  child: ComparingChild,
  job: Job,
  sink: QualitySink,
  options: MeasureOptions,
): Promise<MeasuredQuality> {
  // Removed here: the child may be killed at any time.
  const scratch = job.vmaf === null ? null : await mkdtemp(join(tmpdir(), 'encodelab-quality-'));
  try {
    const vmaf = job.vmaf === null ? null : { ...job.vmaf, scratch: scratch! };
    return await measure(child, { ...job, vmaf }, sink, options);
  } finally {
    if (scratch !== null) await rm(scratch, { recursive: true, force: true });
  }
}

/** A module beside the one at `base`. */
interface ComparingChild {
  readonly base: string;
  readonly module: string;
}

async function measure(
  { base, module }: ComparingChild,
  job: object,
  sink: QualitySink,
  options: MeasureOptions,
): Promise<MeasuredQuality> {
  let end: Extract<QualityMessage, { kind: 'end' | 'failed' }> | null = null;
  const limits = {
    stallMs: options.stallMs ?? STALL_MS,
    timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
    maxRssBytes: options.maxRssBytes ?? MAX_RSS_BYTES,
  };
  const result = await runWatched(base, module, job, {
    ...limits,
    signal: options.signal,
    stream: options.stream ?? 'video',
    onScores: (batch) => sink.scores(batch),
    onMessage: (message) => {
      const typed = message as unknown as QualityMessage;
      if (typed.kind === 'progress') sink.progress(typed.done, typed.of);
      else end = typed;
    },
  });
  const told = end as Extract<QualityMessage, { kind: 'end' | 'failed' }> | null;
  if (told?.kind === 'end') return { ok: true, header: told.header, absent: told.absent };
  return { ok: false, reason: told?.reason ?? brokenOff(result, limits) };
}

function brokenOff(
  { stopped, fault, child }: WatchedResult,
  limits: { readonly stallMs: number; readonly timeoutMs: number; readonly maxRssBytes: number },
): string {
  switch (stopped) {
    case 'aborted':
      return 'it was told to stop';
    case 'timeout':
      return `it took longer than ${limits.timeoutMs / 1000} s`;
    case 'stalled':
      return `it hangs: nothing came for ${limits.stallMs / 1000} s`;
    case 'memory':
      return `it takes more than ${Math.round(limits.maxRssBytes / 1e6)} MB of memory`;
    case null:
      break;
  }
  if (fault !== null) return `the measuring process sent ${fault}`;
  const how = child.signal ?? child.cause?.message ?? `exit status ${child.code}`;
  const line = child.stderr.trim().split('\n').at(-1) ?? '';
  return `the measuring process broke down (${how})${line === '' ? '' : `: ${line}`}`;
}

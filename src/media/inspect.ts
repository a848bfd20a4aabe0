// What is in a source? Every packet is read (nothing is estimated) in a child that can't hang us or eat our memory.

import type { SourceInfo } from '#core/source';
import { UserError } from '#core/user-error';
import { hashFile, hashText } from './content-hash.ts';
import type { InspectAnswer, InspectJob, InspectMessage, SourceFacts } from './source-facts.ts';
import { sourceFault } from './source-faults.ts';
import { sourceInfo } from './source-info.ts';
import { checkGraph, checkSourceFile, lavfiGraph } from './source-path.ts';
import { childProblem, refusal } from './source-refusal.ts';
import { runWatched } from './watched-child.ts';

/** A child that says nothing for this long hangs: it reports four times a second while it reads. */
const STALL_MS = 20_000;
/** A whole film from a slow disk takes minutes; nothing takes longer. */
const TIMEOUT_MS = 10 * 60_000;
/** Frames after which a generated source counts as endless: two minutes at 30 frames a second. */
export const MAX_GENERATED_FRAMES = 3_600;

export interface InspectOptions {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds that it may take; ten minutes by default. */
  readonly timeoutMs?: number | undefined;
  /** False leaves the content hash out (it is then the empty string). */
  readonly hash?: boolean | undefined;
  /** Milliseconds of silence after which the reading child is taken for hung. */
  readonly stallMs?: number | undefined;
  /** Resident memory at which the reading child is killed, bytes. */
  readonly maxRssBytes?: number | undefined;
}

/**
 * Inspects a file, or a generated source `lavfi:GRAPH`.
 * @throws UserError where it is no fit source, with the reason
 */
export async function inspectSource(path: string, options: InspectOptions = {}): Promise<SourceInfo> {
  const graph = lavfiGraph(path);
  if (graph !== null) checkGraph(path, graph);
  const bytes = graph === null ? await checkSourceFile(path) : 0;
  const stopHashing = new AbortController();
  const hashing = hashOf(path, options, stopHashing.signal);
  hashing.catch(ignoreUntilAwaited);
  try {
    const { facts, log } = await readFacts(path, options);
    const fault = sourceFault(facts, log, bytes);
    if (fault !== null) throw new UserError({ ...fault, where: path });
    return sourceInfo({ path, bytes, hash: await hashing }, facts, log);
  } finally {
    stopHashing.abort();
  }
}

/** A failing hash matters only where the inspection itself succeeds and awaits it. */
function ignoreUntilAwaited(): void {}

function hashOf(path: string, options: InspectOptions, stop: AbortSignal): Promise<string> {
  if (options.hash === false) return Promise.resolve('');
  if (lavfiGraph(path) !== null) return Promise.resolve(hashText(path));
  return hashFile(path, options.signal === undefined ? stop : AbortSignal.any([stop, options.signal]));
}

async function readFacts(path: string, options: InspectOptions): Promise<{ facts: SourceFacts; log: string }> {
  const messages: InspectAnswer[] = [];
  const job: InspectJob = { path, maxGeneratedFrames: MAX_GENERATED_FRAMES };
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
  const result = await runWatched(import.meta.url, './inspect-child', job, {
    stallMs: options.stallMs ?? STALL_MS,
    timeoutMs,
    maxRssBytes: options.maxRssBytes,
    signal: options.signal,
    onMessage: (message) => {
      const typed = message as unknown as InspectMessage;
      if (typed.kind !== 'alive') messages.push(typed);
    },
  });
  const answer = messages[0];
  if (answer?.kind === 'facts') return { facts: answer.facts, log: result.child.stderr };
  if (result.stopped === 'aborted') throw options.signal?.reason ?? new Error('inspection was stopped');
  const limits = { timeoutMs, stallMs: options.stallMs ?? STALL_MS, maxRssBytes: options.maxRssBytes };
  const problem = answer === undefined ? childProblem(result, limits) : refusal(path, answer.what, result);
  throw new UserError({ ...problem, where: path });
}

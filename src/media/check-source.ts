// Is a source fit to be encoded, and what is in each frame of it? One full decode in a child, the hash beside it.

import type { CheckedSource, SourceFrameColumns } from '#core/source-check';
import { UserError } from '#core/user-error';
import { hashFile, hashText } from './content-hash.ts';
import { MAX_GENERATED_FRAMES } from './inspect.ts';
import { fileIdentity } from './inspect-cache.ts';
import { cutShort, sourceFault, unfitSource } from './source-faults.ts';
import { sourceInfo } from './source-info.ts';
import { checkGraph, checkSourceFile, lavfiGraph } from './source-path.ts';
import { childProblem, refusal } from './source-refusal.ts';
import type { CheckJob, CheckMessage, ColumnsMessage } from './source-check/check-messages.ts';
import { COLUMNS, bytesOf, emptyColumns } from './source-check/frame-columns.ts';
import { judgeSource } from './source-check/judge-source.ts';
import { listKeptPictures } from './thumbnails/kept-pictures.ts';
import { runWatched } from './watched-child.ts';

/** A child that says nothing for this long hangs: it reports four times a second, and no frame takes that long. */
const STALL_MS = 60_000;
/** A film of many hours at a frame a second: nothing takes longer. */
const TIMEOUT_MS = 48 * 3_600_000;
/** A decoder of many threads holds a picture for each: 64 of 8K, 10 bits deep, take 6 GB. */
const MAX_RSS_BYTES = 8_000_000_000;
/** Kept of the beginning of FFmpeg's log, where the container is told of; its end is kept anyway. */
const LOG_HEAD_BYTES = 64 * 1024;
/** How often a source is read again whose child was killed by somebody else: that says nothing about the source. */
const MAX_KILLED = 3;

export interface CheckOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told several times a second how much is decoded, 0 to 1; never where the length is not known. */
  readonly onProgress?: ((share: number) => void) | undefined;
  /** Told once what decoding cost, CPU seconds of the child; never where it was stopped. */
  readonly onCpu?: ((seconds: number) => void) | undefined;
  /**
   * Makes the thumbnails in passing, in an empty folder of the caller's, for `takeKeptPictures` of media/thumbnails. The folder
   * then holds a list of them, or nothing that counts: where the source does not say how long it is, or says it wrongly.
   */
  readonly pictures?: { readonly folder: string } | undefined;
}

type End = Extract<CheckMessage, { kind: 'end' | 'refused' }>;

/**
 * Decodes a file, or a generated source `lavfi:GRAPH`, from its first to its last frame, in one pass that also hashes it.
 * Frames have the numbers that an encode of it gives them.
 * @returns also a source with faults: its `findings` of the level `error` say why it should not be encoded
 * @throws UserError where nothing can be made of it at all, or where it changes meanwhile
 */
export async function checkSource(path: string, options: CheckOptions = {}): Promise<CheckedSource> {
  const graph = lavfiGraph(path);
  if (graph !== null) checkGraph(path, graph);
  const bytes = graph === null ? await checkSourceFile(path) : 0;
  const identity = graph === null ? await fileIdentity(path) : null;
  const stop = new AbortController();
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([stop.signal, options.signal]);
  const hashing = graph === null ? hashFile(path, signal) : Promise.resolve(hashText(path));
  // A failing hash matters only where the decoding itself succeeds and awaits it.
  hashing.catch(() => undefined);
  try {
    const { end, columns, log } = await decode(path, options);
    const { facts, tallies, scenes } = end;
    if (unfitSource(facts) !== null || tallies === null)
      throw new UserError({ ...sourceFault(facts, log, bytes)!, where: path });
    if (columns.pts.length === 0) throw new UserError({ what: 'no frame of it can be decoded', where: path });
    const hash = await hashing;
    if (graph === null && (await fileIdentity(path)) !== identity)
      throw new UserError({
        what: 'the file changed while it was read',
        where: path,
        todo: 'Wait until it is complete, and try again.',
      });
    const info = sourceInfo({ path, bytes, hash }, facts, log);
    if (end.pictures !== null && options.pictures !== undefined)
      await listKeptPictures(options.pictures.folder, end.pictures, end.pictures.shape, { info, frames: columns });
    return {
      version: 1,
      info,
      findings: judgeSource({ facts, tallies, columns, cut: cutShort(facts, log, bytes) }),
      frames: columns,
      scenes,
    };
  } finally {
    stop.abort();
  }
}

interface Decoded {
  readonly end: Extract<End, { kind: 'end' }>;
  readonly columns: SourceFrameColumns;
  readonly log: string;
}

async function decode(path: string, options: CheckOptions, killed = 0): Promise<Decoded> {
  let columns = emptyColumns(0);
  const ends: End[] = [];
  const head: Buffer[] = [];
  let headBytes = 0;
  const job: CheckJob = {
    path,
    maxGeneratedFrames: MAX_GENERATED_FRAMES,
    pictures: options.pictures?.folder ?? null,
  };
  const limits = { stallMs: STALL_MS, timeoutMs: TIMEOUT_MS, maxRssBytes: MAX_RSS_BYTES };
  const result = await runWatched(import.meta.url, './source-check/check-child', job, {
    ...limits,
    signal: options.signal,
    onMessage: (message) => {
      const typed = message as unknown as CheckMessage;
      if (typed.kind === 'columns') {
        if (typed.first === 0) columns = emptyColumns(typed.of);
        fill(columns, typed);
      } else if (typed.kind !== 'alive') ends.push(typed);
      else if (typed.share !== null) options.onProgress?.(typed.share);
    },
    onStderr: (chunk) => {
      if (headBytes < LOG_HEAD_BYTES) head.push(chunk);
      headBytes += chunk.length;
    },
  });
  const end = ends[0];
  if (end !== undefined) options.onCpu?.(end.cpuS);
  if (end?.kind === 'end') {
    const log = result.child.truncated
      ? `${Buffer.concat(head).toString('utf8')}\n${result.child.stderr}`
      : result.child.stderr;
    return { end, columns, log };
  }
  if (result.stopped === 'aborted') throw options.signal?.reason ?? new Error('the check was stopped');
  const wasKilled = end === undefined && result.stopped === null && result.child.signal === 'SIGKILL';
  if (wasKilled && result.fault === null && killed < MAX_KILLED) return decode(path, options, killed + 1);
  const problem = end === undefined ? childProblem(result, limits) : refusal(path, end.what, result);
  throw new UserError({ ...problem, where: path });
}

/** Writes a batch where it belongs as it comes: nothing is held twice. */
function fill(columns: SourceFrameColumns, { first, columns: texts }: ColumnsMessage): void {
  for (const name of COLUMNS) bytesOf(columns[name].subarray(first)).write(texts[name]!, 'base64');
}

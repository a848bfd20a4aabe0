// Which parameters of an encoder can be changed while it works: proved once, then kept by the build of the encoder.

import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { EncoderInfo, EncoderParameter, LiveChange } from '#core/encoder';
import { isSystemError, writeCacheFile } from './cache-file.ts';
import { LiveEncodes } from './live-encodes.ts';
import { LiveProof } from './live-proof.ts';

/** Raised whenever the way of proving changes: older files are then made anew. */
const LIVE_VERSION = 1;
/** Parameters that are decided together. */
const BATCH = 16;
/** What is not decided by then is left for the next time. */
const MAX_PROOF_MS = 120_000;

export type LiveChanges = Map<string, LiveChange>;

export interface ProveOptions {
  /** Identifies what is kept: another build is proved anew. */
  readonly build: string;
  /** Values of free texts that the library told of, by parameter; asked for where they are needed. */
  readonly choices: () => Promise<ReadonlyMap<string, readonly string[]>>;
  readonly cacheFolder?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, of: number) => void) | undefined;
}

/**
 * Decides every parameter that is not decided yet, its own before those of every encoder. What was decided is kept, even
 * where it is stopped in between.
 * @throws the signal's reason where it has aborted
 */
export async function findLiveChanges(encoder: EncoderInfo, options: ProveOptions): Promise<LiveChanges> {
  const found = await readLiveChanges(encoder.name, options.build, options.cacheFolder);
  const open = encoder.parameters.filter(({ name }) => !found.has(name));
  if (open.length === 0) return found;
  const encodes = new LiveEncodes(options.signal);
  const tell = () => options.onProgress?.(found.size, encoder.parameters.length);
  const proof = new LiveProof(encoder, encodes, {
    choices: await options.choices(),
    untilMs: performance.now() + MAX_PROOF_MS,
    onDecided: (name, change) => {
      found.set(name, change);
      tell();
    },
  });
  tell();
  try {
    for (const batch of batchesOf(open)) await proof.run(batch);
  } finally {
    await encodes.close();
    await writeLiveChanges(encoder.name, options.build, found, options.cacheFolder);
  }
  return found;
}

/** Its own parameters first. What one batch shows is kept, however long the rest may take. */
function batchesOf(parameters: readonly EncoderParameter[]): EncoderParameter[][] {
  const ordered = [
    ...parameters.filter(({ scope }) => scope === 'private'),
    ...parameters.filter(({ scope }) => scope === 'generic'),
  ];
  const batches: EncoderParameter[][] = [];
  for (let i = 0; i < ordered.length; i += BATCH) batches.push(ordered.slice(i, i + BATCH));
  return batches;
}

/** The encoder with what is known of its live changes. */
export function withLiveChanges(encoder: EncoderInfo, found: ReadonlyMap<string, LiveChange>): EncoderInfo {
  if (found.size === 0) return encoder;
  const parameters = encoder.parameters.map((parameter) => ({
    ...parameter,
    live: found.get(parameter.name) ?? parameter.live,
  }));
  return { ...encoder, parameters };
}

/** What is kept of a build; empty where nothing is, or the file is damaged or of another version. */
export async function readLiveChanges(
  encoder: string,
  build: string,
  cacheFolder: string | undefined,
): Promise<LiveChanges> {
  if (cacheFolder === undefined) return new Map();
  const text = await readFile(cachePath(cacheFolder, encoder, build), 'utf8').catch((error: unknown) => {
    if (isSystemError(error)) return null;
    throw error;
  });
  const file = text === null ? null : parse(text);
  return file === null || file.version !== LIVE_VERSION || file.build !== build
    ? new Map()
    : new Map(Object.entries(file.changes));
}

/** Names of the encoders of which something is kept, of whatever build. */
export async function encodersWithLiveChanges(cacheFolder: string): Promise<string[]> {
  const files = await readdir(cacheFolder).catch((error: unknown) => {
    if (isSystemError(error)) return [];
    throw error;
  });
  return files.flatMap((name) => /^live-(.+)-[0-9a-f]{16}\.json$/.exec(name)?.[1] ?? []);
}

interface LiveFile {
  readonly version: number;
  readonly build: string;
  readonly changes: Readonly<Record<string, LiveChange>>;
}

async function writeLiveChanges(
  encoder: string,
  build: string,
  found: LiveChanges,
  cacheFolder: string | undefined,
): Promise<void> {
  if (cacheFolder === undefined || found.size === 0) return;
  const file: LiveFile = { version: LIVE_VERSION, build, changes: Object.fromEntries(found) };
  await writeCacheFile(cachePath(cacheFolder, encoder, build), JSON.stringify(file));
}

function cachePath(folder: string, encoder: string, build: string): string {
  return join(folder, `live-${encoder}-${createHash('sha256').update(build).digest('hex').slice(0, 16)}.json`);
}

const STATES: ReadonlySet<unknown> = new Set(['yes', 'no', 'unknown']);

/** Its shape is checked before it is trusted. */
function parse(text: string): LiveFile | null {
  try {
    const file = JSON.parse(text) as Partial<LiveFile> | null;
    const whole =
      typeof file?.version === 'number' &&
      typeof file.build === 'string' &&
      typeof file.changes === 'object' &&
      Object.values(file.changes ?? {}).every(
        (change) => STATES.has(change?.state) && typeof (change as Partial<LiveChange>).how === 'string',
      );
    return whole && file.changes !== null ? (file as LiveFile) : null;
  } catch {
    return null;
  }
}

// Reads a profile from a file or a stream of any format that is known, compressed or not: the content tells which it is.

import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Profile } from '#core/profile';
import { UserError } from '#core/user-error';
import { profileFromPerf } from '#perf/assemble/profile-from-perf';
import { openImages } from '#perf/symbols/open-images';
import { asImported } from '#profile/formats/as-imported';
import { KNOWN_FORMATS, readProfileText, withAbsent } from '#profile/formats/read-profile';
import { gunzipped, isGzip } from './unpacked-bytes.ts';

/** Of a perf.data, whatever its mode. */
const PERF_MAGIC = 'PERFILE2';
/** Text has no zero byte; so much of the beginning is looked at. */
const LOOKED_AT_BYTES = 4096;

export interface ProfileFile {
  readonly profile: Profile;
  /** SHA-256 of the content, unpacked, hexadecimal. */
  readonly hash: string;
}

/** Where a perf.data lies, which is not read as it comes: what its end tells is needed first. */
export interface PerfDataPlace {
  /** The content as a file; null where it is a stream. */
  readonly path: string | null;
  /** Folder for a file of it for the time of its reading, where it is a stream or compressed. */
  readonly scratchFolder: string;
}

/**
 * @param packed the content, read once
 * @param name what it is called, for errors and the profile's header
 * @throws UserError where it is of no known format, damaged, or holds no samples
 */
export async function readProfileContent(
  packed: AsyncIterable<Uint8Array>,
  name: string,
  place: PerfDataPlace,
): Promise<ProfileFile> {
  const hash = createHash('sha256');
  const source = await beginningOf(packed, 2);
  const isPacked = isGzip(source.beginning);
  const unpacked = isPacked ? gunzipped(source.all, name) : { bytes: source.all, cut: () => false };
  const { beginning, all } = await beginningOf(hashed(unpacked.bytes, hash), LOOKED_AT_BYTES);
  if (beginning.length === 0)
    throw new UserError({
      what: unpacked.cut() ? 'nothing can be unpacked of it: it is cut off' : 'the file is empty',
      where: name,
      todo: `What can be imported: ${KNOWN_FORMATS}.`,
    });
  const read = isPerfData(beginning)
    ? await readPerfData(all, name, isPacked ? { ...place, path: null } : place)
    : await readText(beginning, all, name);
  const profile = unpacked.cut() ? withAbsent(read, 'the end: the compressed file is cut off') : read;
  return { profile, hash: hash.digest('hex') };
}

/** Whether a file that begins so is a perf.data. */
function isPerfData(beginning: Uint8Array): boolean {
  return Buffer.from(beginning.subarray(0, PERF_MAGIC.length)).toString('latin1') === PERF_MAGIC;
}

async function readText(beginning: Uint8Array, all: AsyncIterable<Uint8Array>, name: string): Promise<Profile> {
  if (beginning.includes(0))
    throw new UserError({
      what: 'this is no profile of a format that is known: it is no text',
      where: name,
      todo: `What can be imported: ${KNOWN_FORMATS}.`,
    });
  return readProfileText(decoded(all), name);
}

async function readPerfData(all: AsyncIterable<Uint8Array>, name: string, place: PerfDataPlace): Promise<Profile> {
  const path = place.path ?? join(place.scratchFolder, `import-${randomUUID()}`);
  try {
    if (place.path === null) await write(all, path, name);
    // All of it counts for the hash.
    else for await (const _ of all);
    const { header, ...tables } = await profileFromPerf(path, { images: openImages() });
    if (tables.samples.timeNs.length === 0 && (tables.spans?.startNs.length ?? 0) === 0)
      throw new UserError({
        what: `this is a perf.data, and holds no samples${header.absent.length === 0 ? '' : ` (${header.absent.join('; ')})`}`,
        where: name,
        todo: 'Record again: nothing was sampled, or the file is cut off before its first sample.',
      });
    // Whatever clock it was taken with: nothing else of this run has times on it.
    return asImported({ header: { ...header, file: name, clock: 'own' }, ...tables });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(
      error.problems.map((problem) => ({ ...problem, where: name })),
      { cause: error },
    );
  } finally {
    if (place.path === null) await rm(path, { force: true });
  }
}

async function write(bytes: AsyncIterable<Uint8Array>, path: string, name: string): Promise<void> {
  try {
    await pipeline(bytes, createWriteStream(path, { mode: 0o600 }));
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw new UserError({ what: `it can't be unpacked: ${(cause as Error).message}`, where: name }, { cause });
  }
}

async function* hashed(
  bytes: AsyncIterable<Uint8Array>,
  hash: ReturnType<typeof createHash>,
): AsyncGenerator<Uint8Array> {
  for await (const piece of bytes) {
    hash.update(piece);
    yield piece;
  }
}

async function* decoded(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  // Names of functions may hold any bytes: one that is no UTF-8 is no reason to refuse the rest.
  const decoder = new TextDecoder();
  for await (const piece of bytes) yield decoder.decode(piece, { stream: true });
  yield decoder.decode();
}

/** @returns at least so many bytes of the beginning, if there are so many; and all of it, to be read once */
async function beginningOf(
  bytes: AsyncIterable<Uint8Array>,
  length: number,
): Promise<{ readonly beginning: Uint8Array; readonly all: AsyncIterable<Uint8Array> }> {
  const pieces = bytes[Symbol.asyncIterator]();
  let beginning: Uint8Array = new Uint8Array(0);
  while (beginning.length < length) {
    const next = await pieces.next();
    if (next.done === true) break;
    beginning = Buffer.concat([beginning, next.value]);
  }
  async function* all(): AsyncGenerator<Uint8Array> {
    try {
      yield beginning;
      for (let next = await pieces.next(); next.done !== true; next = await pieces.next()) yield next.value;
    } finally {
      await pieces.return?.();
    }
  }
  return { beginning, all: all() };
}

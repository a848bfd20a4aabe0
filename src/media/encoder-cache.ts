// What was found out about encoders, kept between starts: trying all of them takes seconds.

import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import type { EncoderInfo } from '#core/encoder';
import { isSystemError, writeCacheFile } from './cache-file.ts';
import type { EncoderListing } from './encoder-listing.ts';

/** Raised whenever what is kept, or how it is found, changes: older files are then made anew. */
const CACHE_VERSION = 4;

export interface KnownEncoder {
  readonly info: EncoderInfo;
  /** Version of the library behind it; null where it does not tell. */
  readonly library: string | null;
  /** True where its trial ran out of time, which is not kept. */
  readonly uncertain?: boolean | undefined;
}

interface CacheFile {
  readonly version: number;
  readonly key: string;
  readonly encoders: readonly KnownEncoder[];
}

/** What the result depends on: the build, the CPU, and the devices that hardware encoders need. */
export async function encoderCacheKey(listing: EncoderListing): Promise<string> {
  const [devices, nodes, vulkanDrivers] = await Promise.all(
    ['/dev', '/dev/dri', '/usr/share/vulkan/icd.d'].map((folder) => readdir(folder).catch((): string[] => [])),
  );
  const video = devices!.filter((name) => /^(nvidia|video)\d/.test(name));
  const graphics = [...video, ...nodes!, ...vulkanDrivers!].toSorted();
  return JSON.stringify([
    listing.ffmpeg,
    listing.nodeAv,
    listing.libraries,
    cpus()[0]?.model ?? '',
    process.arch,
    graphics,
  ]);
}

/** The encoders kept under a key, by name; empty where there are none or the file is damaged or of another version. */
export async function readEncoderCache(folder: string, key: string): Promise<Map<string, KnownEncoder>> {
  const text = await readFile(cachePath(folder, key), 'utf8').catch((error: unknown) => {
    // Whatever keeps the system from giving it (no such file, no permission): it is found out again.
    if (isSystemError(error)) return null;
    throw error;
  });
  const file = text === null ? null : parse(text);
  if (file === null || file.version !== CACHE_VERSION || file.key !== key) return new Map();
  return new Map(file.encoders.map((known) => [known.info.name, known]));
}

/** Keeps what was found out, where the system lets us (see `writeCacheFile`). */
export async function writeEncoderCache(folder: string, key: string, encoders: Iterable<KnownEncoder>): Promise<void> {
  const file: CacheFile = {
    version: CACHE_VERSION,
    key,
    encoders: [...encoders].filter(({ uncertain }) => uncertain !== true),
  };
  await writeCacheFile(cachePath(folder, key), JSON.stringify(file));
}

/** A name of its own for each key, so that two installations do not undo each other's. */
function cachePath(folder: string, key: string): string {
  return join(folder, `encoders-${createHash('sha256').update(key).digest('hex').slice(0, 16)}.json`);
}

/** A file that some other program damaged is made anew, so its shape is checked before it is trusted. */
function parse(text: string): CacheFile | null {
  try {
    const file = JSON.parse(text) as Partial<CacheFile> | null;
    const whole =
      typeof file?.version === 'number' &&
      typeof file.key === 'string' &&
      Array.isArray(file.encoders) &&
      file.encoders.every(
        (known) =>
          typeof known?.info?.name === 'string' &&
          Array.isArray(known.info.parameters) &&
          Array.isArray(known.info.subOptions),
      );
    return whole ? (file as CacheFile) : null;
  } catch {
    return null;
  }
}

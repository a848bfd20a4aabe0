// Sources that were inspected before: reading tens of gigabytes again at each start of a bench would cost minutes.

import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { resolve, join } from 'node:path';
import type { SourceInfo } from '#core/source';
import { writeCacheFile } from './cache-file.ts';
import { inspectSource, type InspectOptions } from './inspect.ts';
import { lavfiGraph } from './source-path.ts';

/** Raised whenever `inspectSource` tells more, or otherwise: older files are then made anew. */
const CACHE_VERSION = 3;

interface CacheFile {
  readonly version: number;
  readonly identity: string;
  readonly source: SourceInfo;
}

/**
 * Inspects a source, or remembers what was found where the file is the same by place, inode, size and times. The time of
 * change (ctime) can't be set back by a program, so that a replaced or rewritten file is always read again.
 * @param folder where results are kept
 * @throws UserError where it is no fit source, with the reason
 */
export async function inspectSourceOnce(
  path: string,
  folder: string,
  options: InspectOptions = {},
): Promise<SourceInfo> {
  const identity = lavfiGraph(path) === null ? await fileIdentity(path) : null;
  if (identity === null) return inspectSource(path, options);
  const file = join(folder, `source-${createHash('sha256').update(resolve(path)).digest('hex').slice(0, 16)}.json`);
  const known = await readKnown(file);
  if (known?.version === CACHE_VERSION && known.identity === identity) return { ...known.source, path };
  const source = await inspectSource(path, options);
  // It may have changed while it was read: then what was found belongs to neither state.
  if ((await fileIdentity(path)) === identity)
    await writeCacheFile(file, JSON.stringify({ version: CACHE_VERSION, identity, source } satisfies CacheFile));
  return source;
}

/** What tells a file from a changed or replaced one: place, inode, size, times; null where there is no such file. */
export async function fileIdentity(path: string): Promise<string | null> {
  const file = await stat(path, { bigint: true }).catch(() => null);
  return file?.isFile() === true ? [file.dev, file.ino, file.size, file.mtimeNs, file.ctimeNs].join(' ') : null;
}

async function readKnown(file: string): Promise<CacheFile | null> {
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null) return null;
  try {
    return JSON.parse(text) as CacheFile | null;
  } catch (error) {
    // A damaged file is made anew.
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

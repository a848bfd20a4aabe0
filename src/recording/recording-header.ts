// `recording.json`: what a recording is of, and how far it has come.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RECORDING_VERSION, type RecordingHeader } from '#core/recording';
import type { RunRecord } from '#core/run';
import { UserError } from '#core/user-error';
import { writeFileAtomic } from '#system/atomic-file';
import { recordingError } from './recording-error.ts';

export const HEADER_FILE = 'recording.json';

/** The header as it lies on disk: while it is recorded it also names the process that does. */
export interface StoredHeader extends RecordingHeader {
  readonly owner?: RecordingOwner;
}

export interface RecordingOwner {
  readonly pid: number;
  /** Clock ticks since boot; tells it from a later process of the same pid. */
  readonly startTicks: number;
}

/** The upgrade at position n makes a header of version n + 1 one of version n + 2. */
const UPGRADES: readonly ((header: Record<string, unknown>) => Record<string, unknown>)[] = [];

/**
 * Reads the header of a recording, of this version or an older one.
 * @throws UserError where there is none, it is damaged, or a newer encodelab made it
 */
export async function readHeader(folder: string): Promise<StoredHeader> {
  const path = join(folder, HEADER_FILE);
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR')
      throw new UserError({ what: 'there is no recording here', where: folder }, { cause: error });
    throw recordingError("the recording can't be read", path, error);
  });
  return parseHeader(text, path);
}

export function parseHeader(text: string, path: string): StoredHeader {
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch (cause) {
    throw new UserError({ what: 'this is not the header of a recording: it is no JSON', where: path }, { cause });
  }
  const version = (header as { version?: unknown } | null)?.version;
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 1)
    throw new UserError({ what: 'this is not the header of a recording: it has no version', where: path });
  if (version > RECORDING_VERSION)
    throw new UserError({
      what: `the recording was made by a newer encodelab (its version is ${version}, ours ${RECORDING_VERSION})`,
      where: path,
      todo: 'Update encodelab to read it.',
    });
  const upgraded = UPGRADES.slice(version - 1).reduce(
    (old, upgrade) => upgrade(old),
    header as Record<string, unknown>,
  );
  return { ...upgraded, version: RECORDING_VERSION } as unknown as StoredHeader;
}

export async function writeHeader(folder: string, header: StoredHeader): Promise<void> {
  await writeFileAtomic(join(folder, HEADER_FILE), `${JSON.stringify(header, null, 2)}\n`);
}

/**
 * Puts the result of its run, metrics included, into the header of a recording that has ended.
 * @param absent what is missing besides, and why
 */
export async function writeResult(folder: string, result: RunRecord, absent: readonly string[] = []): Promise<void> {
  const header = await readHeader(folder);
  await writeHeader(folder, { ...header, absent: [...header.absent, ...absent], result });
}

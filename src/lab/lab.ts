// A lab: the folder that holds a user's benchmarks, recordings and catalogue.

import { open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '#core/user-error';
import { checkRecordingPlace } from '#recording/live-file';
import { writeFileAtomic } from '#system/atomic-file';
import { makeFolder } from '#system/make-folder';
import { RESTORE_ADVICE } from './catalogue-error.ts';
import { ExclusionsReader } from './exclusions.ts';
import { removeTrash } from './trash.ts';
import { openCatalogue, type SqliteCatalogue } from './sqlite-catalogue.ts';

export const LAB_VERSION = 1;
export const LAB_FILE = 'lab.json';
const CATALOGUE_FILE = 'catalogue.sqlite';
const RECORDINGS = 'recordings';
/** Folder of workers' rolling recordings. */
export const ROLLING = 'rolling';

export interface Lab {
  /** Absolute. */
  readonly path: string;
  readonly catalogue: SqliteCatalogue;
  /** Benchmark files that the page lists. */
  readonly benchmarksFolder: string;
  readonly recordingsFolder: string;
  /** What can be made again: discovered encoders, inspected sources. */
  readonly cacheFolder: string;
  /**
   * Folder of a run's recording, whether or not it is there.
   * @throws UserError where that is no id of a run
   */
  recordingFolder(runId: string): string;
  /** The same as RunRecord.recording has it: relative to the lab. */
  recordingPath(runId: string): string;
  close(): Promise<void>;
}

/** The lab's folder: the option, else ENCODELAB_LAB, else `./lab`; absolute. */
export function labPath(option: string | undefined, env: NodeJS.ProcessEnv = process.env): string {
  const named = option ?? env['ENCODELAB_LAB'];
  return resolve(named === undefined || named === '' ? 'lab' : named);
}

export interface OpenLabOptions {
  /** Opens only what is there, and writes nothing. */
  readonly readonly?: boolean | undefined;
  /** Opens only what is there; what is missing in it is made. */
  readonly existing?: boolean | undefined;
}

/**
 * Opens a lab, and makes it where there is none; what a broken-off deletion left is removed.
 * @throws UserError where it can't be written, is damaged, or was made by a newer encodelab
 */
export async function openLab(path: string, options: OpenLabOptions = {}): Promise<Lab> {
  const folder = resolve(path);
  const readonly = options.readonly ?? false;
  try {
    checkRecordingPlace(folder);
    if (options.existing === true) await checkIsThere(folder);
    if (!readonly) await makeFolders(folder);
    await checkVersion(folder, readonly);
    if (!readonly) await checkWritable(folder);
    await checkCatalogueFile(folder, readonly);
  } catch (error) {
    throw labError(folder, error);
  }
  const exclusions = new ExclusionsReader(folder);
  const catalogue = await openCatalogue(join(folder, CATALOGUE_FILE), {
    readonly,
    exclusions: () => exclusions.read(),
  });
  const lab = makeLab(folder, catalogue);
  try {
    if (!readonly) await removeTrash(lab);
  } catch (error) {
    await catalogue.close();
    throw labError(folder, error);
  }
  return lab;
}

function makeLab(folder: string, catalogue: SqliteCatalogue): Lab {
  const recordingPath = (runId: string) => {
    if (!isRunId(runId)) throw new UserError({ what: `"${runId}" is not the id of a run` });
    return `${RECORDINGS}/${runId}`;
  };
  return {
    path: folder,
    catalogue,
    benchmarksFolder: join(folder, 'benchmarks'),
    recordingsFolder: join(folder, RECORDINGS),
    cacheFolder: join(folder, 'cache'),
    recordingPath,
    recordingFolder: (runId) => join(folder, recordingPath(runId)),
    close: () => catalogue.close(),
  };
}

/** An id becomes the name of a folder: nothing that leads out of the lab may pass. */
export function isRunId(text: string): boolean {
  return RUN_ID.test(text);
}

const RUN_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

async function makeFolders(folder: string): Promise<void> {
  for (const name of ['benchmarks', RECORDINGS, 'cache']) await makeFolder(join(folder, name));
}

/** The upgrade at position n makes a lab of version n + 1 one of version n + 2. */
const UPGRADES: readonly ((folder: string) => Promise<void>)[] = [];

async function checkVersion(folder: string, readonly: boolean): Promise<void> {
  const path = join(folder, LAB_FILE);
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (text === null) {
    if (readonly) throw noLab(folder);
    return writeVersion(path);
  }
  const version = parseVersion(text, path);
  if (version > LAB_VERSION)
    throw new UserError({
      what: `the lab was made by a newer encodelab (its version is ${version}, ours ${LAB_VERSION})`,
      where: path,
      todo: 'Update encodelab, or name another lab with --lab.',
    });
  if (version === LAB_VERSION || readonly) return;
  for (const upgrade of UPGRADES.slice(version - 1)) await upgrade(folder);
  await writeVersion(path);
}

function parseVersion(text: string, path: string): number {
  let version: unknown;
  try {
    version = (JSON.parse(text) as { version?: unknown } | null)?.version;
  } catch (cause) {
    throw new UserError({ what: 'the lab file is damaged: it is no JSON', where: path }, { cause });
  }
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 1)
    throw new UserError({ what: 'the lab file is damaged: it has no version', where: path });
  return version;
}

async function writeVersion(path: string): Promise<void> {
  await writeFileAtomic(path, `${JSON.stringify({ version: LAB_VERSION })}\n`);
}

/** A lab that lost its other files is one still where it has recordings. */
async function checkIsThere(folder: string): Promise<void> {
  for (const name of [LAB_FILE, RECORDINGS]) if ((await fileSize(join(folder, name))) !== null) return;
  throw noLab(folder);
}

function noLab(folder: string): UserError {
  return new UserError({
    what: 'there is no lab here',
    where: folder,
    todo: 'Name another with --lab; `encodelab bench run` and `encodelab demo` make one.',
  });
}

/** A catalogue that another process is making just now is empty for a moment. */
const MAKING_MS = 500;

/** SQLite takes an empty file for a new one, and would hide that there were results. */
async function checkCatalogueFile(folder: string, readonly: boolean): Promise<void> {
  const path = join(folder, CATALOGUE_FILE);
  const size = await fileSize(path);
  if (size === null && !readonly) return;
  if (size !== null && size > 0) return;
  const hasRecordings = (await readdir(join(folder, RECORDINGS)).catch(() => [])).some(isRunId);
  if (size === null)
    throw new UserError({
      what: 'the lab has no catalogue',
      where: path,
      todo: hasRecordings ? 'its recordings have the results: `encodelab runs restore`' : 'Run a benchmark first.',
    });
  if (!hasRecordings) return;
  await sleep(MAKING_MS);
  if ((await fileSize(path)) !== 0) return;
  throw new UserError({ what: "the catalogue can't be used: it is damaged", where: path, todo: RESTORE_ADVICE });
}

/** Bytes; null where there is nothing of that name. */
async function fileSize(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Permission bits tell root nothing, and a full disk has none: only writing tells. */
async function checkWritable(folder: string): Promise<void> {
  const path = join(folder, RECORDINGS, `.write-test.${process.pid}`);
  try {
    const file = await open(path, 'w');
    try {
      await file.writeFile(new Uint8Array(4096));
      await file.sync();
    } finally {
      await file.close();
    }
  } finally {
    await rm(path, { force: true });
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  ENOTDIR: 'a file stands where a folder is needed',
  EEXIST: 'a file stands where a folder is needed',
  EISDIR: 'a folder stands where a file is needed',
  ENOENT: 'it is not there, and can not be made',
  ELOOP: 'its symbolic links lead in a circle',
  ENAMETOOLONG: 'the name is too long',
  EIO: 'the disk reports an error',
};

function labError(folder: string, error: unknown): unknown {
  const { code, path } = error as NodeJS.ErrnoException;
  const reason = REASONS[code ?? ''];
  if (error instanceof UserError || reason === undefined) return error;
  const at = path === undefined || path === folder ? '' : ` (${path})`;
  return new UserError(
    { what: `the lab can't be used: ${reason}${at}`, where: folder, todo: 'Name another lab with --lab.' },
    { cause: error },
  );
}

// Makes a run of a profile that something else took: the run of a command that nobody knows more of than its profile.

import { constants } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import type { LockHolder } from '#core/catalogue';
import type { Profile } from '#core/profile';
import type { RunRecord } from '#core/run';
import { UserError } from '#core/user-error';
import { uuidv7 } from '#core/uuid';
import type { Lab } from '#lab/lab';
import { writeProfile, type StoredProfile } from '#recording/profile-tables';
import { startRecording } from '#recording/recorder';
import { writeResult } from '#recording/recording-header';
import { ownIdentity } from '#system/process-identity';
import { unknownEnvironment } from './import-record.ts';
import { readProfileContent, type ProfileFile } from './read-profile-file.ts';
import { sameKey } from './same-key.ts';

const READ_BYTES = 256 * 1024;

export interface ImportedProfile {
  readonly run: RunRecord;
  readonly profile: Profile;
  /** False where the same content was imported before: this is that run. */
  readonly isNew: boolean;
}

/**
 * Imports a file. Nothing of it is in the lab before all of it was read.
 * @param name what the file is called, for people
 * @param title what the run is called; the file's name where it is null
 * @throws UserError where it can't be read, is of no known format, or the lab can't be written
 */
export async function importProfileFile(
  lab: Lab,
  path: string,
  name: string,
  title: string | null = null,
): Promise<ImportedProfile> {
  // A pipe that nobody writes to would be waited for.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((cause: NodeJS.ErrnoException) => {
    const what = cause.code === 'ENOENT' ? 'there is no such file' : `the file can't be read: ${cause.message}`;
    throw new UserError({ what, where: path }, { cause });
  });
  try {
    const facts = await file.stat();
    if (!facts.isFile())
      throw new UserError({
        what: facts.isDirectory() ? 'it is a folder' : 'it is no regular file',
        where: path,
        todo: 'Name a file, or - and write the profile to standard input.',
      });
    const stream = file.createReadStream({ highWaterMark: READ_BYTES, autoClose: false, start: 0 });
    const read = await readProfileContent(stream, name, { path, scratchFolder: lab.cacheFolder });
    return await addProfileRun(lab, read, title ?? name, Math.min(facts.mtimeMs, Date.now()));
  } finally {
    await file.close();
  }
}

/**
 * Imports what a stream brings, to its end.
 * @param name what it is called, for people
 * @param title what the run is called; `name` where it is null
 * @throws UserError as importProfileFile does
 */
export async function importProfileStream(
  lab: Lab,
  bytes: AsyncIterable<Uint8Array>,
  name: string,
  title: string | null = null,
): Promise<ImportedProfile> {
  const read = await readProfileContent(bytes, name, { path: null, scratchFolder: lab.cacheFolder });
  return addProfileRun(lab, read, title ?? name, Date.now());
}

/** @param endedMs when it had been taken at the latest, milliseconds since 1970 */
async function addProfileRun(
  lab: Lab,
  { profile, hash }: ProfileFile,
  title: string,
  endedMs: number,
): Promise<ImportedProfile> {
  const environment = unknownEnvironment(profile.header.tool);
  const key = sameKey({ kind: 'command', settings: {}, sourceHash: hash, encoderBuild: 'a profile' }, environment);
  const holder: LockHolder = { ...ownIdentity(), what: `imports ${title}` };
  const lock = `import profile ${hash}`;
  const other = await lab.catalogue.lock(lock, holder);
  if (other !== null)
    throw new UserError({ what: `process ${other.pid} imports the same profile just now`, where: title });
  try {
    const [known] = await lab.catalogue.runs({ sameKeys: [key], limit: 1 });
    if (known !== undefined) return { run: known, profile, isNew: false };
    const durationS = profileDurationS(profile);
    const beganMs = endedMs - (durationS ?? 0) * 1000;
    const id = uuidv7(Math.floor(beganMs), randomBytes(10));
    const run: RunRecord = {
      id,
      kind: 'command',
      benchmark: null,
      cell: title,
      repeat: 1,
      settings: { profile: title },
      labels: [],
      sameKey: key,
      outcome: 'ok',
      reason: null,
      interrupted: false,
      startedAt: new Date(beganMs).toISOString(),
      durationS,
      metrics: {},
      recording: lab.recordingPath(id),
    };
    try {
      await writeRecording(lab.recordingFolder(id), run, profile, environment);
      await lab.catalogue.restoreRuns([run]);
    } catch (error) {
      await rm(lab.recordingFolder(id), { recursive: true, force: true });
      throw error;
    }
    return { run, profile, isNew: true };
  } finally {
    await lab.catalogue.unlock(lock, holder);
  }
}

async function writeRecording(
  folder: string,
  run: RunRecord,
  profile: Profile,
  environment: ReturnType<typeof unknownEnvironment>,
): Promise<void> {
  const recorder = await startRecording(folder, {
    run: run.id,
    kind: run.kind,
    settings: run.settings,
    environment,
    agents: [],
    anchor: { monotonicUs: Math.floor(profile.header.startNs / 1000), utc: run.startedAt },
    absent: [],
    accounting: 'none',
  });
  let stored: StoredProfile | undefined;
  try {
    stored = await writeProfile(folder, profile);
  } finally {
    await recorder.finish('complete', { profile: stored });
  }
  await writeResult(folder, run);
}

/** Seconds from its first moment to its last; null where it has no times. */
export function profileDurationS({ header }: Profile): number | null {
  return header.clock === 'none' ? null : (header.endNs - header.startNs) / 1e9;
}

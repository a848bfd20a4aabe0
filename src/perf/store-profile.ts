// Makes the profile of a run from what perf recorded, in a process of its own: it takes memory and seconds of work.

import type { ProfileHeader, ProfileWanted } from '#core/profile';
import type { StoredProfile } from '#recording/profile-tables';
import { runChild } from '#system/child-process';
import { ownModuleArgs } from '#system/own-module';

export interface StoreJob {
  /** Path of perf's file. */
  readonly data: string;
  /** Of the recording that the tables are written into. */
  readonly folder: string;
  /** `perf 6.1.192`. */
  readonly tool: string;
  readonly wanted: ProfileWanted;
  readonly scope: ProfileHeader['scope'];
  /** Paths of what Node's inspector told, one for each process that was watched. */
  readonly javascript: readonly string[];
  /** Numbers of the processes that it was taken of. */
  readonly processes: readonly number[];
  /** CPU seconds of perf; null where they are not known. */
  readonly overheadCpuS: number | null;
  /** What could not be recorded, and why. */
  readonly absent: readonly string[];
}

/** Two gigabytes of stacks are read in a minute; those that are unwound take longer. */
const TIMEOUT_MS = 1_200_000;
/** The header lists every library. */
const HEADER_BYTES = 16 * 2 ** 20;

/** @returns what was stored, or why nothing could be; it never throws for what is in the file */
export async function storeProfile(
  job: StoreJob,
  signal?: AbortSignal,
): Promise<StoredProfile | { readonly reason: string }> {
  const child = await runChild(
    process.execPath,
    [...ownModuleArgs(import.meta.url, './assemble-child'), JSON.stringify(job)],
    { timeoutMs: TIMEOUT_MS, tailBytes: HEADER_BYTES, signal },
  );
  if (child.code === 0) return JSON.parse(child.stdout) as StoredProfile;
  if (child.end === 'aborted') return { reason: 'it was told to stop before its data was made a profile' };
  const why = child.stderr.trim().split('\n').at(-1) ?? '';
  return { reason: `its data could not be made a profile (${child.end}, ${child.signal ?? child.code}): ${why}` };
}

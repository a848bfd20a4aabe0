// Makes the profile of a run from the slices that were kept of it, in a process of its own: it takes memory and seconds of work.

import type { StoredProfile } from '#recording/profile-tables';
import { runChild } from '#system/child-process';
import { ownModuleArgs } from '#system/own-module';

export interface StoreSlicesJob {
  /** Files of slices, one after the other: each its length as a 32-bit number, little endian, and the packed profile. */
  readonly data: readonly string[];
  /** Of the recording that the tables are written into. */
  readonly folder: string;
  /** From where to where the run goes, on the monotonic clock. */
  readonly fromNs: number;
  readonly toNs: number;
}

const TIMEOUT_MS = 300_000;
/** The header lists every library. */
const HEADER_BYTES = 16 * 2 ** 20;

/** @returns what was stored, or why nothing could be; it never throws for what is in the file */
export async function storeSlices(job: StoreSlicesJob): Promise<StoredProfile | { readonly reason: string }> {
  const child = await runChild(
    process.execPath,
    [...ownModuleArgs(import.meta.url, './store-slices-child'), JSON.stringify(job)],
    { timeoutMs: TIMEOUT_MS, tailBytes: HEADER_BYTES },
  );
  if (child.code === 0) return JSON.parse(child.stdout) as StoredProfile;
  const said = child.stderr.split('\n').find((line) => /^\w*Error/.test(line)) ?? '';
  return { reason: `its slices could not be stored (${child.end}, ${child.signal ?? child.code}): ${said}` };
}

// The profile of a stream's run: slices are kept in a file of the recording as they come, and become its tables at its end. What goes
// wrong with it never fails the run.

import { appendFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PROFILER_DATA } from '#core/recording';
import { storeSlices } from '#perf/store-slices';
import { NOT_PROFILED, type ProfiledRun } from './profile-run.ts';

/** Of the file: half an hour of some busy CPUs. They are read at once at the end. */
const MAX_BYTES = 512 * 2 ** 20;
/** What waits for a slow disk. */
const MAX_WAITING_BYTES = 64 * 2 ** 20;

export class KeptSlices {
  readonly #path: string;
  #bytes = 0;
  #waitingBytes = 0;
  #last: Promise<void> = Promise.resolve();
  #problem: string | null = null;

  /** @param folder of the recording */
  constructor(folder: string) {
    // A collector that was killed left one that may end anywhere: the next one writes its own.
    this.#path = join(folder, `${PROFILER_DATA}.${Date.now()}`);
  }

  /** Waits for nothing. */
  add(packed: Uint8Array): void {
    if (this.#problem !== null) return;
    if (this.#bytes + packed.length > MAX_BYTES) this.#problem = `it ended at ${MAX_BYTES / 2 ** 20} MiB`;
    else if (this.#waitingBytes > MAX_WAITING_BYTES) this.#problem = 'it ended early: the disk was too slow for it';
    if (this.#problem !== null) return;
    this.#bytes += packed.length;
    this.#waitingBytes += packed.length;
    const length = Buffer.alloc(4);
    length.writeUInt32LE(packed.length);
    this.#last = this.#last
      .then(() => appendFile(this.#path, Buffer.concat([length, packed])))
      .catch((error: unknown) => {
        this.#problem ??= `it ended early: ${error instanceof Error ? error.message : String(error)}`;
      })
      .finally(() => (this.#waitingBytes -= packed.length));
  }

  /** All that was added is in the file, or never will be. @returns why something is missing */
  async settled(): Promise<string | null> {
    await this.#last;
    return this.#problem;
  }
}

/**
 * Makes tables of what was kept, by whichever collectors, and takes it away.
 * @param fromUs from where to where the run goes, on the collector's monotonic clock
 */
export async function storeKeptSlices(folder: string, fromUs: number, toUs: number): Promise<ProfiledRun> {
  const data = await keptFiles(folder);
  if (data.length === 0) return NOT_PROFILED;
  try {
    const stored = await storeSlices({ data, folder, fromNs: fromUs * 1e3, toNs: toUs * 1e3 });
    return 'reason' in stored
      ? { profile: null, absent: [`profile: ${stored.reason}`] }
      : { profile: stored, absent: [] };
  } finally {
    await dropKeptSlices(folder);
  }
}

/** What became no profile. */
export async function dropKeptSlices(folder: string): Promise<void> {
  for (const path of await keptFiles(folder)) await rm(path, { force: true });
}

/** Oldest first. */
async function keptFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names
    .filter((name) => name.startsWith(PROFILER_DATA))
    .toSorted()
    .map((name) => join(folder, name));
}

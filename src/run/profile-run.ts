// A run's profile: taken beside it, made into tables when it has ended. What goes wrong with it never fails the run.

import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProfileWanted } from '#core/profile';
import { JAVASCRIPT_DATA, PROFILER_DATA } from '#core/recording';
import { startPerfRecord, type PerfRecordEnd, type PerfRecording } from '#perf/record/start-perf-record';
import { storeProfile } from '#perf/store-profile';
import type { StoredProfile } from '#recording/profile-tables';

export interface ProfiledRun {
  /** Null where there is none: `absent` tells why. */
  readonly profile: StoredProfile | null;
  /** What could not be had, and why: `profile: perf is not installed: …`. */
  readonly absent: readonly string[];
}

export const NOT_PROFILED: ProfiledRun = { profile: null, absent: [] };

/** Whether a run is told to have been profiled, or why it could not be. */
export function isAboutProfile(absent: string): boolean {
  return absent.startsWith(PREFIX);
}

/** Why a run has no profile, from what its recording tells to be absent; null where it does not tell. */
export function whyNoProfile(absent: readonly string[]): string | null {
  return absent.find(isAboutProfile)?.slice(PREFIX.length) ?? null;
}

const PREFIX = 'profile: ';

export class RunProfiler {
  readonly #wanted: ProfileWanted;
  readonly #folder: string;
  #recording: PerfRecording | null = null;
  #end: PerfRecordEnd | null = null;
  #processes: readonly number[] = [];
  #reason: string | null = null;

  /** @param folder of the recording */
  constructor(wanted: ProfileWanted, folder: string) {
    this.#wanted = wanted;
    this.#folder = folder;
  }

  get #data(): string {
    return join(this.#folder, PROFILER_DATA);
  }

  /**
   * Resolves once it records, or can't.
   * @param pids of the run's processes
   */
  async begin(pids: readonly number[]): Promise<void> {
    this.#processes = pids;
    const started = await startPerfRecord({ wanted: this.#wanted, pids, output: this.#data });
    if ('reason' in started) this.#reason = started.reason;
    else this.#recording = started;
  }

  async stop(): Promise<void> {
    this.#end = (await this.#recording?.stop()) ?? null;
  }

  /** Makes tables of what was recorded, which goes then. */
  async store(signal: AbortSignal | undefined): Promise<ProfiledRun> {
    await this.stop();
    if (this.#recording === null || this.#end === null)
      return { profile: null, absent: this.#reason === null ? [] : [PREFIX + this.#reason] };
    const { absent, tool, scope } = this.#recording;
    const { overheadCpuS, problem } = this.#end;
    const missing = problem === null ? absent : [...absent, problem];
    try {
      const stored = await storeProfile(
        {
          data: this.#data,
          folder: this.#folder,
          tool,
          scope,
          processes: this.#processes,
          javascript: await this.#javascript(),
          wanted: this.#wanted,
          overheadCpuS,
          absent: missing,
        },
        signal,
      );
      if ('reason' in stored) return { profile: null, absent: [PREFIX + stored.reason] };
      return { profile: stored, absent: [] };
    } finally {
      await rm(this.#data, { force: true });
    }
  }

  /** What Node's inspector left beside it; it goes with all that is there for the time of the run. */
  async #javascript(): Promise<string[]> {
    const names = await readdir(this.#folder);
    return names.filter((name) => name.startsWith(JAVASCRIPT_DATA)).map((name) => join(this.#folder, name));
  }
}

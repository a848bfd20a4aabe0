// A profile that grows while it is taken, in slices of a second, by a process of its own.

import type { ProfileHeader, ProfileWanted } from '#core/profile';
import { startChild } from '#system/child-process';
import { ownModuleArgs } from '#system/own-module';
import { SliceFrames } from './record/slice-frames.ts';

/** What the child is told. */
export interface SlicesJob {
  readonly wanted: ProfileWanted;
  /** Processes, with all that they start from now on, where not all CPUs can be watched. */
  readonly pids: readonly number[];
  readonly maxBytes: number;
  readonly maxSeconds: number;
  /** What is missing beside what perf may not do. */
  readonly absent: readonly string[];
}

export type SlicesBegun =
  | {
      readonly type: 'begun';
      readonly scope: ProfileHeader['scope'];
      readonly switches: boolean;
      readonly absent: readonly string[];
    }
  | { readonly type: 'refused'; readonly reason: string };

export interface SliceTold {
  readonly type: 'slice';
  /** On the monotonic clock. */
  readonly startNs: number;
  readonly endNs: number;
  readonly samples: number;
  /** CPU seconds of perf and of the child for this slice; null where they are not known. */
  readonly overheadCpuS: number | null;
}

export interface SlicesEnded {
  readonly type: 'ended';
  /** Why it ended by itself; null where it was told to. */
  readonly problem: string | null;
}

/** It and perf go with us, whatever becomes of us: the system kills both (Linux), and a child whose input has ended ends perf. */
export interface TakenSlices {
  readonly begun: Extract<SlicesBegun, { type: 'begun' }>;
  /** Why it ended by itself; null where it was stopped. Resolves when perf is gone. */
  readonly ended: Promise<string | null>;
  /** Ends it; the last slice comes before `ended` does. */
  stop(): void;
}

/** Perf alone may take 30 s to begin and to end on a machine with very much to do. */
const GRACE_MS = 70_000;

/**
 * Resolves once perf records.
 * @param onSlice a packed profile of the next second, complete in itself (`ProfileSlices` puts them together)
 * @returns why nothing can be recorded, with the line that would allow it, where that is so
 */
export async function takeSlices(
  job: SlicesJob,
  onSlice: (told: SliceTold, packed: Uint8Array<ArrayBuffer>) => void,
): Promise<TakenSlices | { readonly reason: string }> {
  const begun = Promise.withResolvers<SlicesBegun>();
  let end: SlicesEnded | null = null;
  const frames = new SliceFrames((told, bytes) => {
    const one = told as SlicesBegun | SliceTold | SlicesEnded;
    if (one.type === 'slice') onSlice(one, bytes);
    else if (one.type === 'ended') end = one;
    else begun.resolve(one);
  });
  const args = [...ownModuleArgs(import.meta.url, './profile-slices-child'), JSON.stringify(job)];
  const child = startChild(process.execPath, args, {
    openInput: true,
    tailBytes: 4096,
    timeoutMs: job.maxSeconds * 1000 + GRACE_MS,
    onStdout: (chunk) => {
      try {
        frames.take(chunk);
      } catch (error) {
        end ??= { type: 'ended', problem: `what came is no profile: ${String(error)}` };
        child.kill();
      }
    },
  });
  child.stdin?.on('error', () => undefined);
  const ended = child.result.then(({ stderr, end: how, signal, code }) => {
    if (end !== null) return end.problem;
    return stderr.trim().split('\n').at(-1) || `its process ended (${how}, ${signal ?? code})`;
  });
  const first = await Promise.race([begun.promise, ended]);
  if (first === null || typeof first === 'string') return { reason: first ?? 'it ended before it began' };
  if (first.type === 'refused') return { reason: first.reason };
  return { begun: first, ended, stop: () => child.stdin?.end() };
}

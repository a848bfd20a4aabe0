// Runs `perf record` beside a piece of work: begun before it, ended after it, bounded in size and time.

import type { ProfileWanted } from '#core/profile';
import { recordArguments } from './perf-arguments.ts';
import { PerfProcess } from './perf-process.ts';
import { perfRights } from './perf-rights.ts';

/** An hour with frame pointers on a few cores. */
const MAX_BYTES = 2 * 1024 ** 3;
const MAX_SECONDS = 12 * 3600;

export interface PerfRecordOptions {
  readonly wanted: ProfileWanted;
  /** Processes to be recorded, with all that they start, where not all CPUs can be. */
  readonly pids: readonly number[];
  /** A file that perf writes, or who takes its stream (pipe mode) as it comes. */
  readonly output: string | ((chunk: Buffer) => void);
  readonly maxBytes?: number | undefined;
  readonly maxSeconds?: number | undefined;
}

export interface PerfRecording {
  /** `perf 6.1.192`. */
  readonly tool: string;
  readonly scope: 'system' | 'processes';
  readonly switches: boolean;
  /** What could not be recorded, with the line that would allow it. */
  readonly absent: readonly string[];
  /** CPU seconds of perf until it was asked last; null where that is not known. */
  readonly cpuS: number | null;
  /** Resolves when perf is gone, by itself too. */
  readonly ended: Promise<void>;
  /** Asks perf to write what it holds: by itself it waits until half of its buffers is full, for seconds. */
  flush(): void;
  /** Ends it; asked again it gives the same. Never throws for what perf does. */
  stop(): Promise<PerfRecordEnd>;
}

export interface PerfRecordEnd {
  /** CPU seconds of perf itself; null where that is not known. */
  readonly overheadCpuS: number | null;
  /** What went wrong in between: it ended too early; null where nothing did. */
  readonly problem: string | null;
}

/**
 * Resolves once perf records. What the rights of this user don't allow is left out and told in `absent`.
 * @returns why nothing can be recorded, where that is so
 */
export async function startPerfRecord(
  options: PerfRecordOptions,
): Promise<PerfRecording | { readonly reason: string }> {
  const rights = await perfRights();
  if (rights.scope === 'none' || rights.tool === null) return { reason: rights.absent.join('; ') };
  const wanted = { ...options.wanted, switches: options.wanted.switches && rights.noSwitches === null };
  const scope = rights.scope === 'system' ? 'system' : { pids: options.pids };
  const { output, maxBytes = MAX_BYTES, maxSeconds = MAX_SECONDS } = options;
  const file = typeof output === 'string' ? output : null;
  const perf = new PerfProcess(recordArguments(wanted, scope, file, maxBytes), {
    onData: typeof output === 'string' ? null : output,
    maxBytes,
    maxSeconds,
    endsWithProcesses: scope !== 'system',
  });
  const reason = await perf.begin();
  if (reason !== null) return { reason };
  const { noSwitches, absent } = rights;
  return {
    tool: rights.tool,
    scope: rights.scope,
    switches: wanted.switches,
    absent: options.wanted.switches && noSwitches !== null ? [...absent, noSwitches] : absent,
    get cpuS() {
      return perf.cpuS;
    },
    ended: perf.ended,
    flush: () => perf.flush(),
    stop: () => perf.stop(),
  };
}

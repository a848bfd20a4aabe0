// Which threads, CPUs and times a diagnosis looks at.

import { WHOLE_PROFILE, type Profile, type ProfileSelection } from '#core/profile';
import { isIdleThread } from '../heatmap-rows.ts';
import { intersectRanges } from '../selection-ranges.ts';
import type { DiagnosisContext } from './context.ts';

export interface Chosen {
  /** By position in `threads`: 1 where it is looked at, 0 for idle threads and others. */
  readonly threads: Uint8Array;
  /** By position in `threads`: 1 for those that are not looked at and are of the same run, or of the same process as one that is. */
  readonly siblings: Uint8Array;
  /** Only some threads of a process are looked at: nothing of it tells whether the process could do more at once. */
  readonly isPartOfProcess: boolean;
  /** By position in `threads`: 1 for the idle threads of the CPUs. */
  readonly idle: Uint8Array;
  readonly cpus: ReadonlySet<number> | null;
  /** Pairs [from, to), ascending and apart, nanoseconds: within what was watched. */
  readonly ranges: Float64Array;
  /** CPUs that could have been busy; null where that is not known. */
  readonly capacity: number | null;
  /** A single thread whose own idle time was sampled, as JavaScript engines do, where nothing is known of CPUs: it idles by itself. */
  readonly single: boolean;
  /** CPUs that were watched, of those that were chosen; null where that is not known. */
  readonly watched: number | null;
}

export function choose(profile: Profile, context: DiagnosisContext): Chosen {
  const selection: ProfileSelection = context.selection ?? WHOLE_PROFILE;
  const { header, threads } = profile;
  const count = threads.thread.length;
  const idle = new Uint8Array(count);
  const chosen = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    idle[i] = isIdleThread(threads, i) ? 1 : 0;
    chosen[i] = idle[i] === 0 && (selection.threads === null || selection.threads.has(i)) ? 1 : 0;
  }
  const processes = new Set(threads.process.filter((_, i) => chosen[i] === 1));
  const isLeftOut = (i: number) => chosen[i] === 0 && idle[i] === 0;
  const run = new Set([...processes, ...(header.processes ?? [])]);
  const cpus = selection.cpus;
  const watchedTime = Float64Array.of(header.startNs, header.endNs);
  const seen = header.cpus.filter((cpu) => cpus === null || cpus.has(cpu)).length;
  const watched = seen > 0 ? seen : null;
  const cores = cpus === null ? (context.cores ?? watched) : watched;
  const capacity = cores === null ? null : Math.min(cores, context.quota ?? Infinity);
  return {
    threads: chosen,
    siblings: Uint8Array.from(threads.process, (process, i) =>
      isLeftOut(i) && process >= 0 && run.has(process) ? 1 : 0,
    ),
    isPartOfProcess: threads.process.some((process, i) => isLeftOut(i) && processes.has(process)),
    idle,
    cpus,
    ranges: intersectRanges(selection.rangesNs ?? watchedTime, watchedTime),
    capacity,
    single: capacity === null && isSingle(profile, idle),
    watched,
  };
}

/** One thread, and the thread 0 that its idle samples are of. */
function isSingle({ threads }: Profile, idle: Uint8Array): boolean {
  return threads.thread.length === 2 && idle.reduce((sum, one) => sum + one, 0) === 1;
}

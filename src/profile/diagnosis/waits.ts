// Who waited during some ranges of time, for what and by whose hand it ended: from the stacks with which threads left their CPUs.

import { FUNCTION_KINDS, LEAVING_REASONS, type Profile } from '#core/profile';
import type { RangeSet } from './ranges.ts';
import { readyTimes } from './ready-times.ts';
import { WAIT_WORDS, WaitKinds, type WaitKind } from './wait-kinds.ts';
import { duration, percent, threadName } from './words.ts';

export interface ThreadWaits {
  readonly thread: number;
  /** Off its CPU and not ready, within the ranges, nanoseconds. */
  readonly waitNs: number;
  /** Ready and not run. */
  readonly readyNs: number;
  /** What it waited for longest, and for how long. */
  readonly kind: WaitKind;
  readonly kindNs: number;
  /** Where it waited longest: a stack, -1 where that is not known. */
  readonly stack: number;
  /** The thread that ended most of its waits there; -1 where that is not known. */
  readonly waker: number;
}

interface Tally {
  waitNs: number;
  readyNs: number;
  readonly byKind: Map<WaitKind, number>;
  readonly byStack: Map<number, number>;
  readonly byWaker: Map<number, number>;
}

const RUNNING = LEAVING_REASONS.indexOf('running');
const DISK = LEAVING_REASONS.indexOf('disk');
const DEAD = LEAVING_REASONS.indexOf('dead');
/** Rows for a finding's evidence. */
const MAX_THREADS_TOLD = 5;
/** A shorter wait is not told. */
const TOLD_SHARE = 0.01;

/**
 * Of the threads of interest, the one that waited longest first. Empty without scheduler events. What a thread did before its first stay on a CPU is
 * not known.
 */
export function waitsIn(profile: Profile, ranges: RangeSet, isOfInterest: (thread: number) => boolean): ThreadWaits[] {
  const { spans, header } = profile;
  if (spans === null) return [];
  const kinds = new WaitKinds(profile);
  const readyNs = readyTimes(spans);
  const last = new Int32Array(profile.threads.thread.length).fill(-1);
  const tallies = new Map<number, Tally>();
  const tallyOf = (thread: number): Tally => {
    const known = tallies.get(thread);
    if (known !== undefined) return known;
    const made: Tally = { waitNs: 0, readyNs: 0, byKind: new Map(), byStack: new Map(), byWaker: new Map() };
    tallies.set(thread, made);
    return made;
  };
  /** Until `until`, from the end of a stay. */
  const wait = (span: number, until: number, waker: number) => {
    const ns = ranges.overlapNs(spans.endNs[span]!, until);
    if (ns <= 0) return;
    const tally = tallyOf(spans.thread[span]!);
    const stack = spans.stack[span]!;
    const told = kinds.of(stack);
    const kind = told === 'unknown' && spans.left[span] === DISK ? 'input' : told;
    tally.waitNs += ns;
    add(tally.byKind, kind, ns);
    add(tally.byStack, stack, ns);
    if (waker >= 0) add(tally.byWaker, waker, ns);
  };
  for (let span = 0; span < spans.startNs.length; span++) {
    const thread: number = spans.thread[span]!;
    if (!isOfInterest(thread)) continue;
    const before = last[thread]!;
    last[thread] = span;
    const start = spans.startNs[span]!;
    const ready = Number.isNaN(readyNs[span]!) ? start : readyNs[span]!;
    if (ready < start) tallyOf(thread).readyNs += ranges.overlapNs(ready, start);
    if (before >= 0 && spans.left[before] !== RUNNING) wait(before, ready, spans.waker[span]!);
  }
  for (let thread = 0; thread < last.length; thread++) {
    const span = last[thread]!;
    if (span >= 0 && spans.left[span] !== RUNNING && spans.left[span] !== DEAD) wait(span, header.endNs, -1);
  }
  return [...tallies]
    .map(([thread, { waitNs, readyNs, byKind, byStack, byWaker }]) => {
      const [kind, kindNs] = most(byKind) ?? (['unknown', 0] as const);
      const ofKind = new Map([...byStack].filter(([stack]) => kinds.of(stack) === kind));
      return {
        thread,
        waitNs,
        readyNs,
        kind,
        kindNs,
        stack: most(ofKind)?.[0] ?? -1,
        waker: most(byWaker)?.[0] ?? -1,
      };
    })
    .toSorted((a, b) => b.waitNs - a.waitNs);
}

/** Waits that another thread ends; what an interrupt ends, it ends on whatever thread is there. */
const BY_THREADS: ReadonlySet<WaitKind> = new Set(['queue', 'lock', 'futex', 'thread', 'pipe', 'child']);

/** A sentence a thread: how long it waited of some time, for what, where, and who ended it. */
export function waitSentences(profile: Profile, waits: readonly ThreadWaits[], ofNs: number): string[] {
  return waits
    .filter(({ waitNs }) => waitNs > TOLD_SHARE * ofNs)
    .slice(0, MAX_THREADS_TOLD)
    .map(({ thread, waitNs, kind, kindNs, stack, waker }) => {
      const where = waitingPlace(profile, stack);
      const at = where === null ? '' : ` (${where})`;
      const mostly = kindNs < 0.9 * waitNs ? 'mostly ' : '';
      const woken =
        waker < 0 || waker === thread || !BY_THREADS.has(kind)
          ? ''
          : `, woken by ${threadName(profile, waker) || 'the kernel'}`;
      const share = percent(Math.min(1, waitNs / ofNs));
      return `${threadName(profile, thread)} waited ${duration(waitNs)} (${share} of it) ${mostly}for ${WAIT_WORDS[kind]}${at}${woken}`;
    });
}

/** Libraries through which everybody waits: who called them says more. */
const WAITING_LIBRARY = /(^|\/)(libc|libpthread|ld-linux|libstdc\+\+|\[vdso\])\b/;

/** `x264_frame_cond_wait in libx264.so.164`: the innermost function of a program's own, else the innermost with a name. */
function waitingPlace({ stacks, functions, libraries }: Profile, stack: number): string | null {
  const kernel = FUNCTION_KINDS.indexOf('kernel');
  let fallback: string | null = null;
  for (let node = stack; node >= 0; node = stacks.parent[node]!) {
    const called = stacks.function[node]!;
    const name = functions.name[called]!;
    if (functions.kind[called] === kernel || /^(0x|\[unknown)/.test(name)) continue;
    const library = libraries[functions.library[called]!] ?? '';
    if (!WAITING_LIBRARY.test(library)) return library === '' ? name : `${name} in ${library.replace(/^.*\//, '')}`;
    fallback ??= name;
  }
  return fallback;
}

function add<K>(to: Map<K, number>, key: K, value: number): void {
  to.set(key, (to.get(key) ?? 0) + value);
}

function most<K>(of: Map<K, number>): [K, number] | null {
  let best: [K, number] | null = null;
  for (const entry of of) if (best === null || entry[1] > best[1]) best = entry;
  return best;
}

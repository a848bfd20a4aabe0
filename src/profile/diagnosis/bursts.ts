// Serial stretches with short bursts in between: a thread that hands out too little at a time, or lets the kernel work for it.

import type { Profile, ProfileFinding } from '#core/profile';
import { lengthOf } from '../selection-ranges.ts';
import type { Chosen } from './chosen.ts';
import type { DiagnosisContext } from './context.ts';
import { BURST } from './limits.ts';
import { finding, isTold } from './make-finding.ts';
import { phaseSentence } from './phase-sentence.ts';
import { probablyBelow } from './proportion.ts';
import { RangeSet } from './ranges.ts';
import { SERIAL_REMEDIES } from './serial-remedies.ts';
import { areEnough, cellsOf, meanOver, rangesOf, type Stretch } from './stretches.ts';
import { threadShares } from './thread-time.ts';
import type { Timeline } from './timeline.ts';
import { waitSentences, waitsIn } from './waits.ts';
import { duration, percent, threadName } from './words.ts';

export interface FoundBursts {
  readonly findings: readonly ProfileFinding[];
  /** Serial stretches and the bursts between them, joined: those that the finding is about. */
  readonly chains: readonly Stretch[];
}

const NONE: FoundBursts = { findings: [], chains: [] };

/** @param stretches the serial ones of one thread */
export function findBursts(
  profile: Profile,
  chosen: Chosen,
  timeline: Timeline,
  context: DiagnosisContext,
  stretches: readonly Stretch[],
): FoundBursts {
  const chains = joinOverBursts(stretches, timeline).filter((chain) => burstsIn(chain, timeline).length >= BURST.min);
  const bursts = chains.flatMap((chain) => burstsIn(chain, timeline));
  if (!areEnough(chains, timeline) || cellsOf(bursts) > BURST.maxShare * cellsOf(chains)) return NONE;

  const ranges = rangesOf(chains, timeline);
  const all = new RangeSet(ranges);
  const inBursts = rangesOf(bursts, timeline);
  const serial = threadShares(profile, chosen, all)[0]!.thread;
  const shares = threadShares(profile, chosen, new RangeSet(inBursts)).filter(({ thread }) => thread !== serial);
  const process = profile.threads.process[serial];
  const own = shares.filter(({ thread }) => profile.threads.process[thread] === process);
  const kernel = shares.filter(({ thread }) => isKernelWorker(profile, thread));
  // Bursts of other programs are theirs.
  if (sum(own) + sum(kernel) < sum(shares) / 2) return NONE;

  const busy = meanOver(bursts, timeline.busy);
  const wanted = meanOver(bursts, timeline.wanted);
  const cpus = Math.max(chosen.capacity ?? wanted, wanted, BURST.cpus);
  const confidence = probablyBelow(1 - wanted / cpus, 1 - 1 / cpus, cellsOf(bursts) * timeline.observations);
  if (!isTold(confidence)) return NONE;
  const isOwn = sum(own) >= sum(kernel);
  const told = (isOwn ? own : kernel).slice(0, 5);
  const each = duration(lengthOf(inBursts) / bursts.length);
  return {
    chains,
    findings: [
      finding(chosen, 'bursts', {
        what: `for ${duration(lengthOf(ranges))} ${threadName(profile, serial)} worked nearly alone, with ${bursts.length} short bursts of ${isOwn ? 'its own threads' : 'threads of the kernel'} (${each} each, ${busy.toFixed(2)} CPUs busy)`,
        ranges,
        confidence,
        evidence: [
          ...phaseSentence(context.phases, all),
          ...told.map(
            ({ thread, share }) => `in the bursts ${percent(share)} of the CPU time was ${threadName(profile, thread)}`,
          ),
          ...waitSentences(
            profile,
            waitsIn(profile, all, (thread) => isOwn && told.some((one) => one.thread === thread)),
            lengthOf(ranges),
          ),
        ],
        todo: [
          isOwn
            ? 'the threads get too little at a time: larger pieces, a longer lookahead, or fewer threads'
            : 'the kernel works for it in bursts (writing files back, networking): less output at once, or a faster disk',
          ...SERIAL_REMEDIES.slice(1),
        ],
      }),
    ],
  };
}

/** Two stretches become one where what lies between is short and has more than one CPU busy. */
function joinOverBursts(stretches: readonly Stretch[], timeline: Timeline): Stretch[] {
  const longest = Math.floor(BURST.maxNs / timeline.cellNs);
  const joined: Stretch[] = [];
  for (const stretch of stretches) {
    const before = joined.at(-1);
    const gap = before === undefined ? null : { from: before.to, to: stretch.from };
    if (gap !== null && gap.to - gap.from <= longest && isBurst(gap, timeline))
      joined[joined.length - 1] = { from: before!.from, to: stretch.to };
    else joined.push(stretch);
  }
  return joined;
}

function isBurst(gap: Stretch, { wanted, usable }: Timeline): boolean {
  let total = 0;
  for (let cell = gap.from; cell < gap.to; cell++) {
    if (usable[cell] === 0) return false;
    total += wanted[cell]!;
  }
  return total > BURST.cpus * (gap.to - gap.from);
}

/** Runs of cells with more than one CPU busy. */
function burstsIn({ from, to }: Stretch, { wanted }: Timeline): Stretch[] {
  const found: Stretch[] = [];
  for (let cell = from; cell < to; cell++) {
    if (wanted[cell]! <= BURST.cpus) continue;
    const begin = cell;
    while (cell < to && wanted[cell]! > BURST.cpus) cell++;
    found.push({ from: begin, to: cell });
  }
  return found;
}

const KERNEL_WORKER = /^(kworker|ksoftirqd|kswapd|kcompactd|jbd2|irq\/|rcu_)/;

function isKernelWorker({ threads }: Profile, thread: number): boolean {
  return KERNEL_WORKER.test(threads.name[thread]!) || KERNEL_WORKER.test(threads.processName[thread]!);
}

function sum(shares: readonly { readonly share: number }[]): number {
  return shares.reduce((total, { share }) => total + share, 0);
}

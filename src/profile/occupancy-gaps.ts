// Where a CPU was watched and yet nothing was sampled: time that the hypervisor took, or that was lost on the way.

import type { Profile, SpanTable } from '#core/profile';
import { GrowingColumn } from './growing-column.ts';

/** Samples that stand further apart, in periods, have something missing between them: a late timer alone reaches 2. */
const GAP_PERIODS = 2.5;
/** A lost sample is told with the next one that is kept: so much later, in periods, it still belongs to the gap. */
const LOSS_PERIODS = 2;

/** Gaps of one CPU, ascending and apart. */
export interface Gaps {
  readonly fromNs: Float64Array;
  readonly toNs: Float64Array;
  /** 1 where the kernel says that it lost samples there. */
  readonly isLost: Uint8Array;
}

type Watched = Pick<Profile, 'header' | 'samples' | 'losses'>;

/**
 * Gaps of each CPU of a profile of the whole system, whose idle CPUs were sampled too, so that a moment without samples is one
 * that nobody saw. Empty where that can't be told: only chosen processes, no samples, CPUs not known.
 */
export function findGaps(
  profile: Watched,
  cpus: readonly number[],
  sampleNs: number | null,
): ReadonlyMap<number, Gaps> {
  const { header, samples } = profile;
  const gaps = new Map<number, Gaps>();
  if (header.scope !== 'system' || sampleNs === null || samples.timeNs.length === 0 || samples.cpu[0] === -1)
    return gaps;
  const positions = positionsOf(cpus);
  const last = cpus.map(() => header.startNs - sampleNs / 2);
  const found = cpus.map(() => ({
    from: new GrowingColumn(Float64Array, 16),
    to: new GrowingColumn(Float64Array, 16),
  }));
  const close = (cpu: number, timeNs: number) => {
    if (timeNs - last[cpu]! > GAP_PERIODS * sampleNs) {
      found[cpu]!.from.push(last[cpu]! + sampleNs / 2);
      found[cpu]!.to.push(timeNs - sampleNs / 2);
    }
    last[cpu] = timeNs;
  };
  for (let row = 0; row < samples.timeNs.length; row++) {
    const cpu = positions[samples.cpu[row]!] ?? -1;
    if (cpu >= 0) close(cpu, samples.timeNs[row]!);
  }
  for (const [position, cpu] of cpus.entries()) {
    close(position, header.endNs + sampleNs / 2);
    const { from, to } = found[position]!;
    const one = { fromNs: from.taken(null), toNs: to.taken(null), isLost: new Uint8Array(from.length) };
    gaps.set(cpu, one);
  }
  markLosses(gaps, profile.losses, LOSS_PERIODS * sampleNs);
  return gaps;
}

function markLosses(gaps: ReadonlyMap<number, Gaps>, losses: Profile['losses'], lateNs: number): void {
  for (const [cpu, { fromNs, toNs, isLost }] of gaps) {
    let gap = 0;
    for (let loss = 0; loss < losses.timeNs.length; loss++) {
      if (losses.cpu[loss] !== cpu && losses.cpu[loss] !== -1) continue;
      const time = losses.timeNs[loss]!;
      while (gap < toNs.length && toNs[gap]! + lateNs < time) gap++;
      if (gap < toNs.length && fromNs[gap]! <= time + lateNs) isLost[gap] = 1;
    }
  }
}

/** Parts of spans that lie in gaps: a thread had its CPU, and yet nothing was sampled. */
export interface HiddenSpans {
  readonly startNs: Float64Array;
  readonly endNs: Float64Array;
  readonly cpu: Int16Array;
  readonly thread: Uint32Array;
  /** 1 in a gap that was lost. */
  readonly isLost: Uint8Array;
}

export function findHidden(spans: SpanTable, gaps: ReadonlyMap<number, Gaps>): HiddenSpans {
  const start = new GrowingColumn(Float64Array, 16);
  const end = new GrowingColumn(Float64Array, 16);
  const cpus = new GrowingColumn(Int16Array, 16);
  const thread = new GrowingColumn(Uint32Array, 16);
  const lost = new GrowingColumn(Uint8Array, 16);
  const next = new Map<number, number>();
  for (let span = 0; span < spans.startNs.length; span++) {
    const cpu = spans.cpu[span]!;
    const of = gaps.get(cpu);
    if (of === undefined || of.fromNs.length === 0) continue;
    const from = spans.startNs[span]!;
    let gap = next.get(cpu) ?? 0;
    while (gap < of.toNs.length && of.toNs[gap]! <= from) gap++;
    next.set(cpu, gap);
    for (; gap < of.fromNs.length && of.fromNs[gap]! < spans.endNs[span]!; gap++) {
      start.push(Math.max(from, of.fromNs[gap]!));
      end.push(Math.min(spans.endNs[span]!, of.toNs[gap]!));
      cpus.push(cpu);
      thread.push(spans.thread[span]!);
      lost.push(of.isLost[gap]!);
    }
  }
  return {
    startNs: start.taken(null),
    endNs: end.taken(null),
    cpu: cpus.taken(null),
    thread: thread.taken(null),
    isLost: lost.taken(null),
  };
}

/** Position of each CPU's number; -1 where it is none of them. */
export function positionsOf(cpus: readonly number[]): Int32Array {
  const positions = new Int32Array(Math.max(0, ...cpus) + 1).fill(-1);
  for (const [position, cpu] of cpus.entries()) positions[cpu] = position;
  return positions;
}

// How CPUs were used over time, made so that any stretch at any zoom is a few look-ups: what every heatmap of a profile is drawn of.

import type { Profile } from '#core/profile';
import { capacityOf, samplingOf, type Capacity, type Sampling } from './occupancy-clock.ts';
import { findGaps, findHidden, positionsOf, type Gaps, type HiddenSpans } from './occupancy-gaps.ts';
import { busyByThread, eventSums, intervalSums } from './occupancy-split.ts';
import { RunningSum } from './occupancy-sum.ts';
import { groupThreads, isIdleThread, type NamedRange, type RowKind } from './heatmap-rows.ts';
import { ownThreads } from './selection.ts';
import { normalRanges } from './selection-ranges.ts';

export type OccupancySource = Pick<Profile, 'header' | 'threads' | 'samples' | 'spans' | 'losses'>;

/** Rows by thread or process besides the one of all others. */
const TOP_ROWS = 12;

/** One row of a heatmap, as sums over time; nanoseconds of CPU time. */
export interface OccupancyRow {
  readonly name: string;
  readonly kind: RowKind;
  /** CPUs that it could have kept busy. */
  readonly capacityCpus: number;
  /** What was not busy was idle; else nobody knows what was done there. */
  readonly knowsIdle: boolean;
  /** Normal ranges outside of which the row is not; null where it is everywhere. */
  readonly rangesNs: Float64Array | null;
  /** On a CPU: spans, else samples. */
  readonly running: RunningSum;
  /** Of the spans, what lies in gaps. */
  readonly hidden: RunningSum;
  /** Of that, what lies in gaps that nobody calls lost. */
  readonly stolen: RunningSum;
  /** Gaps that the kernel calls lost. */
  readonly lost: RunningSum;
  /** Gaps that nobody tells anything of: neither the scheduler nor the kernel, which counts what it lost. */
  readonly unseen: RunningSum;
  /** What of `lost` and `unseen` counts here: a thread can have been on one CPU only. */
  readonly gapShare: number;
  /** Ready to run and without a CPU; null where the scheduler was not watched. */
  readonly ready: RunningSum | null;
  /** Positions in `threads` for rows by thread or process; null for others. */
  readonly threads: readonly number[] | null;
  /** Of the run's own processes alone, where those are told from others. */
  readonly isOwn: boolean;
  /** Number of the CPU for rows by CPU. */
  readonly cpu: number | null;
}

export class Occupancy {
  readonly source: OccupancySource;
  readonly capacity: Capacity;
  readonly sampling: Sampling;
  /** Busy time is exact: from the scheduler. Else it is estimated from samples. */
  readonly isExact: boolean;
  /**
   * CPUs whose idle time was not sampled at all, though a tenth of their samples are missing: some virtual machines have such.
   * Without the scheduler nobody can tell whether they were idle.
   */
  readonly blindCpus: readonly number[];
  readonly #gaps: ReadonlyMap<number, Gaps>;
  /** Numbers of the CPUs that the scheduler told of. */
  readonly #told: ReadonlySet<number>;
  readonly #hidden: HiddenSpans | null;
  readonly #rows = new Map<string, readonly OccupancyRow[]>();
  #busyByThread: Float64Array | null = null;

  constructor(source: OccupancySource) {
    this.source = source;
    this.capacity = capacityOf(source);
    this.sampling = samplingOf(source);
    this.isExact = source.spans !== null;
    this.#gaps = findGaps(source, this.capacity.cpus, this.sampling.sampleNs);
    this.#told = new Set(source.spans?.cpu);
    this.blindCpus = this.isExact ? [] : blindCpusOf(source, this.#gaps);
    this.#hidden = source.spans === null ? null : findHidden(source.spans, this.#gaps);
  }

  /** Samples a second on each CPU; null where there are none. */
  get frequencyHz(): number | null {
    return this.sampling.sampleNs === null ? null : 1e9 / this.sampling.sampleNs;
  }

  /** All CPUs together. */
  all(): OccupancyRow {
    return this.rows('all')[0]!;
  }

  /**
   * Made when they are first asked for, and kept. Not for phases: see `phases`.
   * @param top rows by thread or process besides the last, which holds all others
   */
  rows(kind: Exclude<RowKind, 'phase'>, top = TOP_ROWS): readonly OccupancyRow[] {
    const key = kind === 'thread' || kind === 'process' ? `${kind} ${top}` : kind;
    const known = this.#rows.get(key);
    if (known !== undefined) return known;
    const rows = kind === 'all' ? [this.#makeAll()] : kind === 'cpu' ? this.#makeCpus() : this.#makeThreads(kind, top);
    this.#rows.set(key, rows);
    return rows;
  }

  /** A row for each name, in the order of the first of each, with everything that ran in its ranges. */
  phases(ranges: readonly NamedRange[]): readonly OccupancyRow[] {
    const pairs = new Map<string, number[]>();
    for (const { name, fromNs, toNs } of ranges) pairs.set(name, [...(pairs.get(name) ?? []), fromNs, toNs]);
    return [...pairs].map(([name, of]) => ({ ...this.all(), name, kind: 'phase', rangesNs: normalRanges(of) }));
  }

  #makeAll(): OccupancyRow {
    return {
      ...this.#sums(1, () => 0)[0]!,
      ...this.#gapSums(this.capacity.cpus),
      name: 'all CPUs',
      kind: 'all',
      capacityCpus: this.capacity.count,
      knowsIdle: this.source.header.scope === 'system',
      rangesNs: null,
      gapShare: 1,
      threads: null,
      isOwn: false,
      cpu: null,
    };
  }

  #makeCpus(): OccupancyRow[] {
    const { cpus } = this.capacity;
    const positions = positionsOf(cpus);
    return this.#sums(cpus.length, (_, cpu) => positions[cpu] ?? -1).map((sums, position) => ({
      ...sums,
      ...this.#gapSums([cpus[position]!]),
      name: `CPU ${cpus[position]}`,
      kind: 'cpu',
      capacityCpus: 1,
      knowsIdle: this.source.header.scope === 'system',
      rangesNs: null,
      gapShare: 1,
      threads: null,
      isOwn: false,
      cpu: cpus[position]!,
    }));
  }

  #makeThreads(kind: 'thread' | 'process', top: number): OccupancyRow[] {
    this.#busyByThread ??= busyByThread(this.source, this.sampling.sampleNs);
    const own = ownThreads(this.source);
    const groups = groupThreads(this.source.threads, this.#busyByThread, kind, top, own);
    // The scheduler tells of each thread by itself: what it did not tell of, the thread did not do.
    const gaps = this.isExact ? NO_GAPS : this.#gapSums(this.capacity.cpus);
    return this.#sums(groups.names.length, (thread) => groups.row[thread]!).map((sums, row) => {
      const members = groups.members[row]!;
      const capacityCpus = kind === 'thread' ? Math.min(members.length, this.capacity.count) : this.capacity.count;
      return {
        ...sums,
        ...gaps,
        // What was hidden is all that can be missing of it.
        stolen: this.isExact ? sums.hidden : sums.stolen,
        name: groups.names[row]!,
        kind,
        capacityCpus,
        knowsIdle: true,
        rangesNs: null,
        gapShare: capacityCpus / this.capacity.count,
        threads: members,
        isOwn: own !== null && members.every((member) => own.has(member)),
        cpu: null,
      };
    });
  }

  /** @param rowOf which row a thread on a CPU counts to, -1 for none */
  #sums(
    count: number,
    rowOf: (thread: number, cpu: number) => number,
  ): Pick<OccupancyRow, 'running' | 'hidden' | 'stolen' | 'ready'>[] {
    const { spans, samples, threads } = this.source;
    if (spans === null) {
      const running = eventSums(samples, this.source.header.weightUnit, this.sampling.sampleNs, count, (row) => {
        const thread = samples.thread[row]!;
        return isIdleThread(threads, thread) ? -1 : rowOf(thread, samples.cpu[row]!);
      });
      return running.map((one) => ({ running: one, hidden: NOTHING, stolen: NOTHING, ready: null }));
    }
    const hidden = this.#hidden!;
    const spanRow = (row: number) => rowOf(spans.thread[row]!, spans.cpu[row]!);
    const hiddenRow = (row: number) => rowOf(hidden.thread[row]!, hidden.cpu[row]!);
    const running = intervalSums(spans.startNs, spans.endNs, count, spanRow);
    const inGaps = intervalSums(hidden.startNs, hidden.endNs, count, hiddenRow);
    const stolen = intervalSums(hidden.startNs, hidden.endNs, count, (row) =>
      hidden.isLost[row] ? -1 : hiddenRow(row),
    );
    const ready = intervalSums(spans.readyNs, spans.startNs, count, (row) =>
      spans.readyNs[row]! < spans.startNs[row]! ? rowOf(spans.thread[row]!, spans.cpu[row]!) : -1,
    );
    return running.map((one, row) => ({
      running: one,
      hidden: inGaps[row]!,
      stolen: stolen[row]!,
      ready: ready[row]!,
    }));
  }

  #gapSums(cpus: readonly number[]): Pick<OccupancyRow, 'lost' | 'unseen'> {
    const sum = (isLost: number) => {
      const from: number[] = [];
      const to: number[] = [];
      for (const cpu of cpus) {
        const gaps = this.#gaps.get(cpu);
        // Where no thread had the CPU by the scheduler's word, it was idle, whoever sampled it.
        if (gaps === undefined || (isLost === 0 && this.#told.has(cpu))) continue;
        for (let gap = 0; gap < gaps.fromNs.length; gap++) {
          if (gaps.isLost[gap] !== isLost) continue;
          from.push(gaps.fromNs[gap]!);
          to.push(gaps.toNs[gap]!);
        }
      }
      return RunningSum.ofIntervals(Float64Array.from(from).sort(), Float64Array.from(to).sort());
    };
    return { lost: sum(1), unseen: sum(0) };
  }
}

/** Share of a CPU's time in gaps from which on it is strange that none of its samples is idle. */
const BLIND_SHARE = 0.1;

function blindCpusOf({ header, samples, threads }: OccupancySource, gaps: ReadonlyMap<number, Gaps>): number[] {
  const idle = new Set<number>();
  for (let row = 0; row < samples.cpu.length; row++)
    if (isIdleThread(threads, samples.thread[row]!)) idle.add(samples.cpu[row]!);
  return [...gaps].flatMap(([cpu, { fromNs, toNs, isLost }]) => {
    const unseenNs = fromNs.reduce((sum, from, gap) => sum + (isLost[gap] ? 0 : toNs[gap]! - from), 0);
    return idle.has(cpu) || unseenNs < BLIND_SHARE * (header.endNs - header.startNs) ? [] : [cpu];
  });
}

const NOTHING = RunningSum.NOTHING;
const NO_GAPS = { lost: NOTHING, unseen: NOTHING };

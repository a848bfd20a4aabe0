// The sampler: reads the host and a process tree at a steady interval, from 10 ms to 10 s.

import { existsSync } from 'node:fs';
import type { Indicator } from '#core/indicator';
import type { SeriesBatch } from '#core/recording';
import { UserError } from '#core/user-error';
import { monotonicUs } from '#system/clock';
import { ByteCursor } from './byte-cursor.ts';
import { FrequencyProbe } from './cpu-frequency.ts';
import { CpuTimeProbe } from './cpu-time.ts';
import { DiskProbe } from './disk-traffic.ts';
import { measuredGpus } from './gpu/gpu-list.ts';
import { GpuNames } from './gpu/gpu-quantity.ts';
import { IntelGpuTopProbe } from './gpu/intel-gpu-top.ts';
import { NvidiaSmiProbe } from './gpu/nvidia-smi.ts';
import { SysfsGpuProbe } from './gpu/sysfs-gpu.ts';
import { TreeGpuProbe } from './gpu/tree-gpu.ts';
import { READ_BYTES } from './held-file.ts';
import { MemoryProbe } from './memory-use.ts';
import { NetworkProbe } from './network-traffic.ts';
import { OwnCpuProbe } from './own-cpu.ts';
import { PowerProbe } from './power.ts';
import { PressureProbe } from './pressure.ts';
import type { Opened, Probe, ProbePlace } from './probe.ts';
import { SeriesBuffer } from './series-buffer.ts';
import { nextTick } from './tick-schedule.ts';
import { TreeProbe, type TreeAccount } from './tree-probe.ts';

export const SHORTEST_INTERVAL_MS = 10;
export const LONGEST_INTERVAL_MS = 10_000;
const DEFAULT_INTERVAL_MS = 100;
const DEFAULT_FLUSH_MS = 1000;
/** A last sample sooner than this after the one before would be nothing but rounding: the kernel's ticks are 10 ms. */
const SHORTEST_LAST_US = 10_000;
/** Reasons kept why something is absent. */
const MAX_REASONS = 100;

export interface SamplerOptions {
  /** Name of the agent in the batches. */
  readonly agent: string;
  /** Milliseconds, 10 to 10,000; 100 by default. */
  readonly intervalMs?: number | undefined;
  /** Of the names of each followed tree's indicators: `encoder` (the default, alone) gives `encoder.cpu`. */
  readonly prefixes?: readonly string[] | undefined;
  /** Name under which the CPU of this process is told as well: `agent` gives `agent.cpu`; left out where nothing is said. */
  readonly own?: string | undefined;
  /** Milliseconds after which rows are handed over; 1,000 by default. */
  readonly flushMs?: number | undefined;
  /** Receives the rows after `flushMs` and at the end; it may keep the arrays. */
  readonly onBatch: (batch: SeriesBatch) => void;
  /** Other places to read: for tests. */
  readonly place?: Partial<ProbePlace> | undefined;
}

export interface Sampler {
  /** Fixed at the start; column `indicator` of a batch is the position in here. */
  readonly indicators: readonly Indicator[];
  /** What could not be read so far, and why. */
  readonly absent: readonly string[];
  /**
   * Attaches the process tree from now on.
   * @param account a run group that holds it: exact CPU, and the processes told by the group
   * @param prefix one of the options' `prefixes`; the first by default
   */
  follow(pid: number, account?: TreeAccount | null, prefix?: string): void;
  /** The tree of that prefix is gone: no values of it until the next `follow`. */
  unfollow(prefix: string): void;
  /** Takes a last sample, hands over what is left, and closes everything. */
  stop(): void;
}

/**
 * Starts sampling. All values of a tick carry the time at which its reading began (monotonic microseconds, as it was,
 * not as it was due); rates divide by the time between the readings of their own file. What can't be read is absent,
 * and so is every rate in the first sample. The timer does not keep the process alive; a program
 * that tells of a GPU does, until `stop`.
 * @throws UserError where the interval is out of range
 */
export function startSampler(options: SamplerOptions): Sampler {
  const intervalMs = options.intervalMs ?? DEFAULT_INTERVAL_MS;
  if (!(intervalMs >= SHORTEST_INTERVAL_MS && intervalMs <= LONGEST_INTERVAL_MS)) {
    throw new UserError({
      what: `a sampling interval of ${intervalMs} ms is out of range`,
      todo: `use ${SHORTEST_INTERVAL_MS} ms to ${LONGEST_INTERVAL_MS} ms`,
    });
  }
  const path = process.env['PATH'] ?? '';
  const place = { proc: '/proc', sys: '/sys', dev: '/dev', path, clock: monotonicUs, ...options.place };
  return new ProcSampler(options, place, intervalMs * 1000);
}

class ProcSampler implements Sampler {
  readonly indicators: readonly Indicator[];
  readonly #absent = new Set<string>();
  readonly #probes: readonly Probe[];
  readonly #trees = new Map<string, TreeProbe>();
  readonly #buffer: SeriesBuffer;
  readonly #clock: () => number;
  readonly #intervalUs: number;
  readonly #flushUs: number;
  readonly #startUs: number;
  #tick = 0;
  #sampledUs = 0;
  #flushedUs: number;
  #timer: NodeJS.Timeout | null = null;
  #stopped = false;

  constructor(options: SamplerOptions, place: ProbePlace, intervalUs: number) {
    const cursor = new ByteCursor(Buffer.allocUnsafeSlow(READ_BYTES));
    this.#clock = place.clock;
    this.#intervalUs = intervalUs;
    this.#flushUs = (options.flushMs ?? DEFAULT_FLUSH_MS) * 1000;
    const probes: Probe[] = [];
    const cpu = this.#openHost(place, cursor, probes);
    if (options.own !== undefined) probes.push(new OwnCpuProbe(place, options.own));
    this.#openGpus(place, cursor, probes);
    const hasProcesses = existsSync(`${place.proc}/self/stat`);
    for (const prefix of options.prefixes ?? ['encoder']) {
      if (hasProcesses) this.#openTree(place, cursor, probes, prefix, cpu);
      else this.#absent.add(`${prefix}: there is no ${place.proc}/PID/stat to read`);
    }
    this.#probes = probes;
    this.indicators = this.#probes.flatMap((probe) => probe.indicators);
    const ticksPerFlush = Math.ceil(this.#flushUs / intervalUs) + 1;
    this.#buffer = new SeriesBuffer(options.agent, this.indicators.length * ticksPerFlush, options.onBatch);
    this.#startUs = this.#clock();
    this.#flushedUs = this.#startUs;
    this.#sample();
    this.#schedule();
  }

  get absent(): readonly string[] {
    return [...this.#absent];
  }

  #keep<T extends Probe>(opened: Opened<T>, probes: Probe[]): T | null {
    for (const reason of opened.absent) this.#absent.add(reason);
    if (!('probe' in opened)) return null;
    probes.push(opened.probe);
    return opened.probe;
  }

  #openHost(place: ProbePlace, cursor: ByteCursor, probes: Probe[]): CpuTimeProbe | null {
    const cpu = this.#keep(CpuTimeProbe.open(place, cursor), probes);
    if (cpu !== null) this.#keep(FrequencyProbe.open(place, cursor, cpu.cores), probes);
    this.#keep(MemoryProbe.open(place, cursor), probes);
    this.#keep(PressureProbe.open(place, cursor), probes);
    this.#keep(DiskProbe.open(place, cursor), probes);
    this.#keep(NetworkProbe.open(place, cursor), probes);
    this.#keep(PowerProbe.open(place, cursor), probes);
    return cpu;
  }

  /** The driver's own files first: they are cheaper than a program, and each quantity is told once. */
  #openGpus(place: ProbePlace, cursor: ByteCursor, probes: Probe[]): void {
    const gpus = measuredGpus(place);
    if (gpus.length === 0) this.#absent.add('gpu: there is no GPU whose load can be told');
    const names = new GpuNames(gpus.length);
    const intervalMs = this.#intervalUs / 1000;
    this.#keep(SysfsGpuProbe.open(place, cursor, gpus, names), probes);
    this.#keep(IntelGpuTopProbe.open(place, gpus, names, intervalMs), probes);
    this.#keep(NvidiaSmiProbe.open(place, gpus, names, intervalMs), probes);
  }

  #openTree(place: ProbePlace, cursor: ByteCursor, probes: Probe[], prefix: string, cpu: CpuTimeProbe | null): void {
    const tree = new TreeProbe(place, cursor, prefix, () => cpu?.forks ?? NaN);
    this.#trees.set(prefix, tree);
    probes.push(tree);
    this.#keep(TreeGpuProbe.open(place, cursor, prefix, tree), probes);
  }

  follow(pid: number, account: TreeAccount | null = null, prefix?: string): void {
    if (this.#stopped) return;
    const tree = prefix === undefined ? this.#trees.values().next().value : this.#trees.get(prefix);
    tree?.follow(pid, account);
  }

  unfollow(prefix: string): void {
    this.#trees.get(prefix)?.leave();
  }

  #sample(): void {
    const nowUs = this.#clock();
    this.#sampledUs = nowUs;
    this.#buffer.begin(nowUs, this.indicators.length);
    let first = 0;
    for (const probe of this.#probes) {
      const failure = probe.sample(this.#buffer, first);
      if (failure !== null && this.#absent.size < MAX_REASONS) this.#absent.add(failure);
      first += probe.indicators.length;
    }
    if (nowUs - this.#flushedUs >= this.#flushUs) {
      this.#flushedUs = nowUs;
      this.#buffer.flush();
    }
  }

  #schedule(): void {
    const nowUs = this.#clock();
    this.#tick = nextTick(this.#startUs, this.#intervalUs, this.#tick, nowUs);
    const dueUs = this.#startUs + this.#tick * this.#intervalUs;
    this.#timer = setTimeout(
      () => {
        this.#sample();
        this.#schedule();
      },
      Math.max(1, (dueUs - nowUs) / 1000),
    );
    this.#timer.unref();
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    const sinceUs = this.#clock() - this.#sampledUs;
    if (sinceUs >= Math.min(SHORTEST_LAST_US, this.#intervalUs / 2)) this.#sample();
    this.#buffer.flush();
    for (const probe of this.#probes) probe.close();
  }
}

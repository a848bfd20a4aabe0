// The indicators of a process tree: the encoder of a run with all its children.

import type { Indicator } from '#core/indicator';
import type { ByteCursor } from './byte-cursor.ts';
import { TICKS_PER_SECOND } from './cpu-time.ts';
import { pageBytes } from './page-size.ts';
import { Interval, rate, type Probe, type ProbePlace } from './probe.ts';
import { ProcessTree, type Membership } from './process-tree.ts';
import * as usage from './process-usage.ts';
import type { SeriesBuffer } from './series-buffer.ts';

/** A cgroup that holds the tree: it knows its processes, and its CPU to the nanosecond. */
export interface TreeAccount extends Membership {
  /** CPU seconds used so far; null where the group can't tell. */
  cpuSeconds(): number | null;
}

const RATES = [
  { name: 'read', counter: usage.READ_BYTES, unit: 'byte/s', description: 'read from a disk' },
  { name: 'write', counter: usage.WRITE_BYTES, unit: 'byte/s', description: 'written, on its way to a disk' },
  {
    name: 'input',
    counter: usage.INPUT_BYTES,
    unit: 'byte/s',
    description: 'through read calls: files in memory and pipes too',
  },
  {
    name: 'output',
    counter: usage.OUTPUT_BYTES,
    unit: 'byte/s',
    description: 'through write calls: files in memory and pipes too',
  },
  { name: 'faults.minor', counter: usage.MINOR_FAULTS, unit: '1/s', description: 'page faults without a disk' },
  { name: 'faults.major', counter: usage.MAJOR_FAULTS, unit: '1/s', description: 'page faults that read a disk' },
] as const;

export class TreeProbe implements Probe {
  readonly indicators: readonly Indicator[];
  readonly #place: ProbePlace;
  readonly #tree: ProcessTree;
  readonly #pageBytes = pageBytes();
  readonly #treeInterval = new Interval();
  readonly #cpuInterval = new Interval();
  readonly #before = new Float64Array(usage.COUNTERS).fill(NaN);
  readonly #forks: () => number;
  #account: TreeAccount | null = null;
  #cpuBefore = NaN;
  #following = false;

  /**
   * @param prefix of the names: `encoder`
   * @param forks processes and threads that the host has begun so far; NaN where that is not known
   */
  constructor(place: ProbePlace, cursor: ByteCursor, prefix: string, forks: () => number) {
    this.#place = place;
    this.#tree = new ProcessTree(place.proc, cursor);
    this.#forks = forks;
    this.indicators = [
      { name: `${prefix}.cpu`, unit: 'core', description: 'cores that its processes used' },
      { name: `${prefix}.memory`, unit: 'byte', description: 'resident memory; what processes share counts for each' },
      { name: `${prefix}.threads`, unit: '1', description: 'threads' },
      { name: `${prefix}.processes`, unit: '1', description: 'processes, those that wait to be collected too' },
      ...RATES.map(({ name, unit, description }) => ({ name: `${prefix}.${name}`, unit, description })),
    ];
  }

  /**
   * Follows a process and its descendants from now on. Rates begin with the next sample.
   * CPU comes from the account where there is one. Without one it comes from /proc/PID/stat: right in the sum, all
   * threads included, but in ticks of 10 ms, and a child's CPU is seen when it is found or waited for, so that a single
   * value can exceed the number of cores. (schedstat has nanoseconds, but for one thread a file, and forgets threads
   * that ended.)
   */
  follow(pid: number, account: TreeAccount | null): void {
    this.#account = account?.cpuSeconds() === null ? null : account;
    this.#tree.follow(pid, account);
    this.#following = true;
    this.#before.fill(NaN);
    this.#cpuBefore = this.#read().cpuS;
    this.#keep();
  }

  /** No values until the next `follow`: processes that are gone use nothing, but that is not what was measured. */
  leave(): void {
    this.#following = false;
  }

  /** Appends the numbers of the processes that are followed now. */
  pids(into: number[]): void {
    if (!this.#following) return;
    for (const { pid } of this.#tree.living()) into.push(pid);
  }

  sample(buffer: SeriesBuffer, first: number): string | null {
    if (!this.#following) return null;
    const { cpuS, cpuSeconds, seconds } = this.#read();
    const tree = this.#tree;
    // All have ended, and whoever follows them does not know it yet.
    if (tree.processes === 0 && cpuS === this.#cpuBefore) return null;
    let column = first;
    buffer.put(column++, rate(cpuS, this.#cpuBefore, cpuSeconds));
    // One that has ended and waits to be collected has none left: that is no measurement of what it held.
    buffer.put(column++, tree.residentPages > 0 ? tree.residentPages * this.#pageBytes : NaN);
    buffer.put(column++, tree.threads);
    buffer.put(column++, tree.processes);
    for (const { counter } of RATES) {
      const known = tree.ioFailure === null || counter < usage.READ_BYTES;
      buffer.put(column++, known ? rate(tree.totals[counter]!, this.#before[counter]!, seconds) : NaN);
    }
    this.#cpuBefore = cpuS;
    this.#keep();
    if (tree.leftOut !== null) return `${this.indicators[0]!.name}: a process is left out: ${tree.leftOut}`;
    if (tree.ioFailure !== null) return `${this.indicators[4]!.name}: /proc/PID/io: ${tree.ioFailure}`;
    return null;
  }

  #read(): { cpuS: number; cpuSeconds: number; seconds: number } {
    const nowUs = this.#place.clock();
    const seconds = this.#treeInterval.step(nowUs);
    this.#tree.sample(nowUs, this.#forks());
    if (this.#account === null) {
      return { cpuS: this.#tree.totals[usage.CPU_TICKS]! / TICKS_PER_SECOND, cpuSeconds: seconds, seconds };
    }
    const cpuSeconds = this.#cpuInterval.step(this.#place.clock());
    return { cpuS: this.#account.cpuSeconds() ?? NaN, cpuSeconds, seconds };
  }

  #keep(): void {
    this.#before.set(this.#tree.totals);
  }

  close(): void {
    this.#tree.close();
  }
}

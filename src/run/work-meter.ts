// Measures what a piece of work uses: all processes of its run groups together, while they work.

import type { RunGroup } from '#measure/run-group';
import { ByteCursor } from '#measure/byte-cursor';
import { ProcessTree } from '#measure/process-tree';
import { READ_BYTES, WRITE_BYTES } from '#measure/process-usage';
import { monotonicUs } from '#system/clock';
import { UseSamples } from './use-samples.ts';

/** More often at first: a short piece would be over before the second look. */
const INTERVAL_MS = 250;
const FIRST_INTERVAL_MS = 50;
const FIRST_MS = 2_000;
/** Room for a page of /proc/PID/io, and of the processes of a group. */
const BUFFER_BYTES = 64 * 1024;

interface Metered {
  readonly group: RunGroup;
  /** Tells the bytes of its processes, which no group does without the rights for it. */
  readonly tree: ProcessTree;
}

/** Counts from its making on; `stop` has to be called. */
export class WorkMeter {
  readonly samples = new UseSamples();
  readonly startUs = monotonicUs();
  readonly #cursor = new ByteCursor(Buffer.allocUnsafeSlow(BUFFER_BYTES));
  readonly #metered: Metered[] = [];
  #timer: NodeJS.Timeout;
  #processes = 0;
  #memoryNow = NaN;
  #endUs: number | null = null;

  constructor() {
    this.sample();
    this.#timer = this.#every(FIRST_INTERVAL_MS);
    setTimeout(() => {
      if (this.#endUs !== null) return;
      clearInterval(this.#timer);
      this.#timer = this.#every(INTERVAL_MS);
    }, FIRST_MS).unref();
  }

  /** Counts a process that is in this group, with its descendants; the CPU of a group that is new here counts whole. */
  follow(group: RunGroup, pid: number): void {
    let metered = this.#metered.find((each) => each.group === group);
    if (metered === undefined) {
      metered = { group, tree: new ProcessTree('/proc', this.#cursor) };
      this.#metered.push(metered);
    }
    metered.tree.follow(pid, group.account);
    this.#processes++;
    this.sample();
  }

  /** Looks now: a phase begins or ends. */
  sample(): void {
    if (this.#endUs !== null) return;
    const timeUs = monotonicUs();
    let cpuS = 0;
    let memory = 0;
    let diskRead = 0;
    let diskWritten = 0;
    for (const { group, tree } of this.#metered) {
      const use = group.read();
      cpuS += use.cpuS ?? NaN;
      memory += use.memory ?? NaN;
      tree.sample(timeUs, NaN);
      diskRead += tree.ioFailure === null ? tree.totals[READ_BYTES]! : NaN;
      diskWritten += tree.ioFailure === null ? tree.totals[WRITE_BYTES]! : NaN;
    }
    this.#memoryNow = memory;
    this.samples.add({ timeUs, cpuS, memory, diskRead, diskWritten });
  }

  /** True where nothing but this process worked, of which nobody can tell what it did for whom. */
  get isBlind(): boolean {
    return this.#processes === 0;
  }

  /** Bytes at the last sample; null where that is not known. */
  get memoryNow(): number | null {
    return Number.isNaN(this.#memoryNow) ? null : this.#memoryNow;
  }

  /** The largest memory that a group saw itself: it looks more often. Null where there is none. */
  get memoryPeak(): number | null {
    const peaks = this.#metered.flatMap(({ group }) => group.read().memoryPeak ?? []);
    return peaks.length === 0 ? null : Math.max(...peaks);
  }

  /** False where CPU is counted by /proc: what a process did behind its last sample is missing then. */
  get isExact(): boolean {
    return this.#metered.every(({ group }) => group.accounting !== 'proc');
  }

  /** Ends it, once. @returns when it ended, microseconds, monotonic */
  stop(): number {
    if (this.#endUs !== null) return this.#endUs;
    this.sample();
    clearInterval(this.#timer);
    for (const { tree } of this.#metered) tree.close();
    return (this.#endUs = monotonicUs());
  }

  #every(intervalMs: number): NodeJS.Timeout {
    return setInterval(() => this.sample(), intervalMs).unref();
  }
}

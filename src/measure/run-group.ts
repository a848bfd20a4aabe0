// A control group of its own for a run: all that the run starts belongs to it, so its CPU is exact and nothing outlives it.
//
// It is made inside our own group, so that limits around us go on to hold. Version 1 (cpuacct, memory) comes first: version 2
// gives groups below one that holds processes itself no memory accounting ("no internal processes", cgroups(7)); its CPU
// accounting it gives all the same. What no group tells comes from /proc, and `accounting` and `reason` say so.

import { runChild } from '#system/child-process';
import { monotonicUs } from '#system/clock';
import { ByteCursor } from './byte-cursor.ts';
import { TICKS_PER_SECOND } from './cpu-time.ts';
import { GroupFolder, groupName, kill, removeStaleGroups } from './group-folder.ts';
import { GroupMemory } from './group-memory.ts';
import { HeldFile } from './held-file.ts';
import { ownCgroups, textOf, type OwnCgroups } from './own-cgroup.ts';
import { pageBytes } from './page-size.ts';
import { processStartTicks } from '#system/process-identity';
import { ProcessTree } from './process-tree.ts';
import { CPU_TICKS } from './process-usage.ts';
import type { TreeAccount } from './tree-probe.ts';

/** How often memory is looked at for its peak; more often at first, since a short run would be over before the second look. */
const PEAK_INTERVAL_MS = 100;
const FIRST_PEAK_INTERVAL_MS = 10;
const FIRST_MS = 2_000;
/** Room for memory.stat, and for a page of cgroup.procs at a time. */
const BUFFER_BYTES = 64 * 1024;
const TRIAL_MS = 5_000;

export interface GroupUse {
  /** CPU seconds of all processes and threads since they were added (that of `enter` itself, 1 to 2 ms, with them); null where it can't be told. */
  readonly cpuS: number | null;
  /** Bytes now, counted as `memoryPeak` is; null where it can't be told. */
  readonly memory: number | null;
  /**
   * Bytes, the largest of samples 100 ms apart (10 ms in the first two seconds): of a group its anonymous and shared memory; from /proc the resident
   * memory (files that are mapped included, what processes share counted for each). A single process's from /proc is exact (VmHWM).
   */
  readonly memoryPeak: number | null;
  /** Bytes, the kernel's exact peak with the page cache: an upper bound of `memoryPeak`; null where no group tells it. */
  readonly memoryPeakWithCache: number | null;
}

export interface RunGroup {
  /** How CPU is told. */
  readonly accounting: 'cgroup-v1' | 'cgroup-v2' | 'proc';
  /** Why CPU or memory does not come from a group; null where both do. */
  readonly reason: string | null;
  /** For the sampler's `follow`; null where there is no group. */
  readonly account: TreeAccount | null;
  /**
   * The command line that starts a program inside the group, so that its first instruction counts already. Then call
   * `add` with 'entered'. A program that can't be started ends with 126 or 127 there, as in a shell.
   */
  enter(command: string, args: readonly string[]): readonly [command: string, args: string[]];
  /**
   * Adds a process with its descendants, those of now and all later ones. Not 'entered' it is moved: that holds this
   * thread up for about 10 ms (the kernel waits until no CPU looks at the old group), and what the process used
   * before is not the group's.
   */
  add(pid: number, how?: 'entered'): void;
  read(): GroupUse;
  /**
   * Kills what is left of the group, and takes it away; `read` then gives the last numbers.
   * @throws Error where the system keeps the group for more than two seconds
   */
  remove(): Promise<void>;
}

/** Where groups may be made; a test brings others. */
export type GroupPlaces = Pick<OwnCgroups, 'cpuacct' | 'memory' | 'unified'>;

/**
 * Makes a group for a run. It never fails: what is not permitted is told by `reason`. Groups that dead processes left behind are removed first, with
 * what still runs in them.
 * @param id of the run
 */
export async function createRunGroup(id: string, places: GroupPlaces | null = ownCgroups()): Promise<RunGroup> {
  const reasons: string[] = [];
  const name = groupName(id);
  const make = async (what: string, parent: string | undefined): Promise<GroupFolder | null> => {
    if (parent === undefined) {
      reasons.push(`${what}: not mounted`);
      return null;
    }
    await removeStaleGroups(parent).catch((error: Error) => reasons.push(error.message));
    const group = GroupFolder.make(parent, name);
    if (typeof group !== 'string') return group;
    reasons.push(`${what}: ${parent}: ${group}`);
    return null;
  };
  const cpuacct = await make('cpuacct', places?.cpuacct?.folder);
  if (cpuacct !== null) {
    const memory = await make('memory', places?.memory?.folder);
    return tried(new Group('cgroup-v1', memory === null ? [cpuacct] : [cpuacct, memory], reasons));
  }
  const unified = await make('cgroup v2', places?.unified?.folder);
  // That version 1 is not there is as it should be where version 2 is.
  if (unified !== null) return tried(new Group('cgroup-v2', [unified], []));
  return new Group('proc', [], reasons);
}

/**
 * Joins the groups named before `--`, then becomes the program behind it. The text is fixed: names and arguments come in
 * as the shell's own parameters and are never read as shell.
 */
const ENTER = 'while [ "$1" != -- ]; do echo $$ > "$1" || exit 125; shift; done; shift; exec "$@"';

async function tried(group: Group): Promise<Group> {
  await group.try();
  return group;
}

class Group implements RunGroup {
  accounting: RunGroup['accounting'];
  readonly #cursor = new ByteCursor(Buffer.allocUnsafeSlow(BUFFER_BYTES));
  readonly #pageBytes = pageBytes();
  readonly #tree = new ProcessTree('/proc', this.#cursor);
  readonly #reasons: string[];
  readonly #folders: GroupFolder[];
  readonly #timer: NodeJS.Timeout;
  #firstTimer: NodeJS.Timeout | null = null;
  #cpu: HeldFile | null = null;
  #memory: GroupMemory | null = null;
  #treePeak = 0;
  /** CPU of the trial. */
  #cpuBaseS = 0;
  readonly #added: number[] = [];
  #last: GroupUse | null = null;

  /**
   * @param folders the one of the CPU first
   * @param reasons why things are not as they could be
   */
  constructor(accounting: RunGroup['accounting'], folders: GroupFolder[], reasons: string[]) {
    this.accounting = accounting;
    this.#folders = folders;
    this.#reasons = reasons;
    if (accounting !== 'proc') this.#open(accounting === 'cgroup-v1' ? 1 : 2);
    this.#timer = setInterval(() => this.#sample(), PEAK_INTERVAL_MS);
    this.#timer.unref();
  }

  #open(version: 1 | 2): void {
    const cpu = HeldFile.open(`${this.#folders[0]!.path}/${version === 1 ? 'cpuacct.usage' : 'cpu.stat'}`);
    if (typeof cpu === 'string') this.#doWithout(`cpu: ${this.#folders[0]!.path}: ${cpu}`);
    else this.#cpu = cpu;
    const memoryFolder = version === 1 ? this.#folders[1] : this.#folders[0];
    if (memoryFolder === undefined) return;
    const memory = GroupMemory.open(memoryFolder.path, version);
    if (typeof memory === 'string') this.#reasons.push(`memory: ${memoryFolder.path}/memory.stat: ${memory}`);
    else this.#memory = memory;
  }

  get reason(): string | null {
    return this.#reasons.length === 0 ? null : this.#reasons.join('; ');
  }

  get account(): TreeAccount | null {
    return this.#cpu === null ? null : this;
  }

  enter(command: string, args: readonly string[]): [string, string[]] {
    if (this.#cpu === null) return [command, [...args]];
    const files = this.#folders.map((folder) => `${folder.path}/cgroup.procs`);
    return ['sh', ['-c', ENTER, 'sh', ...files, '--', command, ...args]];
  }

  /** Whether a process can really live in here is known when one did: rules and rights differ by version and place. */
  async try(): Promise<void> {
    const result = await runChild(...this.enter('true', []), { timeoutMs: TRIAL_MS });
    if (result.code !== 0) this.#doWithout(`${this.accounting}: ${result.stderr.trim() || result.end}`);
    this.#cpuBaseS = this.cpuSeconds() ?? 0;
  }

  add(pid: number, how?: 'entered'): void {
    if (pid === process.pid) throw new Error('a run group is for children, not for this process');
    this.#added.push(pid);
    this.#lookOften();
    if (how === undefined || this.#cpu === null) this.#moveTree(pid);
    if (this.#needsTree) this.#tree.follow(pid, this.account);
  }

  #lookOften(): void {
    if (this.#firstTimer !== null) return;
    const timer = (this.#firstTimer = setInterval(() => this.#sample(), FIRST_PEAK_INTERVAL_MS).unref());
    setTimeout(() => clearInterval(timer), FIRST_MS).unref();
  }

  #moveTree(pid: number): void {
    // The process itself first and at once: memory that it takes before stays on the account of our own group.
    this.#move(pid);
    if (this.#folders.length > 0) for (const one of descendantsOf(pid, this.#cursor)) this.#move(one);
  }

  #move(pid: number): void {
    for (const folder of this.#folders) {
      const failure = folder.add(pid);
      // A process that has ended already is nobody's mistake.
      if (failure !== null && failure !== 'ESRCH') this.#doWithout(`${folder.path}/cgroup.procs: ${failure}`);
    }
  }

  /** A group that takes no processes accounts for nothing: from here on /proc does. */
  #doWithout(reason: string): void {
    this.accounting = 'proc';
    this.#reasons.push(reason);
    this.#cpu?.close();
    this.#cpu = null;
    this.#memory?.close();
    this.#memory = null;
    for (const pid of this.#added) this.#tree.follow(pid);
  }

  get #needsTree(): boolean {
    return this.#cpu === null || this.#memory === null;
  }

  cpuSeconds(): number | null {
    if (this.#cpu === null || !this.#cpu.read(this.#cursor)) return null;
    if (this.accounting === 'cgroup-v1') return this.#cursor.number() / 1e9 - this.#cpuBaseS;
    // cpu.stat begins with `usage_usec`.
    this.#cursor.skipFields(1);
    return this.#cursor.number() / 1e6 - this.#cpuBaseS;
  }

  pids(into: number[]): void {
    this.#folders[0]?.pids(this.#cursor, into);
  }

  #sample(): void {
    this.#memory?.sample(this.#cursor);
    if (!this.#needsTree) return;
    this.#tree.sample(monotonicUs(), NaN);
    const single = this.#tree.single;
    const bytes = (single === null ? null : residentPeak(single)) ?? this.#tree.residentPages * this.#pageBytes;
    this.#treePeak = Math.max(this.#treePeak, bytes);
  }

  read(): GroupUse {
    if (this.#last !== null) return this.#last;
    this.#sample();
    const ofTree = this.#tree.joined === 0 ? null : this.#tree.totals[CPU_TICKS]! / TICKS_PER_SECOND;
    return {
      cpuS: this.#cpu === null ? ofTree : this.cpuSeconds(),
      memory: this.#memory?.now ?? (this.#tree.joined === 0 ? null : this.#tree.residentPages * this.#pageBytes),
      memoryPeak: (this.#memory?.peak ?? this.#treePeak) || null,
      memoryPeakWithCache: this.#memory?.peakWithCache() ?? null,
    };
  }

  async remove(): Promise<void> {
    if (this.#last !== null) return;
    clearInterval(this.#timer);
    if (this.#firstTimer !== null) clearInterval(this.#firstTimer);
    this.#last = this.read();
    this.#cpu?.close();
    this.#memory?.close();
    for (const { pid, startTicks } of this.#tree.living()) if (processStartTicks(pid) === startTicks) kill(pid);
    this.#tree.close();
    for (const folder of this.#folders) await folder.remove();
  }
}

function descendantsOf(pid: number, cursor: ByteCursor): number[] {
  const tree = new ProcessTree('/proc', cursor);
  tree.follow(pid);
  tree.sample(monotonicUs(), NaN);
  const pids = tree.living().map((one) => one.pid);
  tree.close();
  return pids.filter((one) => one !== pid);
}

/** Bytes: the kernel's own peak of one process's resident memory (VmHWM). */
function residentPeak(pid: number): number | null {
  const kB = /^VmHWM:\s*(\d+) kB$/m.exec(textOf(`/proc/${pid}/status`) ?? '')?.[1];
  return kB === undefined ? null : Number(kB) * 1024;
}

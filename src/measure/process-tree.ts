// A process and all that descends from it: what they have used together, without loss when one of them ends.
//
// The sum of a counter over the living processes, each with what its waited-for children used, does not change when a
// child ends and is waited for: the kernel moves the child's share to its parent (getrusage(2), RUSAGE_CHILDREN; the
// I/O counters too). A child that nobody in the tree waits for (its parent is gone, or ignores SIGCHLD) would take its
// share with it: it is kept in `retired`. Which of the two happened is told by the minor faults: every process has some,
// and a waited-for child's are all in its parent's cminflt, to the unit, while CPU time is rounded to ticks.

import { readdirSync } from 'node:fs';
import type { ByteCursor } from './byte-cursor.ts';
import { codeOf, HeldFile } from './held-file.ts';
import { COUNTERS, MINOR_FAULTS, parseProcessStat, ProcessUsage, type ProcessStat } from './process-usage.ts';

/** The shortest time between two searches for new processes: reading the list of /proc takes 0.1 ms and more. */
export const SEARCH_INTERVAL_US = 50_000;
/** Two descriptors each. */
export const MAX_PROCESSES = 400;

/** Tells the processes of a tree: a cgroup knows them exactly and cheaply. */
export interface Membership {
  /** Appends their numbers. */
  pids(into: number[]): void;
}

export class ProcessTree {
  /** Counters of the whole tree since its processes began; they never shrink. */
  readonly totals = new Float64Array(COUNTERS);
  residentPages = 0;
  threads = 0;
  /** Why I/O of a process is not in the totals; null where all of it is. */
  ioFailure: string | null = null;
  /** Why a process was left out; null where all are in. */
  leftOut: string | null = null;
  readonly #proc: string;
  readonly #cursor: ByteCursor;
  readonly #members = new Map<number, ProcessUsage>();
  readonly #roots: number[] = [];
  readonly #retired = new Float64Array(COUNTERS);
  readonly #sum = new Float64Array(COUNTERS);
  readonly #ended: ProcessUsage[] = [];
  #membership: Membership | null = null;
  /** Processes that were looked at and are not of the tree. */
  #foreign = new Set<number>();
  #searchedUs = -Infinity;
  #forksAtSearch = NaN;

  constructor(proc: string, cursor: ByteCursor) {
    this.#proc = proc;
    this.#cursor = cursor;
  }

  get processes(): number {
    return this.#members.size;
  }

  living(): Pick<ProcessUsage, 'pid' | 'startTicks'>[] {
    return [...this.#members.values()];
  }

  /** Processes that the tree ever had. */
  joined = 0;

  /** The only process that the tree ever had; null where there were none or several. */
  get single(): number | null {
    return this.joined === 1 ? this.#roots[0]! : null;
  }

  /** Follows this process from now on, with all its descendants. A number that is no process (any more) is no error. */
  follow(pid: number, membership: Membership | null = null): void {
    this.#roots.push(pid);
    this.#membership ??= membership;
    this.#join(pid);
    this.#searchedUs = -Infinity;
    this.#forksAtSearch = NaN;
    this.#foreign.clear();
  }

  /**
   * Reads all processes.
   * @param nowUs monotonic microseconds
   * @param forks processes and threads begun on this host since it started (/proc/stat): where that number stands still
   *   there is nothing to search; NaN where it is not known
   */
  sample(nowUs: number, forks: number): void {
    if (this.#roots.length === 0) return;
    if (nowUs - this.#searchedUs >= SEARCH_INTERVAL_US && forks !== this.#forksAtSearch) {
      this.#searchedUs = nowUs;
      this.#forksAtSearch = forks;
      this.#search();
    }
    for (const member of this.#members.values()) {
      member.childFaultsBefore = member.childFaults;
      if (!member.read()) this.#ended.push(member);
    }
    if (this.#ended.length > 0) this.#settleEnded();
    this.#addUp();
  }

  /** Gives what the ended ones used to who inherits it, or to `retired`: nothing is lost, nothing counts twice. */
  #settleEnded(): void {
    const heirs = this.#readHeirs();
    for (const ended of this.#ended) {
      const heir = this.#heirOf(ended);
      const spare = heir === null ? -1 : heirs.get(heir)!;
      const faults = ended.counters[MINOR_FAULTS]!;
      if (heir !== null && spare >= faults) {
        heirs.set(heir, spare - faults);
      } else {
        for (let i = 0; i < COUNTERS; i++) this.#retired[i]! += ended.counters[i]!;
      }
      ended.close();
    }
    this.#ended.length = 0;
  }

  /**
   * Parents may have been read before their child ended: they are read again. One that has ended meanwhile is an ended
   * one itself, and others inherit: hence from the start again.
   * @returns faults that each heir got from its children since the sample before
   */
  #readHeirs(): Map<ProcessUsage, number> {
    const heirs = new Map<ProcessUsage, number>();
    for (const ended of this.#ended) this.#members.delete(ended.pid);
    for (let i = 0; i < this.#ended.length; i++) {
      const heir = this.#heirOf(this.#ended[i]!);
      if (heir === null || heirs.has(heir)) continue;
      if (heir.read()) {
        heirs.set(heir, heir.childFaults - heir.childFaultsBefore);
      } else {
        this.#members.delete(heir.pid);
        this.#ended.push(heir);
        i = -1;
      }
    }
    return heirs;
  }

  /** The nearest ancestor that lives: it inherits also through parents that ended in the same interval. */
  #heirOf(ended: ProcessUsage): ProcessUsage | null {
    let ppid = ended.ppid;
    for (let steps = 0; steps <= this.#ended.length; steps++) {
      const living = this.#members.get(ppid);
      if (living !== undefined) return living;
      const between = this.#ended.find((other) => other.pid === ppid);
      if (between === undefined) return null;
      ppid = between.ppid;
    }
    return null;
  }

  #addUp(): void {
    this.residentPages = 0;
    this.threads = 0;
    this.#sum.set(this.#retired);
    for (const member of this.#members.values()) {
      for (let i = 0; i < COUNTERS; i++) this.#sum[i]! += member.counters[i]!;
      this.residentPages += member.residentPages;
      this.threads += member.threads;
    }
    // Each process is rounded down to ticks by itself, so a sum can fall by a tick or two when children are merged.
    for (let i = 0; i < COUNTERS; i++) this.totals[i] = Math.max(this.totals[i]!, this.#sum[i]!);
  }

  #search(): void {
    if (this.#membership !== null) {
      const pids: number[] = [];
      this.#membership.pids(pids);
      for (const pid of pids) this.#join(pid);
    } else {
      this.#searchByParent();
    }
  }

  /** Not /proc/PID/task/TID/children: one file for each thread of the tree, and not every kernel has it. */
  #searchByParent(): void {
    const foreign = new Set<number>();
    const unknown: { pid: number; ppid: number; session: number }[] = [];
    for (const name of listOf(this.#proc)) {
      const pid = name.charCodeAt(0) <= 57 ? Number(name) : NaN;
      if (Number.isNaN(pid) || this.#members.has(pid)) continue;
      if (this.#foreign.has(pid)) {
        foreign.add(pid);
        continue;
      }
      const stat = this.#peek(pid);
      if (stat !== null) unknown.push({ pid, ppid: stat.ppid, session: stat.session });
    }
    for (let joined = true; joined;) {
      joined = false;
      for (const one of unknown) {
        if (this.#members.has(one.pid) || foreign.has(one.pid)) continue;
        if (!this.#members.has(one.ppid) && !this.#ownsSession(one.session)) continue;
        if (this.#join(one.pid)) joined = true;
        else foreign.add(one.pid);
      }
    }
    for (const one of unknown) if (!this.#members.has(one.pid)) foreign.add(one.pid);
    this.#foreign = foreign;
  }

  /** A root that leads a session (our children do) also owns processes whose parents ended before they were seen. */
  #ownsSession(session: number): boolean {
    return this.#roots.includes(session) && session > 1;
  }

  #join(pid: number): boolean {
    if (this.#members.has(pid)) return true;
    if (this.#members.size >= MAX_PROCESSES) {
      this.leftOut = `more than ${MAX_PROCESSES} processes`;
      return false;
    }
    const member = ProcessUsage.open(this.#proc, pid, this.#cursor);
    if (typeof member === 'string') {
      if (member !== 'ENOENT' && member !== 'ESRCH') this.leftOut = member;
      return false;
    }
    this.ioFailure ??= member.ioFailure;
    this.#members.set(pid, member);
    this.joined++;
    return true;
  }

  #peek(pid: number): ProcessStat | null {
    const file = HeldFile.open(`${this.#proc}/${pid}/stat`);
    if (typeof file === 'string') return null;
    const read = file.read(this.#cursor) && parseProcessStat(this.#cursor, this.#peeked);
    file.close();
    return read ? this.#peeked : null;
  }
  readonly #peeked: ProcessStat = {
    counters: new Float64Array(COUNTERS),
    childFaults: 0,
    ppid: 0,
    session: 0,
    threads: 0,
    startTicks: 0,
    residentPages: 0,
  };

  close(): void {
    for (const member of this.#members.values()) member.close();
    this.#members.clear();
  }
}

function listOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    codeOf(error);
    return [];
  }
}

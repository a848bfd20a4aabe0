// A program on this machine that is not ours: found by its name or number, and found again after it was started anew.

import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';

/** It is looked for so often while there is none; while there is one, so often whether it still is. */
const LOOK_MS = 1_000;
/** The kernel keeps so much of a name, bytes: `qemu-system-x86`. */
const SHORT_NAME = 15;

export interface FollowedProgramOptions {
  /** Its name (of the file that runs, without folders), or its process id. */
  readonly program: string;
  readonly follow: (pid: number) => void;
  readonly unfollow: () => void;
  /** `failure` is another now. */
  readonly onChanged: () => void;
  /** For the feed: which process is measured from now on, and when it ended. */
  readonly onMessage: (text: string) => void;
  /** `/proc`, unless a test has another. */
  readonly proc?: string | undefined;
  /** Milliseconds; 1,000 by default. */
  readonly lookMs?: number | undefined;
}

/** What tells two processes of one number apart. */
interface Found {
  readonly pid: number;
  readonly ppid: number;
  /** When it began, ticks since the machine did. */
  readonly startTicks: number;
  readonly name: string;
}

interface Search {
  readonly found: Found | null;
  /** How many are called so. */
  readonly count: number;
}

export class FollowedProgram {
  readonly #options: FollowedProgramOptions;
  readonly #proc: string;
  readonly #pid: number | null;
  readonly #name: string;
  readonly #timer: NodeJS.Timeout;
  #found: Found | null = null;
  /** A number that was this program's is another's after its end. */
  #ended = false;
  /** Why nothing is measured; null while it is. */
  failure: string | null = null;

  constructor(options: FollowedProgramOptions) {
    this.#options = options;
    const { program, proc = '/proc', lookMs = LOOK_MS } = options;
    this.#proc = proc;
    this.#pid = /^\d+$/.test(program) ? Number(program) : null;
    this.#name = basename(program);
    this.#look();
    this.#timer = setInterval(() => this.#look(), lookMs).unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const before = this.#found;
    if (before !== null) {
      if (this.#read(before.pid)?.startTicks === before.startTicks) return;
      this.#found = null;
      this.#ended = true;
      this.#options.unfollow();
      this.#options.onMessage(`the process ${this.#nameOf(before)}, pid ${before.pid}, has ended`);
    }
    const { found, count } = this.#search();
    this.#found = found;
    const failure = found === null ? this.#absence() : null;
    const isNews = failure !== this.failure;
    this.failure = failure;
    if (found !== null) {
      this.#options.follow(found.pid);
      this.#options.onMessage(this.#measuring(found, count));
    }
    if (isNews) this.#options.onChanged();
  }

  #search(): Search {
    if (this.#pid === null) return this.#newest();
    const found = this.#ended ? null : this.#read(this.#pid);
    return { found, count: found === null ? 0 : 1 };
  }

  #measuring(found: Found, count: number): string {
    const name = this.#nameOf(found);
    if (count === 1) return `measures the process ${name}, pid ${found.pid}`;
    return `${count} processes are called ${name}: the newest, pid ${found.pid}, is measured; --process PID chooses another`;
  }

  /** What was asked for; of a number the kernel's name. */
  #nameOf({ name }: Found): string {
    return this.#pid === null ? this.#name : name;
  }

  #absence(): string {
    if (this.#pid === null) return `program: no process is named ${this.#name}`;
    return this.#ended ? `program: process ${this.#pid} has ended` : `program: there is no process ${this.#pid}`;
  }

  /** Of those that are nobody's child of the same name: what they start is measured with them. */
  #newest(): Search {
    const named = new Map<number, Found>();
    for (const entry of this.#processes()) {
      const found = this.#read(Number(entry));
      if (found !== null && this.#isNamed(found)) named.set(found.pid, found);
    }
    let newest: Found | null = null;
    let count = 0;
    for (const found of named.values()) {
      if (named.has(found.ppid) || found.pid === process.pid) continue;
      count++;
      if (newest === null || found.startTicks >= newest.startTicks) newest = found;
    }
    return { found: newest, count };
  }

  #isNamed({ pid, name }: Found): boolean {
    const wanted = this.#name;
    if (name === wanted) return true;
    // A thread may have given the process another name, and a long one is cut.
    const [command = ''] = (this.#text(`${pid}/cmdline`) ?? '').split('\0', 1);
    if (command !== '') return basename(command) === wanted;
    return name.length === SHORT_NAME && wanted.startsWith(name);
  }

  /** Null where there is none, or it has ended and waits to be collected. */
  #read(pid: number): Found | null {
    const text = this.#text(`${pid}/stat`);
    if (text === null) return null;
    // proc_pid_stat(5): the name stands in parentheses and may hold any character.
    const [open, close] = [text.indexOf('('), text.lastIndexOf(')')];
    const fields = text.slice(close + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return null;
    return { pid, ppid: Number(fields[1]), startTicks: Number(fields[19]), name: text.slice(open + 1, close) };
  }

  #processes(): string[] {
    try {
      return readdirSync(this.#proc).filter((entry) => /^\d+$/.test(entry));
    } catch {
      return [];
    }
  }

  /** Null where the process ended meanwhile, or is not for us to see. */
  #text(path: string): string | null {
    try {
      return readFileSync(`${this.#proc}/${path}`, 'utf8');
    } catch {
      return null;
    }
  }
}

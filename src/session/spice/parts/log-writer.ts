// Who writes a log: a program that has ended tells nothing more by it, and one that runs tells by its silence, too.

import { lstatSync, readdirSync, readlinkSync, realpathSync, statSync } from 'node:fs';

/** How often it is looked for. */
const LOOK_MS = 1_000;
/** Written so much later than nobody was seen to write: somebody does whom we can't see. */
const UNSEEN_MS = 1_000;
/** Of a link to a file that is open for writing (proc(5)). */
const WRITES = 0o200;

export class LogWriter {
  readonly #path: string;
  readonly #proc: string;
  /** Its link to the log: `/proc/7/fd/3`. */
  #link: string | null = null;
  #lookedMs = -Infinity;
  /** Since when nobody was seen, as times of files are told. */
  #nobodySinceMs: number | null = null;
  #isLeft = false;

  /** @param proc `/proc`, unless a test has another */
  constructor(path: string, proc = '/proc') {
    this.#path = path;
    this.#proc = proc;
  }

  /** Whether it writes no more, as far as could be seen last. Of other machines and users nobody can see it. */
  get isLeft(): boolean {
    return this.#isLeft;
  }

  /** Whether it was seen. */
  get isThere(): boolean {
    return this.#link !== null;
  }

  /** To be called often. @param writtenMs when the log was written last */
  look(writtenMs: number, nowMs = Date.now()): void {
    if (nowMs - this.#lookedMs < LOOK_MS) return;
    this.#lookedMs = nowMs;
    const path = realpathSync(this.#path);
    if (this.#link === null || !isWriter(this.#link, path)) this.#link = this.#search(path);
    this.#nobodySinceMs = this.#link === null ? (this.#nobodySinceMs ?? nowMs) : null;
    this.#isLeft = this.#nobodySinceMs !== null && writtenMs <= this.#nobodySinceMs + UNSEEN_MS && this.#canSee();
  }

  /** Among the processes of the log's owner: others are not for us to see, and don't write it. */
  #search(path: string): string | null {
    const { uid } = statSync(path);
    for (const folder of this.#processes()) {
      try {
        if (statSync(folder).uid !== uid) continue;
        for (const fd of readdirSync(`${folder}/fd`))
          if (isWriter(`${folder}/fd/${fd}`, path)) return `${folder}/fd/${fd}`;
      } catch {
        // It has ended meanwhile, or hides itself.
      }
    }
    return null;
  }

  /** Without a /proc, or with a log of somebody else's, nobody is ever seen. */
  #canSee(): boolean {
    const uid = process.getuid?.();
    return this.#processes().length > 0 && (uid === 0 || statSync(this.#path).uid === uid);
  }

  #processes(): string[] {
    try {
      return readdirSync(this.#proc).flatMap((entry) => (/^\d+$/.test(entry) ? [`${this.#proc}/${entry}`] : []));
    } catch {
      return [];
    }
  }
}

function isWriter(link: string, path: string): boolean {
  try {
    return readlinkSync(link) === path && (lstatSync(link).mode & WRITES) !== 0;
  } catch {
    return false;
  }
}

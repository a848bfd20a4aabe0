// What one process has used so far: /proc/PID/stat and /proc/PID/io. Formats: proc_pid_stat(5), proc_pid_io(5).

import type { ByteCursor } from './byte-cursor.ts';
import { HeldFile } from './held-file.ts';

/** Counters that only grow. Those of children that were waited for are in their parent's. */
export const MINOR_FAULTS = 0;
export const MAJOR_FAULTS = 1;
/** Ticks of 10 ms, user and system. */
export const CPU_TICKS = 2;
/** Bytes that came from and went to a disk. */
export const READ_BYTES = 3;
export const WRITE_BYTES = 4;
/** Bytes that went through read and write calls: files in memory, pipes and sockets too. */
export const INPUT_BYTES = 5;
export const OUTPUT_BYTES = 6;
export const COUNTERS = 7;

export interface ProcessStat {
  /** The first three of the counters. */
  readonly counters: Float64Array;
  /** Minor faults of children that were waited for. */
  childFaults: number;
  ppid: number;
  session: number;
  threads: number;
  startTicks: number;
  residentPages: number;
}

const CLOSING = 41;

/** Reads the text of /proc/PID/stat. The name may hold blanks and parentheses: the fields begin behind the last `)`. */
export function parseProcessStat(cursor: ByteCursor, into: ProcessStat): boolean {
  let at = cursor.end - 1;
  while (at >= 0 && cursor.bytes[at] !== CLOSING) at--;
  if (at < 0) return false;
  cursor.at = at + 1;
  cursor.skipFields(1);
  into.ppid = cursor.number();
  cursor.skipFields(1);
  into.session = cursor.number();
  cursor.skipFields(3);
  const minor = cursor.number();
  into.childFaults = cursor.number();
  into.counters[MINOR_FAULTS] = minor + into.childFaults;
  into.counters[MAJOR_FAULTS] = cursor.number() + cursor.number();
  into.counters[CPU_TICKS] = cursor.number() + cursor.number() + cursor.number() + cursor.number();
  cursor.skipFields(2);
  into.threads = cursor.number();
  cursor.skipFields(1);
  into.startTicks = cursor.number();
  cursor.skipFields(1);
  into.residentPages = cursor.number();
  return !Number.isNaN(into.residentPages);
}

const LETTER_COLON = 58;

/** Reads the text of /proc/PID/io: rchar, wchar, syscr, syscw, read_bytes, write_bytes, cancelled_write_bytes. */
export function parseProcessIo(cursor: ByteCursor, counters: Float64Array): void {
  counters[INPUT_BYTES] = valueOfLine(cursor);
  counters[OUTPUT_BYTES] = valueOfLine(cursor);
  cursor.skipLine();
  cursor.skipLine();
  counters[READ_BYTES] = valueOfLine(cursor);
  counters[WRITE_BYTES] = valueOfLine(cursor);
}

function valueOfLine(cursor: ByteCursor): number {
  const value = cursor.skipPast(LETTER_COLON) ? cursor.number() : NaN;
  cursor.skipLine();
  return value;
}

/** A process that is looked at again and again. Its descriptors stay bound to it, also when its number is given away anew. */
export class ProcessUsage implements ProcessStat {
  readonly pid: number;
  readonly counters = new Float64Array(COUNTERS);
  childFaults = 0;
  ppid = 0;
  session = 0;
  threads = 0;
  startTicks = 0;
  residentPages = 0;
  /** `childFaults` at the sample before. */
  childFaultsBefore = 0;
  /** Why its I/O is not known; null where it is. */
  ioFailure: string | null;
  readonly #cursor: ByteCursor;
  readonly #stat: HeldFile;
  readonly #io: HeldFile | null;

  private constructor(pid: number, cursor: ByteCursor, stat: HeldFile, io: HeldFile | string) {
    this.pid = pid;
    this.#cursor = cursor;
    this.#stat = stat;
    this.#io = typeof io === 'string' ? null : io;
    this.ioFailure = typeof io === 'string' ? io : null;
  }

  /** Opens a process and reads it; the error code where it is gone or nothing more can be opened (`EMFILE`). */
  static open(proc: string, pid: number, cursor: ByteCursor): ProcessUsage | string {
    const stat = HeldFile.open(`${proc}/${pid}/stat`);
    if (typeof stat === 'string') return stat;
    const usage = new ProcessUsage(pid, cursor, stat, HeldFile.open(`${proc}/${pid}/io`));
    if (usage.read()) return usage;
    usage.close();
    return 'ESRCH';
  }

  /** Reads anew; false where the process is no more (then the last values stay). */
  read(): boolean {
    if (!this.#stat.read(this.#cursor) || !parseProcessStat(this.#cursor, this)) return false;
    // The kernel wants the right to trace for this file: another user's process keeps its I/O to itself.
    if (this.#io === null) return true;
    if (this.#io.read(this.#cursor)) parseProcessIo(this.#cursor, this.counters);
    else if (this.#io.failure !== 'ESRCH') this.ioFailure = this.#io.failure;
    return true;
  }

  close(): void {
    this.#stat.close();
    this.#io?.close();
  }
}

// The process `perf record`: waits until it records, ends it in time, and kills it where it hangs.

import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { TICKS_PER_SECOND } from '#measure/cpu-time';
import { startChild, type ChildResult, type RunningChild } from '#system/child-process';
import type { PerfRecordEnd } from './start-perf-record.ts';

/** Until perf says that it records: it reads all processes of the machine first. */
const BEGIN_MS = 30_000;
/** From the request to end until perf has written what it holds and is gone: a second, more on a busy machine. */
const END_MS = 30_000;
const CPU_POLL_MS = 20;
const TAIL_BYTES = 8192;
/** Perf prints the first where its file has reached its size. */
const SIZE_REACHED = 'size limit reached';
/** Fields of /proc/PID/stat after the command's name, from 0: utime and stime are the 14th and 15th of all (proc(5)). */
const CPU_FIELDS = [11, 12];

export interface PerfLimits {
  /** Takes the stream of pipe mode; null where perf writes a file. */
  readonly onData: ((chunk: Buffer) => void) | null;
  /** Of the stream; perf itself watches over its file. */
  readonly maxBytes: number;
  readonly maxSeconds: number;
  /** It watches some processes, and ends by itself when the last of them is gone. */
  readonly endsWithProcesses: boolean;
}

export class PerfProcess {
  readonly #child: RunningChild;
  readonly #limits: PerfLimits;
  #bytes = 0;
  /** Why it was ended before its time. */
  #limit: string | null = null;
  #timer: NodeJS.Timeout | undefined;
  #exited = false;
  #cpuS: number | null = null;
  #stopping: Promise<PerfRecordEnd> | null = null;

  constructor(args: readonly string[], limits: PerfLimits) {
    this.#limits = limits;
    this.#child = startChild('perf', args, {
      openInput: true,
      channel: true,
      tailBytes: TAIL_BYTES,
      ...(limits.onData === null ? {} : { onStdout: (chunk) => this.#take(chunk, limits.onData!) }),
    });
    // A perf that is gone can't be written to; its end tells why.
    this.#child.stdin?.on('error', () => undefined);
    void this.#child.result.then(() => {
      this.#exited = true;
      clearTimeout(this.#timer);
    });
  }

  /** @returns null once it records, else why it does not */
  async begin(): Promise<string | null> {
    const { channel, stdin, result } = this.#child;
    const began = new Promise<true>((resolve) => channel?.once('data', () => resolve(true)));
    channel?.on('error', () => undefined);
    stdin?.write('enable\n');
    const first = await Promise.race([began, result, sleep(BEGIN_MS, null, { ref: false })]);
    if (first === true) {
      this.#timer = setTimeout(() => this.#end('time'), this.#limits.maxSeconds * 1000).unref();
      return null;
    }
    this.#child.kill();
    return first === null ? `perf did not begin within ${BEGIN_MS / 1000} s` : endedEarly(first);
  }

  get ended(): Promise<void> {
    return this.#child.result.then(() => undefined);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get cpuS(): number | null {
    return this.#cpuS;
  }

  /** Any word wakes perf, and it writes what its buffers hold before it waits for the next. */
  flush(): void {
    if (this.#exited || this.#stopping !== null) return;
    this.#readCpu();
    this.#child.stdin?.write('ping\n');
  }

  /** Asks perf to write what it holds and to go, and kills it where it does not. */
  stop(): Promise<PerfRecordEnd> {
    return (this.#stopping ??= this.#stop());
  }

  async #stop(): Promise<PerfRecordEnd> {
    const endedBefore = this.#exited;
    this.#interrupt();
    const inTime = await Promise.race([this.#watchCpu(), sleep(END_MS, false, { ref: false })]);
    if (!inTime) this.#child.kill();
    const result = await this.#child.result;
    return { overheadCpuS: this.#cpuS, problem: this.#problem(result, endedBefore, inTime) };
  }

  #problem(result: ChildResult, endedBefore: boolean, inTime: boolean): string | null {
    if (!inTime)
      return `perf did not end within ${END_MS / 1000} s and was killed: the last of its data may be missing`;
    if (this.#limit === 'time') return `it ended after ${this.#limits.maxSeconds} s: no profile is longer`;
    if (this.#limit === 'size' || result.stderr.includes(SIZE_REACHED))
      return `it ended early at ${Math.round(this.#limits.maxBytes / 1e6)} MB: no profile is larger`;
    const isOver = this.#limits.endsWithProcesses && result.end === 'exited' && result.code === 0;
    return endedBefore && !isOver ? endedEarly(result) : null;
  }

  #take(chunk: Buffer, onData: (chunk: Buffer) => void): void {
    this.#bytes += chunk.length;
    onData(chunk);
    if (this.#bytes >= this.#limits.maxBytes) this.#end('size');
  }

  #end(limit: 'time' | 'size'): void {
    if (this.#limit !== null || this.#stopping !== null) return;
    this.#limit = limit;
    this.#interrupt();
  }

  #interrupt(): void {
    this.#readCpu();
    if (this.#child.pid === undefined || this.#exited) return;
    try {
      process.kill(this.#child.pid, 'SIGINT');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }

  /** Until it is gone: nobody tells the CPU of a process that was. */
  async #watchCpu(): Promise<true> {
    while (!this.#exited) {
      this.#readCpu();
      await Promise.race([this.#child.result, sleep(CPU_POLL_MS)]);
    }
    return true;
  }

  #readCpu(): void {
    try {
      const stat = readFileSync(`/proc/${this.#child.pid}/stat`, 'latin1');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const ticks = CPU_FIELDS.reduce((sum, field) => sum + Number(fields[field]), 0);
      if (ticks > 0 || this.#cpuS === null) this.#cpuS = ticks / TICKS_PER_SECOND;
    } catch (error) {
      // It is gone: what was read last is the nearest.
      if (!(error instanceof Error)) throw error;
    }
  }
}

function endedEarly(result: ChildResult): string {
  return `perf ended before the run did: ${said(result)}`;
}

function said({ stderr, end, code, signal }: ChildResult): string {
  const lines = stderr.split('\n').map((line) => line.trim());
  const line = lines.find(
    (one) => one !== '' && one !== 'Error:' && !one.startsWith('Events ') && !one.startsWith('['),
  );
  return line ?? `${end} (${signal ?? code})`;
}

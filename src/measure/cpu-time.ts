// /proc/stat: where the CPU's time went, by core and by kind; and what else stands there: switches, forks, run queue.
// Format: proc_stat(5). The kernel prints ticks of 10 ms, so at an interval of 10 ms a core is seen busy or idle, not in between.

import type { Indicator } from '#core/indicator';
import type { ByteCursor } from './byte-cursor.ts';
import { HeldFile } from './held-file.ts';
import { Interval, rate, type Opened, type Probe, type ProbePlace } from './probe.ts';
import type { SeriesBuffer } from './series-buffer.ts';

/** USER_HZ: the unit of time in /proc, 100 on every system that Node runs on. */
export const TICKS_PER_SECOND = 100;

/** Columns of a `cpu` line. `user` holds `guest`, `nice` holds `guestNice`. */
const KINDS = ['user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softirq', 'steal', 'guest', 'guestNice'] as const;
const COLUMNS = KINDS.length;
const SHOWN = [0, 1, 2, 5, 6, 4, 7, 8] as const;
const DESCRIPTIONS: Readonly<Record<string, string>> = {
  user: 'programs, guests included',
  nice: 'programs of low priority',
  system: 'the kernel for programs',
  irq: 'interrupts',
  softirq: 'deferred work of interrupts',
  iowait: 'idle while a program waits for a disk',
  steal: 'wanted here and given to others by the hypervisor',
  guest: 'virtual machines; part of user',
};

export interface CpuTimes {
  /** Ticks; row 0 is the whole host, row n + 1 is the n-th core; 10 kinds a row. */
  readonly ticks: Float64Array;
  /** Row of a core by its number. */
  readonly rowOfCore: ReadonlyMap<number, number>;
  contextSwitches: number;
  forks: number;
  running: number;
}

const CPU = Buffer.from('cpu');
const CONTEXT = Buffer.from('ctxt ');
const FORKS = Buffer.from('processes ');
const RUNNING = Buffer.from('procs_running ');

/** Reads the text of /proc/stat; cores that are not in `rowOfCore` (plugged in later) are stepped over. */
export function parseCpuTimes(cursor: ByteCursor, times: CpuTimes): void {
  while (cursor.startsWith(CPU)) {
    cursor.at += CPU.length;
    const row = cursor.peek() === 32 ? 0 : times.rowOfCore.get(cursor.number());
    if (row !== undefined) {
      for (let kind = 0; kind < COLUMNS; kind++) times.ticks[row * COLUMNS + kind] = cursor.number() || 0;
    }
    cursor.skipLine();
  }
  while (!cursor.done) {
    if (cursor.startsWith(CONTEXT)) times.contextSwitches = numberAfter(cursor, CONTEXT);
    else if (cursor.startsWith(FORKS)) times.forks = numberAfter(cursor, FORKS);
    else if (cursor.startsWith(RUNNING)) {
      times.running = numberAfter(cursor, RUNNING);
      return;
    }
    cursor.skipLongLine();
  }
}

function numberAfter(cursor: ByteCursor, name: Uint8Array): number {
  cursor.at += name.length;
  return cursor.number();
}

/** Numbers of the cores in the text of /proc/stat, in its order. */
export function coresOf(stat: string): number[] {
  return [...stat.matchAll(/^cpu(\d+) /gm)].map((match) => Number(match[1]));
}

export class CpuTimeProbe implements Probe {
  readonly indicators: readonly Indicator[];
  readonly cores: readonly number[];
  readonly #place: ProbePlace;
  readonly #cursor: ByteCursor;
  readonly #file: HeldFile;
  readonly #now: CpuTimes;
  readonly #before: Float64Array;
  readonly #interval = new Interval();
  #switchesBefore = NaN;
  #forksBefore = NaN;

  private constructor(place: ProbePlace, cursor: ByteCursor, file: HeldFile, cores: readonly number[]) {
    this.#place = place;
    this.#cursor = cursor;
    this.#file = file;
    this.cores = cores;
    this.#now = {
      ticks: new Float64Array((cores.length + 1) * COLUMNS),
      rowOfCore: new Map(cores.map((core, index) => [core, index + 1])),
      contextSwitches: NaN,
      forks: NaN,
      running: NaN,
    };
    this.#before = new Float64Array(this.#now.ticks.length).fill(NaN);
    this.indicators = [
      { name: 'cpu.busy', unit: 'core', description: 'cores at work: user, nice, system, irq, softirq' },
      ...SHOWN.map((kind) => {
        const name = KINDS[kind];
        return { name: `cpu.${name}`, unit: 'core', description: `cores: ${DESCRIPTIONS[name]}` };
      }),
      ...cores.map((core) => ({ name: `cpu.busy[${core}]`, unit: 'core', description: `core ${core} at work` })),
      { name: 'context_switches', unit: '1/s', description: 'switches from one thread to another, all cores' },
      { name: 'forks', unit: '1/s', description: 'processes and threads begun' },
      { name: 'run_queue', unit: '1', description: 'threads that run or want to, without the sampler itself' },
    ];
  }

  static open(place: ProbePlace, cursor: ByteCursor): Opened<CpuTimeProbe> {
    const path = `${place.proc}/stat`;
    const file = HeldFile.open(path);
    if (typeof file === 'string') return { absent: [`cpu: ${path}: ${file}`] };
    if (!file.read(cursor)) {
      file.close();
      return { absent: [`cpu: ${path}: ${file.failure}`] };
    }
    const cores = coresOf(cursor.bytes.toString('latin1', 0, cursor.end));
    return { probe: new CpuTimeProbe(place, cursor, file, cores), absent: [] };
  }

  /** Processes and threads begun since the system started; NaN before the first sample. */
  get forks(): number {
    return this.#now.forks;
  }

  sample(buffer: SeriesBuffer, first: number): string | null {
    const seconds = this.#interval.step(this.#place.clock());
    if (!this.#file.read(this.#cursor)) {
      this.#before.fill(NaN);
      return `cpu: ${this.#file.path}: ${this.#file.failure}`;
    }
    const now = this.#now;
    parseCpuTimes(this.#cursor, now);
    let column = first;
    buffer.put(column++, this.#busy(0, seconds));
    for (const kind of SHOWN) buffer.put(column++, this.#grown(0, kind) / TICKS_PER_SECOND / seconds);
    for (let core = 1; core <= this.cores.length; core++) buffer.put(column++, this.#busy(core, seconds));
    buffer.put(column++, rate(now.contextSwitches, this.#switchesBefore, seconds));
    buffer.put(column++, rate(now.forks, this.#forksBefore, seconds));
    buffer.put(column++, Math.max(0, now.running - 1));
    this.#before.set(now.ticks);
    this.#switchesBefore = now.contextSwitches;
    this.#forksBefore = now.forks;
    return null;
  }

  #busy(row: number, seconds: number): number {
    const ticks =
      this.#grown(row, 0) + this.#grown(row, 1) + this.#grown(row, 2) + this.#grown(row, 5) + this.#grown(row, 6);
    return ticks / TICKS_PER_SECOND / seconds;
  }

  /** Ticks since the sample before. The kernel says that iowait may also shrink: that is no time. */
  #grown(row: number, kind: number): number {
    const index = row * COLUMNS + kind;
    return Math.max(0, this.#now.ticks[index]! - this.#before[index]!);
  }

  close(): void {
    this.#file.close();
  }
}

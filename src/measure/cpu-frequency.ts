// The frequency of each core: from cpufreq where it is, else the `cpu MHz` of /proc/cpuinfo.

import type { Indicator } from '#core/indicator';
import type { ByteCursor } from './byte-cursor.ts';
import { HeldFile } from './held-file.ts';
import type { Opened, Probe, ProbePlace } from './probe.ts';
import type { SeriesBuffer } from './series-buffer.ts';

/** One small file a core, which some drivers answer by asking the hardware: not at 10 ms. */
const CPUFREQ_INTERVAL_US = 100_000;
/** The kernel formats kilobytes for each core. */
const CPUINFO_INTERVAL_US = 1_000_000;

const PROCESSOR = Buffer.from('processor');
const MHZ = Buffer.from('cpu MHz');
const COLON = 58;
const POINT = 46;

/** Reads Hz by row from the text of /proc/cpuinfo; rows that it does not tell are left alone. */
export function parseFrequencies(
  cursor: ByteCursor,
  rowOfCore: ReadonlyMap<number, number>,
  hertz: Float64Array,
): void {
  let row: number | undefined;
  while (!cursor.done) {
    if (cursor.startsWith(PROCESSOR) && cursor.skipPast(COLON)) {
      row = rowOfCore.get(cursor.number());
    } else if (row !== undefined && cursor.startsWith(MHZ) && cursor.skipPast(COLON)) {
      hertz[row] = decimal(cursor) * 1e6;
    }
    cursor.skipLine();
  }
}

function decimal(cursor: ByteCursor): number {
  const whole = cursor.number();
  if (cursor.peek() !== POINT) return whole;
  const begin = ++cursor.at;
  const digits = cursor.number();
  return Number.isNaN(digits) ? whole : whole + digits / 10 ** (cursor.at - begin);
}

export class FrequencyProbe implements Probe {
  readonly indicators: readonly Indicator[];
  readonly #place: ProbePlace;
  readonly #cursor: ByteCursor;
  /** One for each core, or the one /proc/cpuinfo. */
  readonly #files: readonly HeldFile[];
  readonly #rowOfCore: ReadonlyMap<number, number>;
  readonly #hertz: Float64Array;
  readonly #cpuinfo: boolean;
  #nextUs = -Infinity;

  private constructor(
    place: ProbePlace,
    cursor: ByteCursor,
    cores: readonly number[],
    files: readonly HeldFile[],
    cpuinfo: boolean,
  ) {
    this.#place = place;
    this.#cursor = cursor;
    this.#files = files;
    this.#cpuinfo = cpuinfo;
    this.#rowOfCore = new Map(cores.map((core, row) => [core, row]));
    this.#hertz = new Float64Array(cores.length).fill(NaN);
    const source = cpuinfo ? '/proc/cpuinfo; on a virtual machine often its nominal frequency' : 'cpufreq';
    this.indicators = cores.map((core) => ({
      name: `cpu.frequency[${core}]`,
      unit: 'Hz',
      description: `frequency of core ${core}, from ${source}`,
    }));
  }

  /** @param cores numbers of the cores */
  static open(place: ProbePlace, cursor: ByteCursor, cores: readonly number[]): Opened<FrequencyProbe> {
    const opened = cores.map((core) =>
      HeldFile.open(`${place.sys}/devices/system/cpu/cpu${core}/cpufreq/scaling_cur_freq`),
    );
    const files = opened.filter((file) => typeof file !== 'string');
    if (files.length > 0 && files.length === cores.length) {
      return { probe: new FrequencyProbe(place, cursor, cores, files, false), absent: [] };
    }
    for (const file of files) file.close();
    const path = `${place.proc}/cpuinfo`;
    const cpuinfo = HeldFile.open(path);
    if (typeof cpuinfo === 'string') return { absent: [`cpu.frequency: no cpufreq, and ${path}: ${cpuinfo}`] };
    const probe = new FrequencyProbe(place, cursor, cores, [cpuinfo], true);
    if (cpuinfo.readRecords(cursor)) parseFrequencies(cursor, probe.#rowOfCore, probe.#hertz);
    if (probe.#hertz.some((hertz) => hertz > 0)) return { probe, absent: [] };
    cpuinfo.close();
    return { absent: [`cpu.frequency: no cpufreq, and ${path} does not tell it`] };
  }

  sample(buffer: SeriesBuffer, first: number): string | null {
    const nowUs = this.#place.clock();
    if (nowUs < this.#nextUs) return null;
    this.#nextUs = nowUs + (this.#cpuinfo ? CPUINFO_INTERVAL_US : CPUFREQ_INTERVAL_US);
    const failure = this.#cpuinfo ? this.#readCpuinfo() : this.#readCpufreq();
    for (let row = 0; row < this.#hertz.length; row++) buffer.put(first + row, this.#hertz[row]!);
    return failure;
  }

  #readCpuinfo(): string | null {
    const file = this.#files[0]!;
    this.#hertz.fill(NaN);
    if (!file.readRecords(this.#cursor)) return `cpu.frequency: ${file.path}: ${file.failure}`;
    parseFrequencies(this.#cursor, this.#rowOfCore, this.#hertz);
    return null;
  }

  /** kHz. A core that was switched off answers with an error and has no frequency. */
  #readCpufreq(): string | null {
    let failure: string | null = null;
    this.#files.forEach((file, row) => {
      if (file.read(this.#cursor)) {
        this.#hertz[row] = this.#cursor.number() * 1000;
      } else {
        this.#hertz[row] = NaN;
        failure = `cpu.frequency: ${file.path}: ${file.failure}`;
      }
    });
    return failure;
  }

  close(): void {
    for (const file of this.#files) file.close();
  }
}

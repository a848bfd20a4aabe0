// /proc/pressure: the share of time in which somebody (some) or everybody (full) waited for CPU, memory or I/O.
// Format: the kernel's Documentation/accounting/psi.rst. `total` is in microseconds.

import type { Indicator } from '#core/indicator';
import type { ByteCursor } from './byte-cursor.ts';
import { HeldFile } from './held-file.ts';
import { Interval, rate, type Opened, type Probe, type ProbePlace } from './probe.ts';
import type { SeriesBuffer } from './series-buffer.ts';

/** `full` has no meaning for the CPU of a whole host: the kernel prints zero there. */
const SOURCES = [
  { name: 'cpu', full: false },
  { name: 'memory', full: true },
  { name: 'io', full: true },
] as const;

const TOTAL = Buffer.from('total=');
const LETTER_T = 116;

/** The `total` of this line in microseconds, and a step to the next line; NaN where the line has none. */
export function pressureTotal(cursor: ByteCursor): number {
  let total = NaN;
  while (Number.isNaN(total) && cursor.skipPast(LETTER_T)) {
    cursor.at--;
    if (cursor.startsWith(TOTAL)) {
      cursor.at += TOTAL.length;
      total = cursor.number();
    } else {
      cursor.at++;
    }
  }
  cursor.skipLine();
  return total;
}

interface Source {
  readonly file: HeldFile;
  readonly full: boolean;
  readonly interval: Interval;
  some: number;
  all: number;
}

export class PressureProbe implements Probe {
  readonly indicators: readonly Indicator[];
  readonly #place: ProbePlace;
  readonly #cursor: ByteCursor;
  readonly #sources: readonly Source[];

  private constructor(place: ProbePlace, cursor: ByteCursor, sources: readonly Source[], indicators: Indicator[]) {
    this.#place = place;
    this.#cursor = cursor;
    this.#sources = sources;
    this.indicators = indicators;
  }

  static open(place: ProbePlace, cursor: ByteCursor): Opened<PressureProbe> {
    const sources: Source[] = [];
    const indicators: Indicator[] = [];
    const absent: string[] = [];
    for (const { name, full } of SOURCES) {
      const path = `${place.proc}/pressure/${name}`;
      const file = HeldFile.open(path);
      // With pressure accounting switched off the files are there and answer EOPNOTSUPP.
      if (typeof file === 'string' || !file.read(cursor)) {
        absent.push(`pressure.${name}: ${path}: ${typeof file === 'string' ? file : file.failure}`);
        if (typeof file !== 'string') file.close();
        continue;
      }
      sources.push({ file, full, interval: new Interval(), some: NaN, all: NaN });
      const waited = name === 'io' ? 'I/O' : name;
      const some = `share of the time in which a thread waited for ${waited}`;
      indicators.push({ name: `pressure.${name}.some`, unit: '1', description: some });
      const all = `share of the time in which every thread that was not idle waited for ${waited}`;
      if (full) indicators.push({ name: `pressure.${name}.full`, unit: '1', description: all });
    }
    if (sources.length === 0) return { absent };
    return { probe: new PressureProbe(place, cursor, sources, indicators), absent };
  }

  sample(buffer: SeriesBuffer, first: number): string | null {
    let column = first;
    let failure: string | null = null;
    for (const source of this.#sources) {
      const seconds = source.interval.step(this.#place.clock());
      if (source.file.read(this.#cursor)) {
        const some = pressureTotal(this.#cursor);
        buffer.put(column, rate(some, source.some, seconds) / 1e6);
        source.some = some;
        if (source.full) {
          const all = pressureTotal(this.#cursor);
          buffer.put(column + 1, rate(all, source.all, seconds) / 1e6);
          source.all = all;
        }
      } else {
        source.some = NaN;
        source.all = NaN;
        failure = `pressure: ${source.file.path}: ${source.file.failure}`;
      }
      column += source.full ? 2 : 1;
    }
    return failure;
  }

  close(): void {
    for (const source of this.#sources) source.file.close();
  }
}

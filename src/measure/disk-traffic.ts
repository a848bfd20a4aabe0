// /proc/diskstats: bytes read from and written to the host's disks.
// Format: the kernel's Documentation/admin-guide/iostats.rst. Sectors are 512 bytes there whatever the disk's are.

import { existsSync, readdirSync } from 'node:fs';
import type { Indicator } from '#core/indicator';
import type { ByteCursor } from './byte-cursor.ts';
import { HeldFile } from './held-file.ts';
import { Interval, rate, type Opened, type Probe, type ProbePlace } from './probe.ts';
import type { SeriesBuffer } from './series-buffer.ts';

const SECTOR_BYTES = 512;
const READ = 0;
const WRITTEN = 1;
/** Milliseconds in which the disk had work. */
const BUSY = 2;
const COLUMNS = 3;

/** One number for a device's major and minor number (12 and 20 bits). */
export function deviceKey(major: number, minor: number): number {
  return major * 2 ** 20 + minor;
}

/** Reads sectors read, sectors written and busy milliseconds of the devices in `rows`, a row of three each. */
export function parseDisks(cursor: ByteCursor, rows: ReadonlyMap<number, number>, into: Float64Array): void {
  while (!cursor.done) {
    const row = rows.get(deviceKey(cursor.number(), cursor.number()));
    if (row !== undefined) {
      cursor.skipFields(3);
      into[row * COLUMNS + READ] = cursor.number();
      cursor.skipFields(3);
      into[row * COLUMNS + WRITTEN] = cursor.number();
      cursor.skipFields(2);
      into[row * COLUMNS + BUSY] = cursor.number();
    }
    cursor.skipLine();
  }
}

/** Whole disks: no partitions, no disks in memory, none that is made of others (dm, md): their bytes would count twice. */
function wholeDisks(place: ProbePlace, diskstats: string): Map<number, number> {
  const rows = new Map<number, number>();
  for (const line of diskstats.split('\n')) {
    const [major, minor, name] = line.trim().split(/\s+/);
    if (name === undefined || /^(loop|ram|zram)\d/.test(name)) continue;
    // A slash in a device's name is a `!` in /sys.
    const folder = `${place.sys}/block/${name.replaceAll('/', '!')}`;
    if (!existsSync(folder)) continue;
    const below = existsSync(`${folder}/slaves`) ? readdirSync(`${folder}/slaves`) : [];
    if (below.length === 0) rows.set(deviceKey(Number(major), Number(minor)), rows.size);
  }
  return rows;
}

export class DiskProbe implements Probe {
  readonly indicators: readonly Indicator[] = [
    { name: 'disk.read', unit: 'byte/s', description: 'read from all disks' },
    { name: 'disk.write', unit: 'byte/s', description: 'written to all disks' },
    { name: 'disk.busy', unit: '1', description: 'share of the time in which the busiest disk had work' },
  ];
  readonly #place: ProbePlace;
  readonly #cursor: ByteCursor;
  readonly #file: HeldFile;
  readonly #rows: ReadonlyMap<number, number>;
  readonly #interval = new Interval();
  readonly #now: Float64Array;
  readonly #before: Float64Array;

  private constructor(place: ProbePlace, cursor: ByteCursor, file: HeldFile, rows: ReadonlyMap<number, number>) {
    this.#place = place;
    this.#cursor = cursor;
    this.#file = file;
    this.#rows = rows;
    this.#now = new Float64Array(rows.size * COLUMNS).fill(NaN);
    this.#before = new Float64Array(rows.size * COLUMNS).fill(NaN);
  }

  static open(place: ProbePlace, cursor: ByteCursor): Opened<DiskProbe> {
    const path = `${place.proc}/diskstats`;
    const file = HeldFile.open(path);
    if (typeof file === 'string') return { absent: [`disk: ${path}: ${file}`] };
    if (!file.readRecords(cursor)) {
      file.close();
      return { absent: [`disk: ${path}: ${file.failure}`] };
    }
    const rows = wholeDisks(place, cursor.bytes.toString('latin1', 0, cursor.end));
    if (rows.size === 0) {
      file.close();
      return { absent: [`disk: no disk of this host is seen in ${path}`] };
    }
    return { probe: new DiskProbe(place, cursor, file, rows), absent: [] };
  }

  sample(buffer: SeriesBuffer, first: number): string | null {
    const seconds = this.#interval.step(this.#place.clock());
    if (!this.#file.readRecords(this.#cursor)) {
      this.#before.fill(NaN);
      return `disk: ${this.#file.path}: ${this.#file.failure}`;
    }
    parseDisks(this.#cursor, this.#rows, this.#now);
    let read = 0;
    let written = 0;
    let busy = 0;
    for (let row = 0; row < this.#now.length; row += COLUMNS) {
      read += this.#rate(row + READ, seconds);
      written += this.#rate(row + WRITTEN, seconds);
      busy = Math.max(busy, this.#rate(row + BUSY, seconds));
    }
    buffer.put(first, read * SECTOR_BYTES);
    buffer.put(first + 1, written * SECTOR_BYTES);
    // The kernel counts whole milliseconds, which can be one more than the interval.
    buffer.put(first + 2, Math.min(1, busy / 1000));
    this.#before.set(this.#now);
    return null;
  }

  #rate(index: number, seconds: number): number {
    return rate(this.#now[index]!, this.#before[index]!, seconds);
  }

  close(): void {
    this.#file.close();
  }
}

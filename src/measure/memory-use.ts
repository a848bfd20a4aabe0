// /proc/meminfo: the host's memory.

import type { Indicator } from '#core/indicator';
import type { ByteCursor } from './byte-cursor.ts';
import { HeldFile } from './held-file.ts';
import type { Opened, Probe, ProbePlace } from './probe.ts';
import type { SeriesBuffer } from './series-buffer.ts';

const NAMES = ['MemTotal', 'MemAvailable', 'Buffers', 'Cached', 'SReclaimable', 'SwapTotal', 'SwapFree'] as const;
const COLON = 58;

/** For each line of meminfo the position of its name in NAMES, or -1; ends with the last line that is wanted. */
export function memoryLines(meminfo: string): Int8Array {
  const lines = meminfo.split('\n').map((line) => (NAMES as readonly string[]).indexOf(line.split(':')[0]!));
  return Int8Array.from(lines.slice(0, lines.findLastIndex((name) => name !== -1) + 1));
}

/** Reads kB by the plan of `memoryLines` (the order of lines stays while the system is up) into bytes. */
export function parseMemory(cursor: ByteCursor, lines: Int8Array, bytes: Float64Array): void {
  for (const name of lines) {
    if (name !== -1) bytes[name] = cursor.skipPast(COLON) ? cursor.number() * 1024 : NaN;
    cursor.skipLine();
  }
}

export class MemoryProbe implements Probe {
  readonly indicators: readonly Indicator[] = [
    { name: 'memory.used', unit: 'byte', description: 'memory that could not be had at once: total less available' },
    {
      name: 'memory.available',
      unit: 'byte',
      description: 'memory to be had without swapping, as the kernel estimates',
    },
    { name: 'memory.cached', unit: 'byte', description: 'files and file systems kept in memory, reclaimable' },
    { name: 'memory.swap', unit: 'byte', description: 'swap in use' },
  ];
  readonly #cursor: ByteCursor;
  readonly #file: HeldFile;
  readonly #lines: Int8Array;
  readonly #bytes = new Float64Array(NAMES.length).fill(NaN);

  private constructor(cursor: ByteCursor, file: HeldFile, lines: Int8Array) {
    this.#cursor = cursor;
    this.#file = file;
    this.#lines = lines;
  }

  static open(place: ProbePlace, cursor: ByteCursor): Opened<MemoryProbe> {
    const path = `${place.proc}/meminfo`;
    const file = HeldFile.open(path);
    if (typeof file === 'string') return { absent: [`memory: ${path}: ${file}`] };
    if (!file.read(cursor)) {
      file.close();
      return { absent: [`memory: ${path}: ${file.failure}`] };
    }
    const lines = memoryLines(cursor.bytes.toString('latin1', 0, cursor.end));
    return { probe: new MemoryProbe(cursor, file, lines), absent: [] };
  }

  sample(buffer: SeriesBuffer, first: number): string | null {
    if (!this.#file.read(this.#cursor)) return `memory: ${this.#file.path}: ${this.#file.failure}`;
    const bytes = this.#bytes;
    parseMemory(this.#cursor, this.#lines, bytes);
    buffer.put(first, bytes[0]! - bytes[1]!);
    buffer.put(first + 1, bytes[1]!);
    buffer.put(first + 2, bytes[2]! + bytes[3]! + bytes[4]!);
    buffer.put(first + 3, bytes[5]! - bytes[6]!);
    return null;
  }

  close(): void {
    this.#file.close();
  }
}

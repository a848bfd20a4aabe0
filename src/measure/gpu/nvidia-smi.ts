// nvidia-smi as a stream of values: a line a GPU at a steady interval, as comma-separated values.
// Fields and their units: `nvidia-smi --help-query-gpu`.

import type { Indicator } from '#core/indicator';
import type { ChildResult } from '#system/child-process';
import type { Opened, Probe, ProbePlace } from '../probe.ts';
import type { SeriesBuffer } from '../series-buffer.ts';
import type { Gpu } from './gpu-list.ts';
import type { GpuNames, GpuQuantity } from './gpu-quantity.ts';
import { ReadingQueue } from './reading-queue.ts';
import { findProgram, WatchedProgram } from './watched-program.ts';

/** It takes some milliseconds of CPU for each reading. */
const SHORTEST_INTERVAL_MS = 200;
/** Characters of a line; nothing that it prints is longer than a tenth of that. */
const MAX_LINE = 4096;
const NAME = 'nvidia-smi';

interface Field {
  readonly name: string;
  readonly quantity: GpuQuantity;
  readonly scale: number;
}

/** What is asked for, besides the GPU's address and number. */
export const NVIDIA_FIELDS: readonly Field[] = [
  { name: 'utilization.gpu', quantity: 'busy', scale: 0.01 },
  { name: 'utilization.encoder', quantity: 'encoder', scale: 0.01 },
  { name: 'utilization.decoder', quantity: 'decoder', scale: 0.01 },
  { name: 'utilization.memory', quantity: 'memory.busy', scale: 0.01 },
  { name: 'memory.used', quantity: 'memory', scale: 2 ** 20 },
  { name: 'clocks.sm', quantity: 'frequency', scale: 1e6 },
  { name: 'clocks.video', quantity: 'frequency.video', scale: 1e6 },
  { name: 'power.draw', quantity: 'power', scale: 1 },
  { name: 'temperature.gpu', quantity: 'temperature', scale: 1 },
  { name: 'encoder.stats.sessionCount', quantity: 'encoder.sessions', scale: 1 },
  { name: 'encoder.stats.averageFps', quantity: 'encoder.rate', scale: 1 },
  { name: 'encoder.stats.averageLatency', quantity: 'encoder.latency', scale: 1e-6 },
];

/** Means over no encode at all: nvidia-smi tells zero. */
const OF_SESSIONS: readonly GpuQuantity[] = ['encoder.rate', 'encoder.latency'];

export interface NvidiaReading {
  /** `0000:01:00.0`; null where it was not told. */
  readonly address: string | null;
  /** The number that the program gives it; NaN where it was not told. */
  readonly index: number;
  /** In the units of the quantities, NaN where absent; as many as fields were asked for. */
  readonly values: readonly number[];
}

/** Reads a line; null where it is none of values (an error). `[N/A]`, `[Not Supported]` and their like are absent. */
export function parseNvidiaLine(line: string, fields: readonly Field[]): NvidiaReading | null {
  const [bus, index, ...cells] = line.split(',').map((cell) => cell.trim());
  const address = /^(?:[\da-f]{4})?([\da-f]{4}:[\da-f]{2}:[\da-f]{2}\.[\da-f])$/i.exec(bus!)?.[1];
  if (cells.length !== fields.length || (address === undefined && !bus!.startsWith('['))) return null;
  const values = fields.map(({ scale }, i) => numberOf(cells[i]!) * scale);
  if (values[fields.findIndex(({ quantity }) => quantity === 'encoder.sessions')] === 0) {
    fields.forEach(({ quantity }, i) => {
      if (OF_SESSIONS.includes(quantity)) values[i] = NaN;
    });
  }
  return { address: address?.toLowerCase() ?? null, index: numberOf(index!), values };
}

function numberOf(cell: string): number {
  return /^\d+(\.\d+)?$/.test(cell) ? Number(cell) : NaN;
}

/** The name in `Field "encoder.stats.sessionCount" is not a valid field to query.`; null where that is not the error. */
export function unknownField({ stdout, stderr }: Pick<ChildResult, 'stdout' | 'stderr'>): string | null {
  return /Field "([^"]+)" is not a valid field to query/.exec(`${stdout}\n${stderr}`)?.[1] ?? null;
}

export function nvidiaQuery(fields: readonly Field[], intervalMs: number): string[] {
  const names = ['pci.bus_id', 'index', ...fields.map(({ name }) => name)].join(',');
  return [`--query-gpu=${names}`, '--format=csv,noheader,nounits', '-lms', String(intervalMs)];
}

/** Fields that a version does not know, by its place: found once, not at the start of every run. */
const unknownFields = new Map<string, Set<string>>();

export class NvidiaSmiProbe implements Probe {
  readonly indicators: readonly Indicator[];
  readonly #place: ProbePlace;
  readonly #gpus: readonly Gpu[];
  /** Columns by position of the GPU and of the quantity in NVIDIA_FIELDS; -1 where another source tells it. */
  readonly #columns: ReadonlyMap<number, readonly number[]>;
  readonly #waiting = new ReadingQueue();
  readonly #program: WatchedProgram;
  #fields: readonly Field[];
  #line = '';

  private constructor(place: ProbePlace, path: string, gpus: readonly Gpu[], names: GpuNames, intervalMs: number) {
    this.#place = place;
    this.#gpus = gpus;
    const indicators: Indicator[] = [];
    const columns = new Map<number, readonly number[]>();
    gpus.forEach(({ driver }, position) => {
      if (driver !== 'nvidia') return;
      const ofGpu = NVIDIA_FIELDS.map(({ quantity }) => {
        const indicator = names.take(quantity, position, NAME);
        return indicator === null ? -1 : indicators.push(indicator) - 1;
      });
      columns.set(position, ofGpu);
    });
    this.indicators = indicators;
    this.#columns = columns;
    const unknown = unknownFields.get(path) ?? new Set();
    unknownFields.set(path, unknown);
    this.#fields = NVIDIA_FIELDS.filter(({ name }) => !unknown.has(name));
    this.#program = new WatchedProgram({
      name: NAME,
      path,
      intervalMs,
      args: nvidiaQuery(this.#fields, intervalMs),
      clock: place.clock,
      onOutput: (chunk) => this.#take(chunk),
      // Each try has a field less: they come to an end.
      again: (result) => {
        const field = unknownField(result);
        if (field === null || !this.#fields.some(({ name }) => name === field)) return null;
        unknown.add(field);
        this.#fields = this.#fields.filter(({ name }) => name !== field);
        this.#line = '';
        return this.#fields.length === 0 ? null : nvidiaQuery(this.#fields, intervalMs);
      },
    });
  }

  /** @param intervalMs the sampler's */
  static open(place: ProbePlace, gpus: readonly Gpu[], names: GpuNames, intervalMs: number): Opened<NvidiaSmiProbe> {
    if (!gpus.some(({ driver }) => driver === 'nvidia')) return { absent: [] };
    const path = findProgram(NAME, place.path);
    if (path === null) return { absent: [`gpu: ${NAME} is not installed`] };
    const interval = Math.max(SHORTEST_INTERVAL_MS, Math.round(intervalMs));
    return { probe: new NvidiaSmiProbe(place, path, gpus, names, interval), absent: [] };
  }

  sample(buffer: SeriesBuffer, first: number): string | null {
    this.#waiting.moveInto(buffer, first);
    const failure = this.#program.failure();
    return failure === null ? null : `gpu: ${failure}`;
  }

  #take(chunk: Buffer): number | string {
    const nowUs = this.#place.clock();
    const lines = (this.#line + chunk.toString('latin1')).split('\n');
    this.#line = lines.pop()!;
    let readings = 0;
    for (const line of lines) {
      const reading = parseNvidiaLine(line, this.#fields);
      if (reading === null) continue;
      readings++;
      this.#keep(reading, nowUs);
    }
    return this.#line.length > MAX_LINE ? `printed a line of more than ${MAX_LINE} characters` : readings;
  }

  #keep(reading: NvidiaReading, nowUs: number): void {
    const { values } = reading;
    const columns = this.#columns.get(this.#positionOf(reading));
    if (columns === undefined) return;
    this.#fields.forEach((field, i) => {
      const column = columns[NVIDIA_FIELDS.indexOf(field)]!;
      if (column !== -1) this.#waiting.push(column, nowUs, values[i]!);
    });
  }

  /** By the address; where the system does not tell the addresses of its nodes, by the number: both are in PCI order. */
  #positionOf({ address, index }: NvidiaReading): number {
    const known = address === null ? -1 : this.#gpus.findIndex((gpu) => gpu.address === address);
    if (known !== -1) return known;
    const unknown = [...this.#columns.keys()].filter((position) => this.#gpus[position]!.address === null);
    return unknown[index] ?? -1;
  }

  close(): void {
    this.#program.stop();
  }
}

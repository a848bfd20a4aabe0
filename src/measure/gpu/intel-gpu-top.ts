// intel_gpu_top as a stream of values: the engines and the power of a GPU that i915 drives.
// Format: tools/intel_gpu_top.c of igt-gpu-tools (`-J`), versions 1.25 to 2.0. A group that the hardware lacks is left out.

import type { Indicator } from '#core/indicator';
import type { Opened, Probe, ProbePlace } from '../probe.ts';
import type { SeriesBuffer } from '../series-buffer.ts';
import type { Gpu } from './gpu-list.ts';
import type { GpuNames, GpuQuantity } from './gpu-quantity.ts';
import { JsonObjects, MAX_OBJECT_BYTES } from './json-objects.ts';
import { ReadingQueue } from './reading-queue.ts';
import { findProgram, WatchedProgram } from './watched-program.ts';

const SHORTEST_INTERVAL_MS = 100;
/** The first object comes at once, of a period in which nothing can be measured. */
const SHORTEST_PERIOD_MS = 10;
/** Programs at a time, one a GPU. */
const MAX_PROGRAMS = 4;
const NAME = 'intel_gpu_top';

/** Names of its engine classes. An engine of its own has its number behind: `Video/1`. */
const ENGINES: Readonly<Record<string, GpuQuantity>> = {
  'Render/3D': 'render',
  Blitter: 'copy',
  Video: 'video',
  VideoEnhance: 'video.enhance',
  Compute: 'compute',
};

export const INTEL_QUANTITIES = [
  'busy',
  'render',
  'video',
  'video.enhance',
  'copy',
  'compute',
  'frequency',
  'power',
] as const satisfies readonly GpuQuantity[];

/**
 * Reads one object. The share of a kind of engines is the mean over them, as newer versions tell it themselves; `busy` is
 * the share of the busiest engine. Null where it is no object of this program, or its period is too short to tell anything.
 */
export function parseIntelGpuTop(text: string): Partial<Record<GpuQuantity, number>> | null {
  const all = recordOf(parsed(text));
  const engines = recordOf(all?.['engines']);
  const periodMs = numberIn(all?.['period'], 'duration');
  if (all === null || !(periodMs >= SHORTEST_PERIOD_MS)) return null;
  const found: Partial<Record<GpuQuantity, number>> = {};
  const counts = new Map<GpuQuantity, number>();
  for (const [name, engine] of Object.entries(engines ?? {})) {
    const share = numberIn(engine, 'busy') / 100;
    if (!Number.isFinite(share)) continue;
    found.busy = Math.max(found.busy ?? 0, share);
    const quantity = ENGINES[name.replace(/\/\d+$/, '')];
    if (quantity === undefined) continue;
    const count = (counts.get(quantity) ?? 0) + 1;
    counts.set(quantity, count);
    found[quantity] = (found[quantity] ?? 0) + (share - (found[quantity] ?? 0)) / count;
  }
  const frequencyMhz = numberIn(all['frequency'], 'actual');
  if (Number.isFinite(frequencyMhz)) found.frequency = frequencyMhz * 1e6;
  // 1.25 tells the GPU's power alone, as `value`.
  const power = [numberIn(all['power'], 'GPU'), numberIn(all['power'], 'value')].find(Number.isFinite);
  if (power !== undefined) found.power = power;
  return found;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return null;
  }
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
}

function numberIn(value: unknown, key: string): number {
  const found = recordOf(value)?.[key];
  return typeof found === 'number' ? found : NaN;
}

export class IntelGpuTopProbe implements Probe {
  readonly indicators: readonly Indicator[];
  readonly #waiting = new ReadingQueue();
  readonly #programs: readonly WatchedProgram[];

  private constructor(place: ProbePlace, path: string, gpus: readonly Gpu[], names: GpuNames, intervalMs: number) {
    const intel = [...gpus.entries()].filter(([, gpu]) => isFor(gpu)).slice(0, MAX_PROGRAMS);
    const indicators: Indicator[] = [];
    this.#programs = intel.map(([position, { card }]) => {
      const columns = INTEL_QUANTITIES.map((quantity) => {
        const indicator = names.take(quantity, position, NAME);
        return indicator === null ? -1 : indicators.push(indicator) - 1;
      });
      const device = intel.length > 1 ? ['-d', `drm:${place.dev}/dri/${card}`] : [];
      return this.#start(place, path, intervalMs, device, columns);
    });
    this.indicators = indicators;
  }

  /** @param intervalMs the sampler's */
  static open(place: ProbePlace, gpus: readonly Gpu[], names: GpuNames, intervalMs: number): Opened<IntelGpuTopProbe> {
    if (!gpus.some(isFor)) return { absent: [] };
    const path = findProgram(NAME, place.path);
    if (path === null) return { absent: [`gpu: ${NAME} is not installed`] };
    const interval = Math.max(SHORTEST_INTERVAL_MS, Math.round(intervalMs));
    return { probe: new IntelGpuTopProbe(place, path, gpus, names, interval), absent: [] };
  }

  #start(
    place: ProbePlace,
    path: string,
    intervalMs: number,
    device: readonly string[],
    columns: readonly number[],
  ): WatchedProgram {
    let readings = 0;
    let nowUs = NaN;
    const objects = new JsonObjects((text) => {
      const found = parseIntelGpuTop(text);
      if (found === null) return;
      readings++;
      columns.forEach((column, i) => {
        if (column !== -1) this.#waiting.push(column, nowUs, found[INTEL_QUANTITIES[i]!] ?? NaN);
      });
    });
    return new WatchedProgram({
      name: NAME,
      path,
      intervalMs,
      args: ['-J', '-s', String(intervalMs), ...device],
      clock: place.clock,
      onOutput: (chunk) => {
        readings = 0;
        nowUs = place.clock();
        const inBounds = objects.push(chunk);
        return inBounds ? readings : `printed an object of more than ${MAX_OBJECT_BYTES / 1024} KiB`;
      },
    });
  }

  sample(buffer: SeriesBuffer, first: number): string | null {
    this.#waiting.moveInto(buffer, first);
    for (const program of this.#programs) {
      const failure = program.failure();
      if (failure !== null) return `gpu: ${failure}`;
    }
    return null;
  }

  close(): void {
    for (const program of this.#programs) program.stop();
  }
}

/** It reads the counters of i915 only; xe's are told by fdinfo and /sys. */
export function isFor({ driver, card }: Gpu): boolean {
  return driver === 'i915' && card !== null;
}

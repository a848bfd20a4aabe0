// What drivers tell of their GPUs in /sys: amdgpu, i915 and xe. Cheap, and readable for everybody.
// Formats: the kernel's Documentation/gpu/amdgpu/thermal.rst, and Documentation/ABI/testing/sysfs-driver-intel-i915-hwmon,
// sysfs-driver-intel-xe-hwmon and sysfs-class-hwmon; frequencies: i915_sysfs and xe_gt_freq.c.

import type { Indicator } from '#core/indicator';
import type { ByteCursor } from '../byte-cursor.ts';
import { EnergyCounter } from '../energy-counter.ts';
import { HeldFile } from '../held-file.ts';
import type { Opened, Probe, ProbePlace } from '../probe.ts';
import type { SeriesBuffer } from '../series-buffer.ts';
import { namesIn, type Gpu } from './gpu-list.ts';
import type { GpuNames, GpuQuantity } from './gpu-quantity.ts';

/** Some files ask the firmware of the GPU. */
const READ_INTERVAL_US = 100_000;
/** A GPU that sleeps, or is busy with waking up, refuses for the moment. */
const PASSING = ['EPERM', 'EBUSY', 'EAGAIN'];

/** How a file tells its value: a number, the clock with a star in a list of clocks, or energy that grows. */
type Form = 'number' | 'starred' | 'energy';

interface Candidate {
  readonly quantity: GpuQuantity;
  /** Below the card's folder; `hwmon/` stands for the folder of its sensors. */
  readonly path: string;
  readonly form: Form;
  /** Of the number in the file, to the unit of the quantity; of a starred clock and energy it is fixed. */
  readonly scale: number;
}

const number = (quantity: GpuQuantity, path: string, scale: number): Candidate => ({
  quantity,
  path,
  form: 'number',
  scale,
});
const starred = (quantity: GpuQuantity, path: string): Candidate => ({ quantity, path, form: 'starred', scale: 1e6 });
const energy = (path: string): Candidate => ({ quantity: 'power', path, form: 'energy', scale: 1 });

/** The first that can be read tells its quantity. */
const CANDIDATES: Readonly<Record<string, readonly Candidate[]>> = {
  amdgpu: [
    number('busy', 'device/gpu_busy_percent', 0.01),
    number('memory.busy', 'device/mem_busy_percent', 0.01),
    number('video', 'device/vcn_busy_percent', 0.01),
    number('memory', 'device/mem_info_vram_used', 1),
    number('frequency', 'hwmon/freq1_input', 1),
    starred('frequency', 'device/pp_dpm_sclk'),
    starred('frequency.video', 'device/pp_dpm_vclk'),
    number('power', 'hwmon/power1_average', 1e-6),
    number('power', 'hwmon/power1_input', 1e-6),
    number('temperature', 'hwmon/temp1_input', 1e-3),
  ],
  i915: [
    number('frequency', 'gt/gt0/rps_act_freq_mhz', 1e6),
    number('frequency', 'gt_act_freq_mhz', 1e6),
    number('frequency.video', 'gt/gt1/rps_act_freq_mhz', 1e6),
    energy('hwmon/energy1_input'),
    number('temperature', 'hwmon/temp1_input', 1e-3),
  ],
  xe: [
    number('frequency', 'device/tile0/gt0/freq0/act_freq', 1e6),
    number('frequency.video', 'device/tile0/gt1/freq0/act_freq', 1e6),
    energy('hwmon/energy1_input'),
    energy('hwmon/energy2_input'),
    number('temperature', 'hwmon/temp1_input', 1e-3),
    number('temperature', 'hwmon/temp2_input', 1e-3),
  ],
};

interface Reader {
  readonly indicator: Indicator;
  readonly file: HeldFile;
  readonly scale: number;
  readonly starred: boolean;
  readonly energy: EnergyCounter | null;
}

/** Hz of the line with a star, in the text of pp_dpm_sclk: `1: 1200Mhz *`; NaN without one. */
export function parseStarredClock(cursor: ByteCursor): number {
  while (!cursor.done) {
    const value = cursor.skipPast(COLON) ? cursor.number() : NaN;
    if (cursor.skipPast(STAR)) return value * 1e6;
    cursor.skipLine();
  }
  return NaN;
}
const COLON = 58;
const STAR = 42;

export class SysfsGpuProbe implements Probe {
  readonly indicators: readonly Indicator[];
  readonly #place: ProbePlace;
  readonly #cursor: ByteCursor;
  readonly #readers: readonly Reader[];
  #nextUs = -Infinity;

  private constructor(place: ProbePlace, cursor: ByteCursor, readers: readonly Reader[]) {
    this.#place = place;
    this.#cursor = cursor;
    this.#readers = readers;
    this.indicators = readers.map(({ indicator }) => indicator);
  }

  static open(place: ProbePlace, cursor: ByteCursor, gpus: readonly Gpu[], names: GpuNames): Opened<SysfsGpuProbe> {
    const readers: Reader[] = [];
    const absent: string[] = [];
    gpus.forEach((gpu, position) => {
      const candidates = CANDIDATES[gpu.driver ?? ''];
      if (candidates === undefined || gpu.card === null) return;
      const found = openCard(`${place.sys}/class/drm/${gpu.card}`, gpu.driver!, candidates, position, names, cursor);
      if (found.length === 0) absent.push(`gpu: ${gpu.driver} tells nothing of ${gpu.card} in ${place.sys}`);
      readers.push(...found);
    });
    return readers.length === 0 ? { absent } : { probe: new SysfsGpuProbe(place, cursor, readers), absent };
  }

  sample(buffer: SeriesBuffer, first: number): string | null {
    const nowUs = this.#place.clock();
    if (nowUs < this.#nextUs) return null;
    this.#nextUs = nowUs + READ_INTERVAL_US;
    let failure: string | null = null;
    for (let i = 0; i < this.#readers.length; i++) {
      const reader = this.#readers[i]!;
      buffer.put(first + i, this.#read(reader));
      if (reader.file.failure !== null) {
        failure = `${reader.indicator.name}: ${reader.file.path}: ${reader.file.failure}`;
      }
    }
    return failure;
  }

  #read({ file, scale, starred, energy }: Reader): number {
    if (energy !== null) return energy.watts(this.#cursor, this.#place.clock());
    if (!file.read(this.#cursor)) return NaN;
    return starred ? parseStarredClock(this.#cursor) : this.#cursor.number() * scale;
  }

  close(): void {
    for (const { file } of this.#readers) file.close();
  }
}

function openCard(
  card: string,
  driver: string,
  candidates: readonly Candidate[],
  position: number,
  names: GpuNames,
  cursor: ByteCursor,
): Reader[] {
  const sensors = namesIn(`${card}/device/hwmon`).map((name) => `${card}/device/hwmon/${name}`);
  return candidates.flatMap(({ quantity, path, form, scale }) => {
    const paths = path.startsWith('hwmon/')
      ? sensors.map((folder) => `${folder}/${path.slice('hwmon/'.length)}`)
      : [`${card}/${path}`];
    for (const one of paths) {
      const file = HeldFile.open(one);
      if (typeof file === 'string') continue;
      const readable = file.read(cursor) || PASSING.includes(file.failure!);
      const indicator = readable ? names.take(quantity, position, driver) : null;
      if (indicator === null) {
        file.close();
        continue;
      }
      const counter = form === 'energy' ? new EnergyCounter(file, NaN) : null;
      return [{ indicator, file, scale, starred: form === 'starred', energy: counter }];
    }
    return [];
  });
}

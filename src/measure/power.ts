// RAPL: the power of processor packages, their cores and memory, from the energy counters of /sys/class/powercap.
// Format: the kernel's Documentation/power/powercap/powercap.rst. AMD's counters have the same names.

import { readdirSync } from 'node:fs';
import type { Indicator } from '#core/indicator';
import type { ByteCursor } from './byte-cursor.ts';
import { EnergyCounter } from './energy-counter.ts';
import { codeOf, HeldFile } from './held-file.ts';
import { textOf } from './own-cgroup.ts';
import type { Opened, Probe, ProbePlace } from './probe.ts';
import type { SeriesBuffer } from './series-buffer.ts';

/** The counters follow the hardware every millisecond or so, and reading one interrupts a core of its package. */
const READ_INTERVAL_US = 100_000;
/** Packages times domains of the largest hosts. */
const MAX_ZONES = 128;
/** `intel-rapl:1` and `intel-rapl:1:0`. Not `intel-rapl-mmio:0`: it is the same package once more. */
const ZONE = /^intel-rapl:(\d+)(?::\d+)?$/;
const DESCRIPTIONS: Readonly<Record<string, string>> = {
  package: 'the whole processor package',
  core: 'the cores of the package',
  uncore: "the package's graphics, as far as its model counts it here",
  dram: 'memory of the package',
};

/** A domain of energy: `power.package[0]`, and the folders whose counters add up to it. */
export interface PowerZone {
  readonly name: string;
  readonly description: string;
  readonly folders: readonly string[];
}

/** The zones of a host in the order of their names; empty where the system has none. */
export function powerZones(sys: string): PowerZone[] {
  const root = `${sys}/class/powercap`;
  const folders = namesIn(root)
    .filter((name) => ZONE.test(name))
    .toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .slice(0, MAX_ZONES);
  const zones = new Map<string, { name: string; description: string; folders: string[] }>();
  for (const folder of folders) {
    const parent = folder.replace(ZONE, 'intel-rapl:$1');
    const zone = zoneOf(textOf(`${root}/${folder}/name`)?.trim(), textOf(`${root}/${parent}/name`)?.trim());
    if (zone === null) continue;
    const known = zones.get(zone.name);
    if (known === undefined) zones.set(zone.name, { ...zone, folders: [`${root}/${folder}`] });
    else known.folders.push(`${root}/${folder}`);
  }
  return [...zones.values()];
}

/** `package-0`, of several dies `package-0-die-1`: the dies of a package add up. `core`, `dram` belong to their parent. */
function zoneOf(name: string | undefined, parent: string | undefined): { name: string; description: string } | null {
  if (name === 'psys') return { name: 'power.psys', description: 'power of the whole platform' };
  const number = /^package-(\d+)/.exec(parent ?? '')?.[1];
  const domain = name?.startsWith('package-') === true ? 'package' : name;
  if (number === undefined || domain === undefined || !(domain in DESCRIPTIONS)) return null;
  return { name: `power.${domain}[${number}]`, description: `power of ${DESCRIPTIONS[domain]}, package ${number}` };
}

export class PowerProbe implements Probe {
  readonly indicators: readonly Indicator[];
  readonly #place: ProbePlace;
  readonly #cursor: ByteCursor;
  /** For each indicator. */
  readonly #counters: readonly (readonly EnergyCounter[])[];
  #nextUs = -Infinity;

  private constructor(
    place: ProbePlace,
    cursor: ByteCursor,
    zones: readonly PowerZone[],
    counters: readonly (readonly EnergyCounter[])[],
  ) {
    this.#place = place;
    this.#cursor = cursor;
    this.#counters = counters;
    this.indicators = zones.map(({ name, description }) => ({ name, unit: 'W', description: `${description} (RAPL)` }));
  }

  static open(place: ProbePlace, cursor: ByteCursor): Opened<PowerProbe> {
    const all = powerZones(place.sys);
    if (all.length === 0) return { absent: [`power: no RAPL counter in ${place.sys}/class/powercap`] };
    const absent: string[] = [];
    const zones: PowerZone[] = [];
    const counters: EnergyCounter[][] = [];
    for (const zone of all) {
      const opened = openZone(zone, cursor);
      if (typeof opened === 'string') {
        absent.push(`${zone.name}: ${opened}`);
      } else {
        zones.push(zone);
        counters.push(opened);
      }
    }
    return zones.length === 0 ? { absent } : { probe: new PowerProbe(place, cursor, zones, counters), absent };
  }

  sample(buffer: SeriesBuffer, first: number): string | null {
    const nowUs = this.#place.clock();
    if (nowUs < this.#nextUs) return null;
    this.#nextUs = nowUs + READ_INTERVAL_US;
    let failure: string | null = null;
    for (let column = 0; column < this.#counters.length; column++) {
      let watts = 0;
      for (const counter of this.#counters[column]!) {
        watts += counter.watts(this.#cursor, this.#place.clock());
        if (counter.file.failure !== null) {
          failure = `${this.indicators[column]!.name}: ${counter.file.path}: ${counter.file.failure}`;
        }
      }
      buffer.put(first + column, watts);
    }
    return failure;
  }

  close(): void {
    for (const counters of this.#counters) for (const counter of counters) counter.close();
  }
}

/** All counters of a zone, or why one of them can't be read: half of a sum is no value. */
function openZone(zone: PowerZone, cursor: ByteCursor): EnergyCounter[] | string {
  const counters: EnergyCounter[] = [];
  for (const folder of zone.folders) {
    const path = `${folder}/energy_uj`;
    const file = HeldFile.open(path);
    const failure = typeof file === 'string' ? file : file.read(cursor) ? null : file.failure;
    if (typeof file !== 'string') {
      counters.push(new EnergyCounter(file, Number(textOf(`${folder}/max_energy_range_uj`) ?? NaN)));
    }
    if (failure !== null) {
      for (const counter of counters) counter.close();
      return `${path}: ${failure}`;
    }
  }
  return counters;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    codeOf(error);
    return [];
  }
}

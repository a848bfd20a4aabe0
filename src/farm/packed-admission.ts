// As many items at work as the machine has cores and memory for: cores by the median of what they are predicted to keep busy, memory by the
// upper bound, both corrected by what is measured while they run.

import type { ItemRecord } from '#core/queue';
import type { Admission } from './admission.ts';

/** What an item is predicted to need. */
export interface ItemNeed {
  /** Cores that it keeps busy, the median of what is expected. */
  readonly cores: number;
  /** Bytes, the upper bound of what is expected. */
  readonly memoryBytes: number;
}

export interface Machine {
  readonly cores: number;
  /** Bytes that items may take together. */
  readonly memoryBytes: number;
}

export interface PackedOptions {
  readonly machine: Machine;
  readonly needOf: (item: ItemRecord) => Promise<ItemNeed>;
  /** Bytes that an item at work has now; null where that is not known. */
  readonly memoryOf: (item: ItemRecord) => number | null;
  /** Cores of the machine without work, as measured lately; null where that is not known. */
  readonly idleCores: () => number | null;
  /** Monotonic, milliseconds. */
  readonly now?: () => number;
}

/** Among so many of the most urgent those are looked for that fit. */
const AHEAD = 16;
/** So many items may begin before one that came earlier and needs more; then nothing else begins until it does. */
const MAX_PASSED = 8;
/** Cores may be promised a little beyond what there is: nothing keeps them busy all of the time. */
export const CPU_OVER = 1.05;
/** After something began it takes so long until the idle cores tell what it needs. */
const SETTLE_MS = 2_000;
/** Idle cores count as room from this share of what an item keeps busy. */
const IDLE_SHARE = 0.6;
/** Never more items at work than this for each core, whatever they are said to need. */
const MAX_PER_CORE = 3;
/** Share of the machine's memory beyond which something has to go; below it is room for what comes in a second. */
const FULL = 0.95;
/** Given back, an item wants this much more than it had reached. */
const GROWN = 1.3;
/** Grown needs that are remembered: of those that were given back and have not ended. */
const MAX_GROWN = 10_000;

export class PackedAdmission implements Admission {
  readonly #options: PackedOptions;
  readonly #now: () => number;
  /** Of items at work and of those looked at last, by title and key. */
  #needs = new Map<string, ItemNeed>();
  /** How many began before an item that was looked at. */
  #passed = new Map<string, number>();
  /** Bytes that items were found to need. */
  readonly #grown = new Map<string, number>();
  /** When something began or ended last, and how much was at work then. */
  #changedAt = -Infinity;
  #count = 0;

  constructor(options: PackedOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  look(atWork: readonly ItemRecord[]): number {
    if (atWork.length === 0) return AHEAD;
    const { machine } = this.#options;
    const hasRoom = this.#coresOf(atWork) < machine.cores * FULL || this.#measuredIdle(atWork) > 0;
    return hasRoom && atWork.length < machine.cores * MAX_PER_CORE ? AHEAD : 0;
  }

  async choose(ready: readonly ItemRecord[], atWork: readonly ItemRecord[]): Promise<readonly ItemRecord[]> {
    await this.#learnNeeds(ready, atWork);
    const chosen: ItemRecord[] = [];
    const passed = new Map<string, number>();
    for (const item of ready) {
      const name = nameOf(item);
      const beside = [...atWork, ...chosen];
      if (beside.length === 0 || this.#fits(item, beside)) {
        chosen.push(item);
        for (const [each, count] of passed) passed.set(each, count + 1);
        continue;
      }
      passed.set(name, this.#passed.get(name) ?? 0);
      if (passed.get(name)! >= MAX_PASSED) break;
    }
    this.#passed = passed;
    this.#noteCount(atWork.length + chosen.length);
    return chosen;
  }

  outgrown(atWork: readonly ItemRecord[]): readonly ItemRecord[] {
    if (atWork.length < 2) return [];
    const { machine, memoryOf } = this.#options;
    const used = atWork.map((item) => memoryOf(item) ?? 0);
    const total = used.reduce((sum, bytes) => sum + bytes, 0);
    if (total <= machine.memoryBytes * FULL) return [];
    // The one that is farthest above what it had reserved; where none is, the newest.
    let worst = atWork.length - 1;
    let most = 0;
    for (const [i, item] of atWork.entries()) {
      const beyond = used[i]! - this.#reserved(item);
      if (beyond > most) [worst, most] = [i, beyond];
    }
    const item = atWork[worst]!;
    if (this.#grown.size >= MAX_GROWN) this.#grown.delete(this.#grown.keys().next().value!);
    this.#grown.set(nameOf(item), Math.min(machine.memoryBytes, used[worst]! * GROWN));
    return [item];
  }

  #fits(item: ItemRecord, atWork: readonly ItemRecord[]): boolean {
    const { machine } = this.#options;
    if (atWork.length >= machine.cores * MAX_PER_CORE) return false;
    const memory = atWork.reduce((sum, each) => sum + this.#memoryOf(each), 0) + this.#reserved(item);
    if (memory > machine.memoryBytes) return false;
    const { cores } = this.#needs.get(nameOf(item))!;
    if (this.#coresOf(atWork) + cores <= machine.cores * CPU_OVER) return true;
    return this.#measuredIdle(atWork) >= IDLE_SHARE * cores;
  }

  async #learnNeeds(ready: readonly ItemRecord[], atWork: readonly ItemRecord[]): Promise<void> {
    const needs = new Map<string, ItemNeed>();
    for (const item of [...atWork, ...ready])
      needs.set(nameOf(item), this.#needs.get(nameOf(item)) ?? (await this.#options.needOf(item)));
    this.#needs = needs;
  }

  #coresOf(items: readonly ItemRecord[]): number {
    return items.reduce((sum, item) => sum + this.#needs.get(nameOf(item))!.cores, 0);
  }

  /** Cores that stay idle with all that is at work; 0 while that is not known. */
  #measuredIdle(atWork: readonly ItemRecord[]): number {
    this.#noteCount(atWork.length);
    return this.#now() - this.#changedAt < SETTLE_MS ? 0 : (this.#options.idleCores() ?? 0);
  }

  #noteCount(count: number): void {
    if (count === this.#count) return;
    this.#count = count;
    this.#changedAt = this.#now();
  }

  #reserved(item: ItemRecord): number {
    return Math.max(this.#needs.get(nameOf(item))!.memoryBytes, this.#grown.get(nameOf(item)) ?? 0);
  }

  /** What it has reserved, or has already where that is more. */
  #memoryOf(item: ItemRecord): number {
    return Math.max(this.#reserved(item), this.#options.memoryOf(item) ?? 0);
  }
}

function nameOf({ title, key }: ItemRecord): string {
  return `${title}/${key}`;
}

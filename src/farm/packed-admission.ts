// As many items at work as the machine has cores and memory for: cores by the median of what they are predicted to keep busy, memory by the
// upper bound, both corrected by what is measured while they run.

import type { ItemRecord } from '#core/queue';
import { formatQuantity } from '#core/format-quantity';
import { UserError } from '#core/user-error';
import type { Admission, Outgrown } from './admission.ts';

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
  /** Bytes beyond which an item is set aside, even where it is alone. Not less than the machine's for items. */
  readonly itemLimitBytes: number;
  readonly needOf: (item: ItemRecord) => Promise<ItemNeed>;
  /** Bytes that an item at work has now; null where that is not known. */
  readonly memoryOf: (item: ItemRecord) => number | null;
  /** Cores of the machine without work, as measured lately; null where that is not known. */
  readonly idleCores: () => number | null;
  /** Bytes that nobody has, other programs and workers included. */
  readonly freeMemory: () => number;
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
/** An item with this share of the cost of one that was given back wants as much memory, where it is of the same title and kind. */
const ALIKE = 0.5;
/** What was found of the last so many titles and kinds is remembered, and of the last so many items of each. */
const MAX_GROWN = 1_000;
const MAX_GROWN_EACH = 16;
/** Needs of what waits are asked for again after so long: finished items have taught more since. */
const ASK_AGAIN_MS = 5_000;

interface Grown {
  readonly costS: number;
  readonly memoryBytes: number;
}

export class PackedAdmission implements Admission {
  readonly #options: PackedOptions;
  readonly #now: () => number;
  /** Of items at work and of those looked at last, by title and key. */
  #needs = new Map<string, ItemNeed>();
  /** How many began before an item that was looked at. */
  #passed = new Map<string, number>();
  #askedAt = -Infinity;
  /** What items that were given back are to have the next time, by title and kind. */
  readonly #grown = new Map<string, Grown[]>();
  /** Of items that were told to be broken off and have not ended yet. */
  readonly #going = new Set<string>();
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
        this.#needs.set(name, { ...this.#needs.get(name)!, memoryBytes: this.#wanted(item) });
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

  outgrown(atWork: readonly ItemRecord[]): readonly Outgrown[] {
    const { machine, memoryOf, freeMemory, itemLimitBytes } = this.#options;
    // What is going still has its memory for a moment: nothing else has to go for that.
    const names = new Set(atWork.map(nameOf));
    for (const name of this.#going) if (!names.has(name)) this.#going.delete(name);
    const staying = atWork.filter((item) => !this.#going.has(nameOf(item)));
    let total = 0;
    let worst: ItemRecord | null = null;
    let most = 0;
    for (const item of staying) {
      const used = memoryOf(item) ?? 0;
      if (used > itemLimitBytes) return [this.#go(item, tooLarge(used, itemLimitBytes))];
      total += used;
      if (used - this.#reserved(item) <= most) continue;
      worst = item;
      most = used - this.#reserved(item);
    }
    const isFull = total > machine.memoryBytes * FULL || freeMemory() < machine.memoryBytes * (1 - FULL);
    // Where none is above what it had reserved all of them have room: that was reserved within the machine's.
    if (worst === null || staying.length < 2 || !isFull) return [];
    const used = memoryOf(worst) ?? 0;
    const error = new Error(
      `it had ${bytes(used)} of memory where ${bytes(this.#reserved(worst))} were reserved, and beside it is no room for that`,
    );
    this.#grow(worst, Math.min(machine.memoryBytes, used * GROWN));
    return [this.#go(worst, error)];
  }

  #grow(item: ItemRecord, memoryBytes: number): void {
    const known = this.#grown.get(sortOf(item)) ?? [];
    known.push({ costS: item.costS ?? 0, memoryBytes });
    if (known.length > MAX_GROWN_EACH) known.shift();
    this.#grown.set(sortOf(item), known);
    if (this.#grown.size > MAX_GROWN) this.#grown.delete(this.#grown.keys().next().value!);
  }

  #go(item: ItemRecord, error: Error): Outgrown {
    this.#going.add(nameOf(item));
    return { item, error };
  }

  #fits(item: ItemRecord, atWork: readonly ItemRecord[]): boolean {
    const { machine } = this.#options;
    if (atWork.length >= machine.cores * MAX_PER_CORE) return false;
    if (this.#wanted(item) > this.#memoryLeft(atWork)) return false;
    const { cores } = this.#needs.get(nameOf(item))!;
    if (this.#coresOf(atWork) + cores <= machine.cores * CPU_OVER) return true;
    return this.#measuredIdle(atWork) >= IDLE_SHARE * cores;
  }

  async #learnNeeds(ready: readonly ItemRecord[], atWork: readonly ItemRecord[]): Promise<void> {
    const isOld = this.#now() - this.#askedAt >= ASK_AGAIN_MS;
    if (isOld) this.#askedAt = this.#now();
    const needs = new Map<string, ItemNeed>();
    const learn = async (item: ItemRecord, known: ItemNeed | undefined) =>
      needs.set(nameOf(item), known ?? (await this.#options.needOf(item)));
    for (const item of ready) await learn(item, isOld ? undefined : this.#needs.get(nameOf(item)));
    // What is at work keeps what it has reserved.
    for (const item of atWork) await learn(item, this.#needs.get(nameOf(item)));
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

  /** Bytes without those that items at work have or will still take: of what they may have together, and of what is there. */
  #memoryLeft(atWork: readonly ItemRecord[]): number {
    const { machine, freeMemory, memoryOf } = this.#options;
    let have = 0;
    let reserved = 0;
    for (const item of atWork) {
      have += memoryOf(item) ?? 0;
      reserved += this.#memoryOf(item);
    }
    return Math.min(machine.memoryBytes - reserved, freeMemory() - (reserved - have));
  }

  #noteCount(count: number): void {
    if (count === this.#count) return;
    this.#count = count;
    this.#changedAt = this.#now();
  }

  /** Bytes that an item is to have: what is predicted, or what items like it were found to need. */
  #wanted(item: ItemRecord): number {
    let most = this.#needs.get(nameOf(item))!.memoryBytes;
    for (const { costS, memoryBytes } of this.#grown.get(sortOf(item)) ?? [])
      if ((item.costS ?? 0) >= costS * ALIKE) most = Math.max(most, memoryBytes);
    return most;
  }

  /** Of an item that has been chosen. */
  #reserved(item: ItemRecord): number {
    return this.#needs.get(nameOf(item))!.memoryBytes;
  }

  /** What it has reserved or has already, or will have where it is like one that was given back: the most of these. */
  #memoryOf(item: ItemRecord): number {
    return Math.max(this.#wanted(item), this.#options.memoryOf(item) ?? 0);
  }
}

function tooLarge(used: number, limit: number): UserError {
  return new UserError({
    what: `it took ${bytes(used)} of memory, and an item may take ${bytes(limit)} here`,
    todo: 'Give a worker more (--memory), on a larger machine where this one has no more, or make the rung smaller.',
  });
}

function bytes(count: number): string {
  return formatQuantity(count, 'byte');
}

function nameOf({ title, key }: ItemRecord): string {
  return `${title}/${key}`;
}

function sortOf({ title, kind }: ItemRecord): string {
  return `${title}/${kind}`;
}

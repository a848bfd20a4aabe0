// What is simulated: items as they are predicted, as they truly are, and when they come.

import { RESOURCES, type WorkItems } from '#core/packing';

/** What an item takes in truth, as columns of the items. */
export interface Truth {
  /** Seconds, alone with its cores granted. */
  readonly durationS: Float64Array;
  /** Cores busy while it runs. */
  readonly cores: Float64Array;
  /** Bytes, peak. */
  readonly memoryBytes: Float64Array;
}

/**
 * Items that come together: those from first[g] to first[g + 1] - 1, at least one. A group comes at its time, or where it `follows` (1) as
 * soon as all of the group before it has ended.
 */
export interface WorkGroups {
  readonly count: number;
  /** `count + 1` entries. */
  readonly first: Int32Array;
  /** Seconds from the start of time; not looked at where the group follows another. */
  readonly comesS: Float64Array;
  readonly follows: Uint8Array;
}

/** Items that a chunk length cuts; one that can't be cut otherwise (an inspection, a sound track, a package) is none. */
export interface Chunks {
  /** Of the work that they are of. */
  readonly names: readonly string[];
  /** Of each item a position in `names`; -1 where no chunk length cuts it. */
  readonly of: Int16Array;
}

/** `items` holds what is reserved (needs) and believed (durations); title numbers go from 0 to `titles - 1`. */
export interface Work {
  readonly items: WorkItems;
  readonly truth: Truth;
  readonly chunks: Chunks;
  readonly groups: WorkGroups;
  readonly titles: number;
}

/** One piece of work that was measured. */
export interface MeasuredItem {
  /** Seconds, alone. */
  readonly durationS: number;
  /** Cores reserved for it, or the slots that it takes. */
  readonly cores: number;
  /** Cores that it kept busy; those reserved by default. */
  readonly coresUsed?: number;
  /** Bytes, reserved and used. */
  readonly memoryBytes?: number;
}

/** Work of measured items that are all there at once, of one title, predicted exactly: what a real run is compared with. */
export function measuredWork(measured: readonly MeasuredItem[]): Work {
  return measuredStages(measured.length === 0 ? [] : [measured]);
}

/** The same in stages: the items of one wait for all of the one before. @param stages each of at least one item */
export function measuredStages(stages: readonly (readonly MeasuredItem[])[]): Work {
  const measured = stages.flat();
  const empty = emptyItems(measured.length);
  const { items, truth } = empty;
  for (const [i, { durationS, cores, coresUsed = cores, memoryBytes = 0 }] of measured.entries()) {
    items.need[i * RESOURCES.length] = cores;
    items.need[i * RESOURCES.length + 1] = memoryBytes;
    items.durationS[i] = durationS;
    truth.durationS[i] = durationS;
    truth.cores[i] = coresUsed;
    truth.memoryBytes[i] = memoryBytes;
  }
  const first = new Int32Array(stages.length + 1);
  for (const [stage, { length }] of stages.entries()) first[stage + 1] = first[stage]! + length;
  const groups: WorkGroups = {
    count: stages.length,
    first,
    comesS: new Float64Array(stages.length),
    follows: Uint8Array.from(stages, (_, stage) => (stage === 0 ? 0 : 1)),
  };
  return { ...empty, groups, titles: 1 };
}

/** Columns to be filled in: no needs, no duration, no deadline, priority 0, title 0, no chunks. */
export function emptyItems(count: number): Pick<Work, 'items' | 'truth' | 'chunks'> {
  return {
    items: {
      count,
      need: new Float64Array(count * RESOURCES.length),
      durationS: new Float64Array(count),
      deadlineS: new Float64Array(count).fill(Infinity),
      priority: new Int16Array(count),
      title: new Int32Array(count),
    },
    truth: {
      durationS: new Float64Array(count),
      cores: new Float64Array(count),
      memoryBytes: new Float64Array(count),
    },
    chunks: { names: [], of: new Int16Array(count).fill(-1) },
  };
}

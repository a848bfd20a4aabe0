// Packing: pieces of work with a vector of needs each, onto workers of given sizes. Columns, because there may be a million.

/** What is packed, in this order in every vector: cores, bytes of memory, bytes of disk, bytes a second of network. */
export const RESOURCES = ['cpu', 'memory', 'disk', 'network'] as const;
export type Resource = (typeof RESOURCES)[number];

/** One number for each resource. */
export type NeedVector = readonly number[];

/** Pieces of work as columns; all have `count` entries, `need` has `count * RESOURCES.length`, item by item. */
export interface WorkItems {
  readonly count: number;
  readonly need: Float64Array;
  /** Predicted seconds, alone with its need granted. */
  readonly durationS: Float64Array;
  /** Seconds from the start of time; Infinity where there is none. */
  readonly deadlineS: Float64Array;
  /** Higher goes first. */
  readonly priority: Int16Array;
  /** Pieces of one title have one number: a title is finished when its last piece is. */
  readonly title: Int32Array;
}

/** A size of worker, as one buys it. */
export interface WorkerSize {
  readonly name: string;
  readonly capacity: NeedVector;
  /** Money an hour, in whatever currency; null where it costs nothing that counts. */
  readonly costPerHour: number | null;
}

/** `latency` finishes titles soon, one after the other; `throughput` finishes all of it soon. */
export const PACK_POLICIES = ['latency', 'throughput'] as const;
export type PackPolicy = (typeof PACK_POLICIES)[number];

/**
 * Decides while work comes and goes: which waiting items begin now, and where. Never over a worker's capacity; an item that fits no
 * worker at all stays waiting and is told by `unplaceable`. Every call is in the same clock, seconds from the start of time.
 */
export interface Placer {
  /** @param size into the sizes that it was made with @returns the worker's number */
  addWorker(size: number): number;
  /** What ran there waits again. @returns those items */
  removeWorker(worker: number): number[];
  /** The items from..to-1 have come. */
  addItems(from: number, to: number): void;
  /** An item has ended (`again`: badly, and waits once more). */
  finish(item: number, again: boolean): void;
  /** A running item needs something else than was said; its worker may be over its capacity then, and gets nothing new until it is not. */
  changeNeed(item: number, need: NeedVector): void;
  /** Begins what can begin now. */
  place(nowS: number, begin: (item: number, worker: number) => void): void;
  readonly waiting: number;
  readonly running: number;
  unplaceable(): number[];
}

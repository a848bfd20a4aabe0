// The items of a title as lanes: those of one kind and rendition, a byte each, so that 250,000 of them can be looked at.

import { ITEM_STATES, type ItemState, type Queue } from '#core/queue';
import { ITEM_KINDS } from '#core/title';
import { itemPlace } from './item-key.ts';

/** Items that are read at once: between two reads the process does other things. */
const AT_ONCE = 10_000;
/** A place for which there is no item. */
export const NO_ITEM = 255;

export interface TitleLane {
  readonly kind: string;
  /** Renditions of its items; empty where there is one of the kind. */
  readonly group: string;
  /** By chunk: position in ITEM_STATES, or NO_ITEM. */
  readonly states: Uint8Array;
  /** By chunk: CPU seconds as the plan guesses them, NaN where it does not. */
  readonly costS: Float64Array;
}

/** Lanes in the order in which items are done, renditions as their names sort. */
export async function readLanes(queue: Queue, title: string): Promise<TitleLane[]> {
  const lanes = new Map<string, GrowingLane>();
  for (let after: number | null = 0; after !== null;) {
    const { items, next } = await queue.itemStates(title, after, AT_ONCE);
    for (const { key, kind, state, costS } of items) {
      const { group, chunk } = itemPlace(key);
      const name = `${kind} ${group}`;
      let lane = lanes.get(name);
      if (lane === undefined) lanes.set(name, (lane = new GrowingLane(kind, group)));
      lane.set(chunk, ITEM_STATES.indexOf(state), costS ?? NaN);
    }
    after = next;
    if (after !== null) await new Promise((resolve) => setImmediate(resolve));
  }
  const order = (kind: string) => (ITEM_KINDS as readonly string[]).indexOf(kind);
  return [...lanes.values()]
    .map((lane) => lane.lane())
    .toSorted((a, b) => order(a.kind) - order(b.kind) || a.group.localeCompare(b.group, 'en', { numeric: true }));
}

export function countStates({ states }: TitleLane): Record<ItemState, number> {
  const counts = new Uint32Array(NO_ITEM + 1);
  for (const state of states) counts[state]!++;
  return Object.fromEntries(ITEM_STATES.map((state, i) => [state, counts[i]!])) as Record<ItemState, number>;
}

class GrowingLane {
  readonly kind: string;
  readonly group: string;
  #states = new Uint8Array(16).fill(NO_ITEM);
  #costS = new Float64Array(16).fill(NaN);
  #length = 0;

  constructor(kind: string, group: string) {
    this.kind = kind;
    this.group = group;
  }

  set(chunk: number, state: number, costS: number): void {
    if (chunk >= this.#states.length) this.#grow(chunk + 1);
    this.#length = Math.max(this.#length, chunk + 1);
    this.#states[chunk] = state;
    this.#costS[chunk] = costS;
  }

  lane(): TitleLane {
    const { kind, group } = this;
    return { kind, group, states: this.#states.slice(0, this.#length), costS: this.#costS.slice(0, this.#length) };
  }

  #grow(least: number): void {
    const size = Math.max(least, this.#states.length * 2);
    const states = new Uint8Array(size).fill(NO_ITEM);
    const costS = new Float64Array(size).fill(NaN);
    states.set(this.#states);
    costS.set(this.#costS);
    this.#states = states;
    this.#costS = costS;
  }
}

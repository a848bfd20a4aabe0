// The queue of work items: what a store of titles and items answers. Narrow, asynchronous and batched, so that another
// store can take its place; every time is the store's own clock.

import type { TitleState } from './title.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

export const ITEM_STATES = ['waiting', 'ready', 'running', 'done', 'failed', 'cancelled'] as const;
/** `waiting` for what it needs or for its next try; `failed` is set aside, with its log. */
export type ItemState = (typeof ITEM_STATES)[number];

export interface NewTitle {
  /** UUIDv7. */
  readonly id: string;
  readonly name: string;
  /** Higher goes first: 100 a new title, 0 a catalogue's re-encode. */
  readonly priority: number;
  /** UTC, ISO 8601; of equal priority the earlier goes first. */
  readonly deadline: string | null;
  /** Campaign that it belongs to. */
  readonly campaign: string | null;
  /** What the caller wants back: source, ladder, folder. */
  readonly request: Json;
}

export interface TitleRecord extends NewTitle {
  readonly state: TitleState;
  /** Why it failed or was cancelled. */
  readonly reason: string | null;
  /** UTC, ISO 8601. */
  readonly createdAt: string;
  readonly endedAt: string | null;
  /** Items by state. */
  readonly items: Readonly<Record<ItemState, number>>;
}

export interface TitleChange {
  readonly state?: TitleState;
  readonly reason?: string | null;
  readonly priority?: number;
  readonly deadline?: string | null;
}

export interface NewItem {
  /** Unique in its title; adding it again changes nothing. */
  readonly key: string;
  readonly kind: string;
  /** Keys of items of the title, known already or added with it, that must be done before. */
  readonly needs: readonly string[];
  readonly payload: Json;
  /** CPU seconds, a guess; null where nothing is known. */
  readonly costS: number | null;
}

export interface TitleToAdd {
  readonly title: NewTitle;
  readonly items: readonly NewItem[];
}

export interface ItemRecord extends NewItem {
  readonly title: string;
  readonly state: ItemState;
  /** Failures of its own; deaths of its workers are not counted here. */
  readonly failures: number;
  /** Set once, by whoever leases it first: what its bytes depend on (threads, keys). */
  readonly fixed: Json;
  readonly result: Json;
  /** Why it failed last, with the end of its log. */
  readonly error: string | null;
  readonly worker: string | null;
}

/** A piece of work in the hands of a worker; `epoch` tells this lease from those before and after. */
export interface Lease {
  readonly title: string;
  readonly key: string;
  readonly epoch: number;
}

export interface LeasedItem {
  readonly lease: Lease;
  readonly item: ItemRecord;
}

/** A try of an item, for timelines. */
export interface Attempt {
  readonly title: string;
  readonly key: string;
  readonly kind: string;
  readonly epoch: number;
  readonly worker: string;
  /** UTC, milliseconds, of the store. */
  readonly readyAt: number;
  readonly beganAt: number;
  /** Null while it runs. */
  readonly endedAt: number | null;
  readonly end: 'done' | 'failed' | 'lost' | 'released' | null;
}

/** Some items of a title; `next` is where the following ones begin, null where there are none. */
export interface ItemStates {
  readonly items: readonly Pick<ItemRecord, 'key' | 'kind' | 'state' | 'costS'>[];
  readonly next: number | null;
}

export interface ReadyOptions {
  readonly max: number;
  /** Only items of these kinds, or of this title. */
  readonly kinds?: readonly string[] | undefined;
  readonly title?: string | undefined;
}

export interface LeaseOptions extends ReadyOptions {
  /** Milliseconds after which an item without a heartbeat is anybody's again. */
  readonly leaseMs: number;
  /** Only these, as far as they are still ready. */
  readonly only?: readonly Pick<ItemRecord, 'title' | 'key'>[] | undefined;
}

export interface Failure {
  readonly lease: Lease;
  readonly reason: string;
  /** `own` counts against the item and is tried again later; `final` sets it aside at once. */
  readonly blame: 'own' | 'final';
}

export interface Queue {
  /** A title with its first items. Adding an id again changes nothing. */
  addTitle(title: NewTitle, items: readonly NewItem[]): Promise<void>;
  /** The same for many titles, in their order, in one transaction: all of them or none. */
  addTitles(titles: readonly TitleToAdd[]): Promise<void>;
  titles(filter?: {
    readonly state?: TitleState;
    readonly campaign?: string;
    readonly limit?: number;
    readonly offset?: number;
  }): Promise<TitleRecord[]>;
  title(id: string): Promise<TitleRecord | null>;
  /** Ids that begin with this text, at most ten. */
  titlesByPrefix(prefix: string): Promise<string[]>;
  /** Pauses, resumes, cancels, ends or reorders a title. Cancelled items that run lose their leases. False where there is none. */
  changeTitle(id: string, change: TitleChange): Promise<boolean>;
  /** The same change of many titles, in one transaction. Returns how many of them there are. */
  changeTitles(ids: readonly string[], change: TitleChange): Promise<number>;
  deleteTitle(id: string): Promise<boolean>;

  items(
    title: string,
    filter?: { readonly state?: ItemState; readonly kind?: string; readonly limit?: number; readonly offset?: number },
  ): Promise<ItemRecord[]>;
  item(title: string, key: string): Promise<ItemRecord | null>;
  attempts(title: string, limit?: number): Promise<Attempt[]>;
  /** Tries with a greater epoch than this, ascending, at most `limit`: to go on from what was read before. */
  attemptsAfter(title: string, epoch: number, limit: number): Promise<Attempt[]>;
  /**
   * Items of a title without what is in them, in an order that stays: what a view over very many of them needs.
   * @param after where the answer before ended, 0 at the beginning
   */
  itemStates(title: string, after: number, limit: number): Promise<ItemStates>;

  /** What a lease would hand out, in its order, without handing it out: for workers that choose. */
  ready(options: ReadyOptions): Promise<ItemRecord[]>;
  /** Takes what is ready, of running titles: priority, deadline, arrival, order in the plan. Expired leases are taken back first. */
  lease(worker: string, options: LeaseOptions): Promise<LeasedItem[]>;
  /** Milliseconds until something may become ready by time alone (a retry, a lease that runs out); null where nothing will. */
  nextReadyMs(): Promise<number | null>;
  /** Sets what an item's bytes depend on, or returns what was set before. Null where the lease is lost. */
  fix(lease: Lease, fixed: Json): Promise<Json>;
  /** Prolongs; returns the leases that are lost. */
  heartbeat(leases: readonly Lease[], leaseMs: number): Promise<Lease[]>;
  /** Records results, and items that they bring, each in one transaction; returns the leases that are lost, whose results count for nothing. */
  complete(
    done: readonly { readonly lease: Lease; readonly result: Json; readonly add?: readonly NewItem[] }[],
  ): Promise<Lease[]>;
  fail(failures: readonly Failure[]): Promise<Lease[]>;
  /** Gives items back untouched: their worker ends. */
  release(leases: readonly Lease[]): Promise<void>;
  /** Takes back the leases of a title that are held by workers known to be gone: they need not run out first. Returns how many. */
  takeBack(title: string, isGone: (worker: string) => boolean): Promise<number>;
  /** Failed items of a title are tried again from the start. Returns how many. */
  retryFailed(title: string): Promise<number>;

  /** A number that changes whenever anything was written, by any process: for polling. */
  changeCounter(): Promise<number>;
  close(): Promise<void>;
}

// A queue that a test of the conformance suite has open, and what its tests do with it again and again.

import { afterEach } from 'vitest';
import type { Lease, LeasedItem, NewItem, NewTitle, Queue, LeaseOptions } from '#core/queue';
import type { QueueRules } from '#farm/queue/queue-rules';
import { newId } from '#system/clock';

/** A lease that does not run out while a test runs. */
export const LONG_MS = 60_000;
export const RULES: QueueRules = { maxFailures: 3, maxDeaths: 4, retryBaseMs: 40, retryCapMs: 60 };

export type MakeQueue = (rules: QueueRules) => Promise<Queue>;

export function newTitle(fields: Partial<NewTitle> = {}): NewTitle {
  return { id: newId(), name: 'clip', priority: 0, deadline: null, campaign: null, request: null, ...fields };
}

export function newItem(key: string, needs: readonly string[] = [], fields: Partial<NewItem> = {}): NewItem {
  return { key, kind: 'encode', needs, payload: { of: key }, costS: null, ...fields };
}

export interface QueueFixture {
  /** The one that was opened last. */
  readonly queue: Queue;
  /** A new queue; it is closed after the test. */
  readonly open: (rules?: Partial<QueueRules>) => Promise<void>;
  readonly add: (items: readonly NewItem[], fields?: Partial<NewTitle>) => Promise<string>;
  readonly lease: (max?: number, fields?: Partial<LeaseOptions>) => Promise<LeasedItem[]>;
  readonly done: (leased: readonly LeasedItem[]) => Promise<Lease[]>;
  readonly failAll: (leased: readonly LeasedItem[], blame?: 'own' | 'final') => Promise<Lease[]>;
  readonly states: (title: string) => Promise<Record<string, string>>;
}

export function queueFixture(make: MakeQueue): QueueFixture {
  const opened: Queue[] = [];
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.close();
  });
  const queue = () => opened.at(-1)!;
  return {
    get queue() {
      return queue();
    },
    open: async (rules = {}) => {
      opened.push(await make({ ...RULES, ...rules }));
    },
    add: async (items, fields = {}) => {
      const title = newTitle(fields);
      await queue().addTitle(title, items);
      return title.id;
    },
    lease: (max = 100, fields = {}) => queue().lease('worker', { max, leaseMs: LONG_MS, ...fields }),
    done: (leased) => queue().complete(leased.map((one) => ({ lease: one.lease, result: { made: one.item.key } }))),
    failAll: (leased, blame = 'own') =>
      queue().fail(leased.map((one) => ({ lease: one.lease, reason: `no luck with ${one.item.key}\nlog`, blame }))),
    states: async (title) => Object.fromEntries((await queue().items(title)).map(({ key, state }) => [key, state])),
  };
}

export function keys(leased: readonly LeasedItem[]): string[] {
  return leased.map(({ item }) => item.key);
}

// The queue as plain objects, without time: what a store is compared with. Its leases run out at once or never.

import type { ItemState, NewItem, NewTitle } from '#core/queue';
import type { TitleState } from '#core/title';
import type { QueueRules } from '#farm/queue/queue-rules';

export interface ModelItem {
  readonly title: ModelTitle;
  readonly key: string;
  readonly needs: readonly string[];
  state: ItemState;
  isRetry: boolean;
  failures: number;
  deaths: number;
  /** Counts its leases. */
  epoch: number;
  hasRunOut: boolean;
}

export interface ModelTitle {
  readonly id: string;
  readonly priority: number;
  state: TitleState;
  readonly items: ModelItem[];
}

export class QueueModel {
  readonly titles: ModelTitle[] = [];
  readonly #rules: Pick<QueueRules, 'maxFailures' | 'maxDeaths'>;

  constructor(rules: Pick<QueueRules, 'maxFailures' | 'maxDeaths'>) {
    this.#rules = rules;
  }

  addTitle({ id, priority }: NewTitle, items: readonly NewItem[]): void {
    const title: ModelTitle = { id, priority, state: 'running', items: [] };
    this.titles.push(title);
    this.#add(title, items);
  }

  lease(max: number, runsOut: boolean): ModelItem[] {
    for (const item of this.titles.flatMap(({ items }) => items)) {
      if (item.state === 'running' && item.hasRunOut)
        item.state = ++item.deaths >= this.#rules.maxDeaths ? 'failed' : 'ready';
      if (item.isRetry) Object.assign(item, { state: 'ready', isRetry: false });
    }
    this.#settle();
    const leased = this.titles
      .filter(({ state }) => state === 'running')
      .toSorted((a, b) => b.priority - a.priority)
      .flatMap(({ items }) => items.filter(({ state }) => state === 'ready'))
      .slice(0, max);
    for (const item of leased) Object.assign(item, { state: 'running', epoch: item.epoch + 1, hasRunOut: runsOut });
    return leased;
  }

  /** False where the lease is lost, as with all that take an epoch. */
  complete(item: ModelItem, epoch: number, add: readonly NewItem[]): boolean {
    if (!holds(item, epoch)) return false;
    item.state = 'done';
    this.#add(item.title, add);
    this.#settle();
    return true;
  }

  fail(item: ModelItem, epoch: number, isFinal: boolean): boolean {
    if (!holds(item, epoch)) return false;
    const isAside = ++item.failures >= this.#rules.maxFailures || isFinal;
    Object.assign(item, { state: isAside ? 'failed' : 'waiting', isRetry: !isAside });
    this.#settle();
    return true;
  }

  release(item: ModelItem, epoch: number): void {
    if (holds(item, epoch)) item.state = 'ready';
  }

  heartbeat(item: ModelItem, epoch: number): boolean {
    if (!holds(item, epoch)) return false;
    item.hasRunOut = false;
    return true;
  }

  takeBack({ items }: ModelTitle): number {
    const running = items.filter(({ state }) => state === 'running');
    for (const item of running) item.state = 'ready';
    return running.length;
  }

  pause(title: ModelTitle): void {
    if (title.state === 'running') title.state = 'paused';
  }

  resume(title: ModelTitle): void {
    if (title.state !== 'paused' && title.state !== 'cancelled') return;
    title.state = 'running';
    this.#revive(title);
  }

  cancel(title: ModelTitle): void {
    if (title.state === 'done') return;
    title.state = 'cancelled';
    for (const item of title.items)
      if (item.state !== 'done' && item.state !== 'failed') Object.assign(item, { state: 'cancelled', isRetry: false });
  }

  retryFailed(title: ModelTitle): number {
    if (title.state === 'cancelled' || title.state === 'done') return 0;
    if (title.state === 'failed') title.state = 'running';
    const failed = title.items.filter(({ state }) => state === 'failed');
    for (const item of failed) Object.assign(item, { state: 'ready', failures: 0, deaths: 0 });
    this.#settle();
    return failed.length;
  }

  #add(title: ModelTitle, items: readonly NewItem[]): void {
    for (const { key, needs } of items)
      if (!title.items.some((item) => item.key === key))
        title.items.push({
          title,
          key,
          needs,
          state: 'waiting',
          isRetry: false,
          failures: 0,
          deaths: 0,
          epoch: 0,
          hasRunOut: false,
        });
    this.#settle();
  }

  #revive(title: ModelTitle): void {
    for (const item of title.items) if (item.state === 'cancelled') item.state = 'waiting';
    this.#settle();
  }

  /** What has all that it needs is ready, and titles of which nothing can be done any more have ended. */
  #settle(): void {
    for (const title of this.titles) {
      const isDone = (key: string) => title.items.some((item) => item.key === key && item.state === 'done');
      for (const item of title.items)
        if (item.state === 'waiting' && !item.isRetry && item.needs.every(isDone)) item.state = 'ready';
      if (title.state !== 'running' && title.state !== 'paused') continue;
      if (title.items.some(({ state, isRetry }) => state === 'ready' || state === 'running' || isRetry)) continue;
      title.state = title.items.every(({ state }) => state === 'done') ? 'done' : 'failed';
    }
  }
}

function holds(item: ModelItem, epoch: number): boolean {
  return item.state === 'running' && item.epoch === epoch;
}

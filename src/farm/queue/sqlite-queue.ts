// The queue on one machine: SQLite, which several processes may have open.

import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type {
  Attempt,
  Failure,
  ItemRecord,
  ItemStates,
  Json,
  Lease,
  LeasedItem,
  LeaseOptions,
  ReadyOptions,
  NewItem,
  NewTitle,
  Queue,
  TitleChange,
  TitleRecord,
  TitleToAdd,
} from '#core/queue';
import { transaction } from '#lab/catalogue-file';
import { addItems } from './add-items.ts';
import { changeTitle, deleteTitle, dueMs, retryFailed } from './change-title.ts';
import { completeItem, failItem, heldItem, releaseItem } from './end-attempts.ts';
import { whenFree } from './queue-file.ts';
import { rowToAttempt, rowToItem, rowToItemState, rowToTitle } from './queue-rows.ts';
import {
  DEFAULT_ATTEMPT_LIMIT,
  DEFAULT_ITEM_LIMIT,
  DEFAULT_TITLE_LIMIT,
  MAX_LEASE_MS,
  MAX_PREFIX_MATCHES,
  type QueueRules,
} from './queue-rules.ts';
import { QueueWrite, storeTimeMs } from './queue-write.ts';
import { Statements, type Row } from './statements.ts';
import { isAnyDue, mayTake, readyItems, takeBackExpired, takeBackFrom, takeItems } from './take-items.ts';

export class SqliteQueue implements Queue {
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #rules: QueueRules;
  readonly #sql: Statements;

  constructor(path: string, database: DatabaseSync, rules: QueueRules) {
    this.#path = path;
    this.#database = database;
    this.#rules = rules;
    this.#sql = new Statements(database);
  }

  async addTitle(title: NewTitle, items: readonly NewItem[]): Promise<void> {
    await this.addTitles([{ title, items }]);
  }

  async addTitles(titles: readonly TitleToAdd[]): Promise<void> {
    for (const { title, items } of titles) {
      // Nothing could ever end it.
      if (items.length === 0) throw new Error(`the title ${title.id} has no items`);
      dueMs(title.deadline);
    }
    if (titles.length === 0) return;
    await this.#write((write) => {
      for (const { title, items } of titles) this.#add(write, title, items);
    });
  }

  async titles(filter: Parameters<Queue['titles']>[0] = {}): Promise<TitleRecord[]> {
    const { where, values } = conditions([
      ['state = ?', filter.state],
      ['campaign = ?', filter.campaign],
    ]);
    return this.#read((sql) =>
      sql
        .all(
          `SELECT * FROM titles ${where} ORDER BY seq DESC LIMIT ? OFFSET ?`,
          ...values,
          filter.limit ?? DEFAULT_TITLE_LIMIT,
          filter.offset ?? 0,
        )
        .map(rowToTitle),
    );
  }

  async title(id: string): Promise<TitleRecord | null> {
    return this.#read(() => {
      const row = this.#titleRow(id);
      return row === null ? null : rowToTitle(row);
    });
  }

  async titlesByPrefix(prefix: string): Promise<string[]> {
    // `g` comes after every character of an id.
    return this.#read((sql) =>
      sql
        .all(
          'SELECT id FROM titles WHERE id >= ? AND id < ? ORDER BY id DESC LIMIT ?',
          prefix,
          `${prefix}g`,
          MAX_PREFIX_MATCHES,
        )
        .map((row) => row['id'] as string),
    );
  }

  async changeTitle(id: string, change: TitleChange): Promise<boolean> {
    return (await this.changeTitles([id], change)) === 1;
  }

  async changeTitles(ids: readonly string[], change: TitleChange): Promise<number> {
    if (ids.length === 0) return 0;
    return this.#write((write) => {
      let found = 0;
      for (const id of new Set(ids)) {
        const title = this.#titleRow(id);
        if (title === null) continue;
        changeTitle(write, title, change);
        found++;
      }
      return found;
    });
  }

  async deleteTitle(id: string): Promise<boolean> {
    return this.#write((write) => {
      const title = this.#titleRow(id);
      if (title !== null) deleteTitle(write, title['seq'] as number);
      return title !== null;
    });
  }

  async items(title: string, filter: Parameters<Queue['items']>[1] = {}): Promise<ItemRecord[]> {
    const { where, values } = conditions([
      ['title = (SELECT seq FROM titles WHERE id = ?)', title],
      ['state = ?', filter.state],
      ['kind = ?', filter.kind],
    ]);
    // The page is found in an index alone: the rows before it are not read.
    const index = filter.kind !== undefined && filter.state === undefined ? 'items_of_kind' : 'items_in_order';
    return this.#read((sql) =>
      sql
        .all(
          `SELECT items.*, needs, payload FROM items JOIN item_plans USING (id) WHERE id IN
             (SELECT id FROM items INDEXED BY ${index} ${where} ORDER BY id LIMIT ? OFFSET ?) ORDER BY id`,
          ...values,
          filter.limit ?? DEFAULT_ITEM_LIMIT,
          filter.offset ?? 0,
        )
        .map((row) => rowToItem(row, title)),
    );
  }

  async item(title: string, key: string): Promise<ItemRecord | null> {
    return this.#read((sql) => {
      const row = sql.first(
        `SELECT items.*, needs, payload FROM items JOIN item_plans USING (id)
         WHERE title = (SELECT seq FROM titles WHERE id = ?) AND key = ?`,
        title,
        key,
      );
      return row === null ? null : rowToItem(row, title);
    });
  }

  async attempts(title: string, limit: number = DEFAULT_ATTEMPT_LIMIT): Promise<Attempt[]> {
    return this.#read((sql) =>
      sql
        .all(
          `SELECT attempts.*, items.key, items.kind FROM attempts JOIN items ON items.id = attempts.item
           WHERE attempts.title = (SELECT seq FROM titles WHERE id = ?) ORDER BY epoch DESC LIMIT ?`,
          title,
          limit,
        )
        .map((row) => rowToAttempt(row, title))
        .reverse(),
    );
  }

  async attemptsAfter(title: string, epoch: number, limit: number): Promise<Attempt[]> {
    return this.#read((sql) =>
      sql
        .all(
          `SELECT attempts.*, items.key, items.kind FROM attempts JOIN items ON items.id = attempts.item
           WHERE attempts.title = (SELECT seq FROM titles WHERE id = ?) AND attempts.epoch > ? ORDER BY attempts.epoch LIMIT ?`,
          title,
          epoch,
          limit,
        )
        .map((row) => rowToAttempt(row, title)),
    );
  }

  async itemStates(title: string, after: number, limit: number): Promise<ItemStates> {
    return this.#read((sql) => {
      const rows = sql.all(
        `SELECT id, key, kind, state, cost_s FROM items INDEXED BY items_in_order
         WHERE title = (SELECT seq FROM titles WHERE id = ?) AND id > ? ORDER BY id LIMIT ?`,
        title,
        after,
        limit,
      );
      return {
        items: rows.map(rowToItemState),
        next: rows.length < limit ? null : (rows.at(-1)!['id'] as number),
      };
    });
  }

  async ready(options: ReadyOptions): Promise<ItemRecord[]> {
    if (options.max <= 0 || options.kinds?.length === 0) return [];
    if (await this.#read((sql) => isAnyDue(sql, storeTimeMs(sql), this.#rules))) await this.#write(takeBackExpired);
    return this.#read((sql) => readyItems(sql, options).map(({ row, title }) => rowToItem(row, title)));
  }

  async lease(worker: string, options: LeaseOptions): Promise<LeasedItem[]> {
    checkLeaseMs(options.leaseMs);
    if (options.max <= 0 || options.kinds?.length === 0 || options.only?.length === 0) return [];
    if (!(await this.#read((sql) => mayTake(sql, storeTimeMs(sql), this.#rules)))) return [];
    return this.#write((write) => {
      takeBackExpired(write);
      write.finish();
      return takeItems(write, worker, options);
    });
  }

  async nextReadyMs(): Promise<number | null> {
    return this.#read((sql) => {
      const lease = sql.first("SELECT min(lease_ms) AS next FROM items WHERE state = 'running'")!['next'];
      const retry = sql.first('SELECT min(retry_ms) AS next FROM items WHERE retry_ms IS NOT NULL')!['next'];
      const next = [lease, retry].filter((time) => time !== null) as number[];
      return next.length === 0 ? null : Math.max(0, Math.min(...next) - storeTimeMs(sql));
    });
  }

  async fix(lease: Lease, fixed: Json): Promise<Json> {
    return this.#write((write) => {
      const row = heldItem(write, lease);
      if (row === null) return null;
      if (row['fixed'] !== null) return JSON.parse(row['fixed'] as string) as Json;
      write.sql.run('UPDATE items SET fixed = ? WHERE id = ?', JSON.stringify(fixed), row['id']!);
      return fixed;
    });
  }

  async heartbeat(leases: readonly Lease[], leaseMs: number): Promise<Lease[]> {
    checkLeaseMs(leaseMs);
    return this.#write((write) =>
      leases.filter((lease) => {
        const row = heldItem(write, lease);
        if (row === null) return true;
        write.sql.run('UPDATE items SET lease_ms = ? WHERE id = ?', write.nowMs + leaseMs, row['id']!);
        return false;
      }),
    );
  }

  async complete(done: Parameters<Queue['complete']>[0]): Promise<Lease[]> {
    return this.#write((write) => done.filter((one) => !completeItem(write, one)).map(({ lease }) => lease));
  }

  async fail(failures: readonly Failure[]): Promise<Lease[]> {
    return this.#write((write) => failures.filter((failure) => !failItem(write, failure)).map(({ lease }) => lease));
  }

  async release(leases: readonly Lease[]): Promise<void> {
    await this.#write((write) => {
      for (const lease of leases) releaseItem(write, lease);
    });
  }

  async takeBack(title: string, isGone: (worker: string) => boolean): Promise<number> {
    return this.#write((write) => {
      const row = this.#titleRow(title);
      return row === null ? 0 : takeBackFrom(write, row['seq'] as number, isGone);
    });
  }

  async retryFailed(title: string): Promise<number> {
    return this.#write((write) => {
      const row = this.#titleRow(title);
      return row === null ? 0 : retryFailed(write, row);
    });
  }

  async changeCounter(): Promise<number> {
    // data_version grows with commits of others only, total_changes with our own: neither ever shrinks.
    return this.#read((sql) => {
      const others = sql.first('PRAGMA data_version')!['data_version'] as number;
      return others + (sql.first('SELECT total_changes() AS changes')!['changes'] as number);
    });
  }

  async close(): Promise<void> {
    this.#sql.forget();
    if (this.#database.isOpen) this.#database.close();
  }

  #add(write: QueueWrite, title: NewTitle, items: readonly NewItem[]): void {
    if (this.#titleRow(title.id) !== null) return;
    const seq = write.sql.insert(
      `INSERT INTO titles (id, name, priority, deadline, due, campaign, request, state, created_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?, 'running', ?)`,
      title.id,
      title.name,
      title.priority,
      title.deadline,
      dueMs(title.deadline),
      title.campaign,
      JSON.stringify(title.request),
      write.nowMs,
    );
    addItems(write, seq, items);
  }

  #titleRow(id: string): Row | null {
    return this.#sql.first('SELECT * FROM titles WHERE id = ?', id);
  }

  #read<Result>(work: (sql: Statements) => Result): Promise<Result> {
    return whenFree(this.#path, () => work(this.#sql));
  }

  /** All of it or nothing, the counters included. */
  #write<Result>(work: (write: QueueWrite) => Result): Promise<Result> {
    return whenFree(this.#path, () =>
      transaction(this.#database, () => {
        const write = new QueueWrite(this.#sql, this.#rules);
        const result = work(write);
        write.finish();
        return result;
      }),
    );
  }
}

function checkLeaseMs(leaseMs: number): void {
  if (!(leaseMs >= 0 && leaseMs <= MAX_LEASE_MS))
    throw new Error(`a lease of ${leaseMs} ms: it has to be 0 to ${MAX_LEASE_MS}`);
}

function conditions(tests: readonly (readonly [sql: string, value: string | undefined])[]): {
  readonly where: string;
  readonly values: SQLInputValue[];
} {
  const given = tests.filter(([, value]) => value !== undefined);
  return {
    where: given.length === 0 ? '' : `WHERE ${given.map(([sql]) => sql).join(' AND ')}`,
    values: given.map(([, value]) => value!),
  };
}

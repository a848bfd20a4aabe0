// Leasing: what ran out or came due goes back first, then the most urgent of what is ready is handed out.

import type { LeasedItem, LeaseOptions, ReadyOptions } from '#core/queue';
import { MAX_LEASE_MS, MAX_TAKEN_BACK, type QueueRules } from './queue-rules.ts';
import { rowToItem } from './queue-rows.ts';
import type { QueueWrite } from './queue-write.ts';
import type { Row, Statements } from './statements.ts';

/** True where `lease` may find something to do; reads only, so that idle workers hold up nobody. */
export function mayTake(sql: Statements, nowMs: number, rules: QueueRules): boolean {
  const row = sql.first("SELECT EXISTS (SELECT 1 FROM titles WHERE state = 'running' AND ready > 0) AS found");
  return row!['found'] === 1 || isAnyDue(sql, nowMs, rules);
}

/** True where a lease has run out, a retry has come due, or a clock that was set back has to be mended. */
export function isAnyDue(sql: Statements, nowMs: number, rules: QueueRules): boolean {
  const row = sql.first(
    `SELECT EXISTS (SELECT 1 FROM items WHERE state = 'running' AND lease_ms <= ?1)
         OR EXISTS (SELECT 1 FROM items WHERE state = 'running' AND lease_ms > ?2)
         OR EXISTS (SELECT 1 FROM items WHERE retry_ms IS NOT NULL AND retry_ms <= ?1)
         OR EXISTS (SELECT 1 FROM items WHERE retry_ms IS NOT NULL AND retry_ms > ?3) AS found`,
    nowMs,
    nowMs + MAX_LEASE_MS,
    nowMs + rules.retryCapMs,
  );
  return row!['found'] === 1;
}

/** Hands out what is ready. */
export function takeItems(write: QueueWrite, worker: string, options: LeaseOptions): LeasedItem[] {
  const { sql } = write;
  const ready = options.only === undefined ? readyItems(sql, options) : namedItems(sql, options.only, options);
  return ready.map(({ row, title }) => hand(write, row, title, worker, options.leaseMs));
}

interface ReadyRow {
  readonly row: Row;
  /** Id of its title. */
  readonly title: string;
}

/** What is ready, the most urgent first. */
export function readyItems(sql: Statements, options: ReadyOptions): ReadyRow[] {
  const ready: ReadyRow[] = [];
  for (const title of openTitles(sql, options)) {
    const left = options.max - ready.length;
    if (left <= 0) break;
    for (const row of readyOfTitle(sql, title['seq'] as number, left, options))
      ready.push({ row, title: title['id'] as string });
  }
  return ready;
}

/** Of the items that are named those that are ready. */
function namedItems(sql: Statements, names: NonNullable<LeaseOptions['only']>, { max }: LeaseOptions): ReadyRow[] {
  return names.slice(0, max).flatMap(({ title, key }) => {
    const row = sql.first(
      `SELECT items.*, needs, payload FROM items CROSS JOIN item_plans USING (id)
       WHERE title = (SELECT seq FROM titles WHERE id = ? AND state = 'running') AND key = ? AND state = 'ready'`,
      title,
      key,
    );
    return row === null ? [] : [{ row, title }];
  });
}

/** Titles that have something ready, the most urgent first: never more of them than items are wanted. */
function openTitles(sql: Statements, { max, kinds, title }: ReadyOptions): Row[] {
  if (title !== undefined) return sql.all("SELECT seq, id FROM titles WHERE id = ? AND state = 'running'", title);
  if (kinds === undefined)
    return sql.all(
      `SELECT seq, id FROM titles INDEXED BY open_titles WHERE state = 'running' AND ready > 0
       ORDER BY priority DESC, due, seq LIMIT ?`,
      max,
    );
  const rows = [...new Set(kinds)].flatMap((kind) =>
    sql.all(
      `SELECT lanes.title AS seq, titles.id AS id, lanes.priority AS priority, lanes.due AS due
       FROM lanes INDEXED BY open_lanes CROSS JOIN titles ON titles.seq = lanes.title
       WHERE lanes.is_open = 1 AND lanes.ready > 0 AND lanes.kind = ?
       ORDER BY lanes.priority DESC, lanes.due, lanes.title LIMIT ?`,
      kind,
      max,
    ),
  );
  const byTitle = new Map(rows.map((row) => [row['seq'] as number, row]));
  const of = (row: Row, column: string) => row[column] as number;
  return [...byTitle.values()].sort(
    (a, b) => of(b, 'priority') - of(a, 'priority') || of(a, 'due') - of(b, 'due') || of(a, 'seq') - of(b, 'seq'),
  );
}

/** The first ready items of a title in the order of its plan. */
function readyOfTitle(sql: Statements, title: number, max: number, { kinds }: ReadyOptions): Row[] {
  const lanes = sql
    .all('SELECT kind FROM lanes WHERE title = ? AND ready > 0', title)
    .filter(({ kind }) => kinds === undefined || kinds.includes(kind as string));
  // Each lane is read from its beginning, so that thousands of items of another kind need not be walked over.
  return lanes
    .flatMap(({ kind }) =>
      sql.all(
        `SELECT items.*, needs, payload FROM items INDEXED BY ready_items CROSS JOIN item_plans USING (id)
         WHERE title = ? AND kind = ? AND state = 'ready' ORDER BY id LIMIT ?`,
        title,
        kind!,
        max,
      ),
    )
    .sort((a, b) => (a['id'] as number) - (b['id'] as number))
    .slice(0, max);
}

function hand(write: QueueWrite, row: Row, title: string, worker: string, leaseMs: number): LeasedItem {
  const { sql, nowMs } = write;
  const id = row['id'] as number;
  const epoch = sql.insert(
    'INSERT INTO attempts (title, item, worker, ready_ms, began_ms) VALUES (?, ?, ?, min(?4, ?5), ?5)',
    row['title']!,
    id,
    worker,
    row['ready_ms']!,
    nowMs,
  );
  sql.run(
    "UPDATE items SET state = 'running', epoch = ?, worker = ?, lease_ms = ? WHERE id = ?",
    epoch,
    worker,
    nowMs + leaseMs,
    id,
  );
  write.move(row['title'] as number, row['kind'] as string, 'ready', 'running');
  const item = { ...rowToItem(row, title), state: 'running' as const, worker };
  return { lease: { title, key: item.key, epoch }, item };
}

/** Items whose lease ran out are anybody's again, and retries that came due are ready. */
export function takeBackExpired(write: QueueWrite): void {
  const { sql, nowMs, rules } = write;
  mendClock(write);
  const lost = sql.all(
    `SELECT id, title, kind, epoch, deaths, worker, lease_ms FROM items INDEXED BY leased_items
     WHERE state = 'running' AND lease_ms <= ? ORDER BY lease_ms LIMIT ?`,
    nowMs,
    MAX_TAKEN_BACK,
  );
  for (const row of lost) {
    const deaths = (row['deaths'] as number) + 1;
    const isPoison = deaths >= rules.maxDeaths;
    sql.run(
      `UPDATE attempts SET "end" = 'lost', ended_ms = max(began_ms, ?) WHERE epoch = ?`,
      row['lease_ms']!,
      row['epoch']!,
    );
    sql.run(
      'UPDATE items SET state = ?, deaths = ?, ready_ms = ?, lease_ms = NULL, error = coalesce(?, error) WHERE id = ?',
      isPoison ? 'failed' : 'ready',
      deaths,
      isPoison ? null : nowMs,
      isPoison
        ? `its workers died or fell silent ${deaths} times while they worked on it, the last was ${row['worker'] as string}`
        : null,
      row['id']!,
    );
    write.move(row['title'] as number, row['kind'] as string, 'running', isPoison ? 'failed' : 'ready');
  }
  const due = sql.all(
    `UPDATE items SET state = 'ready', ready_ms = ?1, retry_ms = NULL WHERE id IN
       (SELECT id FROM items INDEXED BY retried_items WHERE retry_ms IS NOT NULL AND retry_ms <= ?1 LIMIT ?2)
     RETURNING title, kind`,
    nowMs,
    MAX_TAKEN_BACK,
  );
  for (const row of due) write.move(row['title'] as number, row['kind'] as string, 'retrying', 'ready');
}

/**
 * Takes back what runs of a title in the hands of workers that are gone. That is no mark against the items: whoever goes on with a title by
 * hand wants them to be tried.
 */
export function takeBackFrom(write: QueueWrite, title: number, isGone: (worker: string) => boolean): number {
  const { sql, nowMs } = write;
  const held = sql.all(
    `SELECT id, kind, epoch, worker FROM items INDEXED BY leased_items WHERE state = 'running' AND title = ?`,
    title,
  );
  const lost = held.filter(({ worker }) => isGone(worker as string));
  for (const { id, kind, epoch } of lost) {
    sql.run(`UPDATE attempts SET "end" = 'lost', ended_ms = max(began_ms, ?) WHERE epoch = ?`, nowMs, epoch!);
    sql.run("UPDATE items SET state = 'ready', ready_ms = ?, lease_ms = NULL WHERE id = ?", nowMs, id!);
    write.move(title, kind as string, 'running', 'ready');
  }
  return lost.length;
}

/**
 * A clock that was set back makes leases and retries seem far away that were near: none may be farther than the longest
 * that there can be.
 */
function mendClock({ sql, nowMs, rules }: QueueWrite): void {
  const longestLease = nowMs + MAX_LEASE_MS;
  sql.run("UPDATE items SET lease_ms = ?1 WHERE state = 'running' AND lease_ms > ?1", longestLease);
  const longestRetry = nowMs + rules.retryCapMs;
  sql.run('UPDATE items SET retry_ms = ?1 WHERE retry_ms IS NOT NULL AND retry_ms > ?1', longestRetry);
}

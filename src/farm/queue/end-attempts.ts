// How the try of an item ends: done, failed, or given back. What a lost lease brings is refused.

import type { Attempt, Failure, Json, Lease, NewItem } from '#core/queue';
import { addItems } from './add-items.ts';
import { boundedError, retryWaitMs } from './queue-rules.ts';
import type { QueueWrite } from './queue-write.ts';
import type { Row } from './statements.ts';

/** The item that a lease is held of; null where the lease is lost. */
export function heldItem({ sql }: Pick<QueueWrite, 'sql'>, lease: Lease): Row | null {
  return sql.first(
    `SELECT items.id, items.title, items.kind, items.failures, items.fixed
     FROM attempts JOIN items ON items.id = attempts.item
     WHERE attempts.epoch = ?1 AND items.epoch = ?1 AND items.state = 'running' AND items.key = ?2`,
    lease.epoch,
    lease.key,
  );
}

/** Records a result and what it brings. False where the lease is lost: then nothing is recorded. */
export function completeItem(
  write: QueueWrite,
  done: { readonly lease: Lease; readonly result: Json; readonly add?: readonly NewItem[] },
): boolean {
  const row = heldItem(write, done.lease);
  if (row === null) return false;
  const { sql, nowMs } = write;
  const [id, title] = [row['id'] as number, row['title'] as number];
  sql.run(
    "UPDATE items SET state = 'done', result = ?, error = NULL, lease_ms = NULL WHERE id = ?",
    JSON.stringify(done.result),
    id,
  );
  endAttempt(write, done.lease, 'done');
  write.move(title, row['kind'] as string, 'running', 'done');
  const needing = sql.all(
    `UPDATE items SET needs_left = needs_left - 1 WHERE id IN (SELECT item FROM needs WHERE need = ?)
     RETURNING id, kind, needs_left`,
    id,
  );
  for (const next of needing) {
    if (next['needs_left'] !== 0) continue;
    sql.run("UPDATE items SET state = 'ready', ready_ms = ? WHERE id = ?", nowMs, next['id']!);
    write.move(title, next['kind'] as string, 'waiting', 'ready');
  }
  if (done.add !== undefined && done.add.length > 0) addItems(write, title, done.add);
  return true;
}

/** Sets an item aside, or lets it wait for its next try. False where the lease is lost. */
export function failItem(write: QueueWrite, { lease, reason, blame }: Failure): boolean {
  const row = heldItem(write, lease);
  if (row === null) return false;
  const failures = (row['failures'] as number) + 1;
  const isAside = blame === 'final' || failures >= write.rules.maxFailures;
  write.sql.run(
    'UPDATE items SET state = ?, failures = ?, error = ?, lease_ms = NULL, retry_ms = ? WHERE id = ?',
    isAside ? 'failed' : 'waiting',
    failures,
    boundedError(reason),
    isAside ? null : write.nowMs + retryWaitMs(failures, write.rules),
    row['id']!,
  );
  endAttempt(write, lease, 'failed');
  write.move(row['title'] as number, row['kind'] as string, 'running', isAside ? 'failed' : 'retrying');
  return true;
}

/** Gives an item back untouched; what is lost already is left alone. */
export function releaseItem(write: QueueWrite, lease: Lease): void {
  const row = heldItem(write, lease);
  if (row === null) return;
  write.sql.run(
    "UPDATE items SET state = 'ready', ready_ms = ?, lease_ms = NULL WHERE id = ?",
    write.nowMs,
    row['id']!,
  );
  endAttempt(write, lease, 'released');
  write.move(row['title'] as number, row['kind'] as string, 'running', 'ready');
}

/** A clock that was set back makes no try end before it began. */
function endAttempt({ sql, nowMs }: QueueWrite, { epoch }: Lease, end: NonNullable<Attempt['end']>): void {
  sql.run('UPDATE attempts SET "end" = ?, ended_ms = max(began_ms, ?) WHERE epoch = ?', end, nowMs, epoch);
}

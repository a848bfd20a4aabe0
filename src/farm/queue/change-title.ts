// What a person does with a title: pause, resume, reorder, cancel, delete, try again.

import type { TitleChange } from '#core/queue';
import type { TitleState } from '#core/title';
import type { QueueWrite } from './queue-write.ts';
import type { Row } from './statements.ts';

/** Where there is no deadline, it is far away. */
const NEVER_MS = Number.MAX_SAFE_INTEGER;

/** @throws Error where it is no date */
export function dueMs(deadline: string | null): number {
  if (deadline === null) return NEVER_MS;
  const due = Date.parse(deadline);
  if (Number.isNaN(due)) throw new Error(`the deadline ${deadline} is no date`);
  return due;
}

export function changeTitle(write: QueueWrite, title: Row, change: TitleChange): void {
  const { sql } = write;
  const seq = title['seq'] as number;
  const deadline = change.deadline === undefined ? (title['deadline'] as string | null) : change.deadline;
  sql.run(
    'UPDATE titles SET priority = ?, deadline = ?, due = ? WHERE seq = ?',
    change.priority ?? (title['priority'] as number),
    deadline,
    dueMs(deadline),
    seq,
  );
  const from = title['state'] as TitleState;
  const isChanged = change.state !== undefined && changeState(write, seq, from, change.state);
  if (change.reason !== undefined && (isChanged || change.state === undefined || change.state === from))
    sql.run('UPDATE titles SET reason = ? WHERE seq = ?', change.reason, seq);
  sql.run(
    `UPDATE lanes SET (priority, due, is_open) = (SELECT priority, due, state = 'running' FROM titles WHERE seq = ?1)
     WHERE title = ?1`,
    seq,
  );
}

/** False where that can't be: what is done stays done, and what failed is only cancelled or tried again. */
function changeState(write: QueueWrite, seq: number, from: TitleState, to: TitleState): boolean {
  const isUnderWay = from === 'running' || from === 'paused';
  switch (to) {
    case 'paused':
      if (from !== 'running') return false;
      setState(write, seq, 'paused', null);
      return true;
    case 'running':
      if (from !== 'paused' && from !== 'cancelled') return false;
      setState(write, seq, 'running', null);
      reviveCancelled(write, seq);
      write.touch(seq);
      return true;
    case 'done':
    case 'failed':
      if (!isUnderWay) return false;
      setState(write, seq, to, write.nowMs);
      cancelItems(write, seq);
      return true;
    case 'cancelled':
      if (!isUnderWay && from !== 'failed') return false;
      setState(write, seq, to, write.nowMs);
      cancelItems(write, seq);
      return true;
  }
}

function setState({ sql }: QueueWrite, seq: number, state: TitleState, endedMs: number | null): void {
  sql.run('UPDATE titles SET state = ?, reason = NULL, ended_ms = ? WHERE seq = ?', state, endedMs, seq);
}

/** Everything that is not done and has not failed; what runs loses its lease. */
function cancelItems(write: QueueWrite, seq: number): void {
  const { sql, nowMs } = write;
  sql.run(
    `UPDATE attempts SET "end" = 'lost', ended_ms = max(began_ms, ?2) WHERE epoch IN
       (SELECT epoch FROM items WHERE title = ?1 AND state = 'running')`,
    seq,
    nowMs,
  );
  const counts = sql.all(
    `SELECT CASE WHEN retry_ms IS NULL THEN state ELSE 'retrying' END AS counter, kind, count(*) AS count FROM items
     WHERE title = ? AND state IN ('waiting', 'ready', 'running') GROUP BY counter, kind`,
    seq,
  );
  sql.run(
    `UPDATE items SET state = 'cancelled', lease_ms = NULL, retry_ms = NULL
     WHERE title = ? AND state IN ('waiting', 'ready', 'running')`,
    seq,
  );
  for (const row of counts)
    write.move(
      seq,
      row['kind'] as string,
      row['counter'] as 'waiting' | 'ready' | 'running' | 'retrying',
      'cancelled',
      row['count'] as number,
    );
}

function reviveCancelled(write: QueueWrite, seq: number): void {
  const { sql, nowMs } = write;
  const counts = sql.all(
    `SELECT kind, needs_left = 0 AS is_ready, count(*) AS count FROM items
     WHERE title = ? AND state = 'cancelled' GROUP BY kind, is_ready`,
    seq,
  );
  sql.run(
    `UPDATE items SET state = iif(needs_left = 0, 'ready', 'waiting'), ready_ms = iif(needs_left = 0, ?2, NULL)
     WHERE title = ?1 AND state = 'cancelled'`,
    seq,
    nowMs,
  );
  for (const row of counts)
    write.move(
      seq,
      row['kind'] as string,
      'cancelled',
      row['is_ready'] === 1 ? 'ready' : 'waiting',
      row['count'] as number,
    );
}

/** Failed items begin anew, and with them what was cancelled when the title was ended as failed. Returns how many had failed. */
export function retryFailed(write: QueueWrite, title: Row): number {
  const { sql, nowMs } = write;
  const seq = title['seq'] as number;
  const state = title['state'] as TitleState;
  if (state === 'cancelled' || state === 'done') return 0;
  if (state === 'failed') {
    setState(write, seq, 'running', null);
    write.touch(seq);
    sql.run('UPDATE lanes SET is_open = 1 WHERE title = ?', seq);
    reviveCancelled(write, seq);
  }
  const failed = sql.all(
    `UPDATE items SET state = 'ready', ready_ms = ?, failures = 0, deaths = 0, error = NULL
     WHERE id IN (SELECT id FROM items INDEXED BY items_in_order WHERE title = ? AND state = 'failed')
     RETURNING kind`,
    nowMs,
    seq,
  );
  for (const row of failed) write.move(seq, row['kind'] as string, 'failed', 'ready');
  return failed.length;
}

/** With its items and their tries; what runs loses its lease. */
export function deleteTitle({ sql }: QueueWrite, seq: number): void {
  sql.run('DELETE FROM needs WHERE need IN (SELECT id FROM items WHERE title = ?)', seq);
  sql.run('DELETE FROM item_plans WHERE id IN (SELECT id FROM items WHERE title = ?)', seq);
  sql.run('DELETE FROM items WHERE title = ?', seq);
  sql.run('DELETE FROM attempts WHERE title = ?', seq);
  sql.run('DELETE FROM lanes WHERE title = ?', seq);
  sql.run('DELETE FROM titles WHERE seq = ?', seq);
}

// One write transaction of the queue: its time, and how many items it moved from state to state.

import type { ItemState } from '#core/queue';
import type { QueueRules } from './queue-rules.ts';
import type { Statements } from './statements.ts';

/** States as the counters of a title have them; `retrying` are those of the waiting that wait for time. */
type Counter = ItemState | 'retrying';

interface Moved {
  readonly counters: Map<Counter, number>;
  /** Change of the number of ready items, by kind. */
  readonly ready: Map<string, number>;
}

export class QueueWrite {
  readonly sql: Statements;
  readonly rules: QueueRules;
  /** The store's clock, UTC, ms: one time for all of the transaction. */
  readonly nowMs: number;
  readonly #moved = new Map<number, Moved>();

  constructor(sql: Statements, rules: QueueRules) {
    this.sql = sql;
    this.rules = rules;
    this.nowMs = storeTimeMs(sql);
  }

  /** Notes that items of a title went from one state to another; null where they are new. */
  move(title: number, kind: string, from: Counter | null, to: Counter, count = 1): void {
    const moved = this.#movedOf(title);
    if (from !== null) this.#add(moved, kind, from, -count);
    this.#add(moved, kind, to, count);
  }

  /** Looks at the title's end at the finish, though nothing of it may have moved. */
  touch(title: number): void {
    this.#movedOf(title);
  }

  /** Writes the counters, and ends the titles of which nothing is left to do. */
  finish(): void {
    for (const [title, moved] of this.#moved) {
      const change = (counter: Counter) => moved.counters.get(counter) ?? 0;
      for (const [kind, ready] of moved.ready)
        this.sql.run(
          `INSERT INTO lanes (title, kind, ready, priority, due, is_open)
           SELECT seq, ?2, ?3, priority, due, state = 'running' FROM titles WHERE seq = ?1
           ON CONFLICT (title, kind) DO UPDATE SET ready = ready + ?3`,
          title,
          kind,
          ready,
        );
      this.sql.run(
        `UPDATE titles SET waiting = waiting + ?, ready = ready + ?, running = running + ?, done = done + ?,
           failed = failed + ?, cancelled = cancelled + ?, retrying = retrying + ? WHERE seq = ?`,
        change('waiting') + change('retrying'),
        change('ready'),
        change('running'),
        change('done'),
        change('failed'),
        change('cancelled'),
        change('retrying'),
        title,
      );
      this.#endTitle(title);
    }
    this.#moved.clear();
  }

  /** A title has ended when nothing of it is ready, runs, or waits for time: what is left needs what has failed. */
  #endTitle(title: number): void {
    const row = this.sql.first(
      `SELECT failed, waiting FROM titles
       WHERE seq = ? AND state IN ('running', 'paused') AND ready + running + retrying = 0`,
      title,
    );
    if (row === null) return;
    const failed = row['failed'] as number;
    if (failed === 0 && row['waiting'] !== 0) return;
    this.sql.run(
      'UPDATE titles SET state = ?, reason = ?, ended_ms = ? WHERE seq = ?',
      failed > 0 ? 'failed' : 'done',
      failed > 0 ? this.#whyFailed(title, failed) : null,
      this.nowMs,
      title,
    );
    this.sql.run('UPDATE lanes SET is_open = 0 WHERE title = ?', title);
  }

  #whyFailed(title: number, count: number): string {
    const row = this.sql.first(
      `SELECT key, error FROM items WHERE id =
         (SELECT id FROM items INDEXED BY items_in_order WHERE title = ? AND state = 'failed' ORDER BY id LIMIT 1)`,
      title,
    )!;
    const [line] = (row['error'] as string).split('\n', 1);
    return `${row['key'] as string}: ${line}${count === 1 ? '' : ` (and ${count - 1} more)`}`;
  }

  #movedOf(title: number): Moved {
    let moved = this.#moved.get(title);
    if (moved === undefined) this.#moved.set(title, (moved = { counters: new Map(), ready: new Map() }));
    return moved;
  }

  #add(moved: Moved, kind: string, counter: Counter, count: number): void {
    moved.counters.set(counter, (moved.counters.get(counter) ?? 0) + count);
    if (counter === 'ready') moved.ready.set(kind, (moved.ready.get(kind) ?? 0) + count);
  }
}

/** SQLite's clock, UTC, ms. */
export function storeTimeMs(sql: Statements): number {
  return sql.first("SELECT CAST(round(unixepoch('subsec') * 1000) AS INTEGER) AS now")!['now'] as number;
}

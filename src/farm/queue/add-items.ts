// Items that are added to a title, with what they need.

import type { NewItem } from '#core/queue';
import type { QueueWrite } from './queue-write.ts';

/**
 * Adds items in their order; one whose key the title has already is left as it is.
 * @param title number of the title
 * @throws Error where an item needs one that is not there, or items need each other in a circle: a plan of ours is wrong
 */
export function addItems(write: QueueWrite, title: number, items: readonly NewItem[]): void {
  const { sql } = write;
  const first = (sql.first('SELECT max(id) AS id FROM items')!['id'] as number | null) ?? 0;
  const isNewTitle = sql.first('SELECT 1 FROM items WHERE title = ? LIMIT 1', title) === null;
  const known = (key: string) =>
    isNewTitle ? null : sql.first('SELECT id, state FROM items WHERE title = ? AND key = ?', title, key);

  const added = new Map<string, { readonly id: number; readonly item: NewItem }>();
  for (const item of items)
    if (!added.has(item.key) && known(item.key) === null) added.set(item.key, { id: first + added.size + 1, item });
  checkNoCircle(added);

  for (const { id, item } of added.values()) {
    let left = 0;
    for (const key of new Set(item.needs)) {
      let need = added.get(key)?.id;
      if (need === undefined) {
        const row = known(key);
        if (row === null) throw new Error(`the item ${item.key} needs ${key}, which is no item of its title`);
        if (row['state'] === 'done') continue;
        need = row['id'] as number;
      }
      sql.run('INSERT INTO needs (need, item) VALUES (?, ?)', need, id);
      left++;
    }
    const state = left === 0 ? 'ready' : 'waiting';
    sql.run(
      `INSERT INTO items (id, title, key, kind, state, needs_left, cost_s, ready_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      id,
      title,
      item.key,
      item.kind,
      state,
      left,
      item.costS,
      left === 0 ? write.nowMs : null,
    );
    sql.run(
      'INSERT INTO item_plans (id, needs, payload) VALUES (?, ?, ?)',
      id,
      JSON.stringify(item.needs),
      JSON.stringify(item.payload),
    );
    write.move(title, item.kind, null, state);
  }
}

/** Takes away what needs nothing that is left, again and again: what then remains goes round in a circle. */
function checkNoCircle(added: ReadonlyMap<string, { readonly item: NewItem }>): void {
  const seen = new Set<string>();
  let forward = false;
  for (const [key, { item }] of added) {
    forward ||= item.needs.some((need) => added.has(need) && !seen.has(need));
    seen.add(key);
  }
  // Nearly every plan names what is needed before what needs it, and then there is no circle.
  if (!forward) return;

  const left = new Map<string, number>();
  const neededBy = new Map<string, string[]>();
  for (const [key, { item }] of added) {
    const needs = [...new Set(item.needs)].filter((need) => added.has(need));
    left.set(key, needs.length);
    for (const need of needs) {
      const others = neededBy.get(need);
      if (others === undefined) neededBy.set(need, [key]);
      else others.push(key);
    }
  }
  const free = [...left].flatMap(([key, count]) => (count === 0 ? [key] : []));
  for (let key = free.pop(); key !== undefined; key = free.pop()) {
    left.delete(key);
    for (const other of neededBy.get(key) ?? []) {
      const count = left.get(other)! - 1;
      left.set(other, count);
      if (count === 0) free.push(other);
    }
  }
  const [stuck] = left.keys();
  if (stuck !== undefined) throw new Error(`the item ${stuck} needs itself, through other items`);
}

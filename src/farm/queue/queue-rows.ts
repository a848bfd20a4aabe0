// Rows of the queue and the records that they stand for.

import {
  ITEM_STATES,
  type Attempt,
  type ItemRecord,
  type ItemState,
  type ItemStates,
  type Json,
  type TitleRecord,
} from '#core/queue';
import type { TitleState } from '#core/title';
import type { Row } from './statements.ts';

export function rowToTitle(row: Row): TitleRecord {
  const items = Object.fromEntries(ITEM_STATES.map((state) => [state, row[state] as number]));
  const ended = row['ended_ms'] as number | null;
  return {
    id: row['id'] as string,
    name: row['name'] as string,
    priority: row['priority'] as number,
    deadline: row['deadline'] as string | null,
    campaign: row['campaign'] as string | null,
    request: JSON.parse(row['request'] as string) as Json,
    state: row['state'] as TitleState,
    reason: row['reason'] as string | null,
    createdAt: new Date(row['created_ms'] as number).toISOString(),
    endedAt: ended === null ? null : new Date(ended).toISOString(),
    items: items as Record<ItemState, number>,
  };
}

/** @param title the id of the title, which an item's row has only as a number */
export function rowToItem(row: Row, title: string): ItemRecord {
  return {
    title,
    key: row['key'] as string,
    kind: row['kind'] as string,
    needs: row['needs'] === '[]' ? [] : (JSON.parse(row['needs'] as string) as string[]),
    payload: JSON.parse(row['payload'] as string) as Json,
    costS: row['cost_s'] as number | null,
    state: row['state'] as ItemState,
    failures: row['failures'] as number,
    fixed: parsed(row['fixed'] as string | null),
    result: parsed(row['result'] as string | null),
    error: row['error'] as string | null,
    worker: row['worker'] as string | null,
  };
}

export function rowToItemState(row: Row): ItemStates['items'][number] {
  return {
    key: row['key'] as string,
    kind: row['kind'] as string,
    state: row['state'] as ItemState,
    costS: row['cost_s'] as number | null,
  };
}

export function rowToAttempt(row: Row, title: string): Attempt {
  return {
    title,
    key: row['key'] as string,
    kind: row['kind'] as string,
    epoch: row['epoch'] as number,
    worker: row['worker'] as string,
    readyAt: row['ready_ms'] as number,
    beganAt: row['began_ms'] as number,
    endedAt: row['ended_ms'] as number | null,
    end: row['end'] as Attempt['end'],
  };
}

function parsed(text: string | null): Json {
  return text === null ? null : (JSON.parse(text) as Json);
}

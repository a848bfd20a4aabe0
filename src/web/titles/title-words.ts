// Words and signs for states of titles and items, and figures of a title that are derived from its times.

import type { ItemState } from '#core/queue';
import type { TitleState } from '#core/title';
import type { StateCounts, TitleLine } from '#server/titles-wire';

export const TITLE_SIGNS: Readonly<Record<TitleState, string>> = {
  running: '◐',
  paused: '‖',
  done: '✓',
  failed: '✕',
  cancelled: '–',
};

/** As the letters of lanes have them; `mixed` is a dot of several items. */
export type DotState = ItemState | 'mixed';

export const DOT_STATES: Readonly<Record<string, DotState>> = {
  w: 'waiting',
  r: 'ready',
  R: 'running',
  d: 'done',
  f: 'failed',
  c: 'cancelled',
  m: 'mixed',
};

export const ITEM_SIGNS: Readonly<Record<DotState, string>> = {
  waiting: '·',
  ready: '○',
  running: '▶',
  done: '●',
  failed: '✕',
  cancelled: '–',
  mixed: '◐',
};

export function itemTotal(items: StateCounts): number {
  return Object.values(items).reduce((sum, count) => sum + count, 0);
}

/** `3 of 12 done, 2 running, 1 failed`. */
export function countWords(items: StateCounts): string {
  const others = (['running', 'failed', 'cancelled'] as const)
    .filter((state) => items[state] > 0)
    .map((state) => `, ${items[state]} ${state}`);
  return `${items.done} of ${itemTotal(items)} done${others.join('')}`;
}

/** Seconds from its arrival to its publishing; null before that. */
export function publishedAfterS({ state, createdAt, endedAt }: TitleLine): number | null {
  return state !== 'done' || endedAt === null ? null : (Date.parse(endedAt) - Date.parse(createdAt)) / 1000;
}

/** Minutes of source that an hour of wall time made into a published title; null before that. */
export function sourceMinutesAnHour(title: TitleLine): number | null {
  const tookS = publishedAfterS(title);
  return tookS === null || title.sourceS === null || tookS <= 0 ? null : (title.sourceS / tookS) * 60;
}

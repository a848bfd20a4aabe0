// What the pages of titles ask the server.

import type {
  ItemLine,
  ItemLines,
  TitleAction,
  TitleList,
  TitleTimeline,
  TitleView,
  Unchanged,
} from '#server/titles-wire';
import { read, type Range } from '../shell/api.ts';

const BUCKETS = 1_500;
/** Titles, and items, of one page of a list. */
export const TITLES_A_PAGE = 200;
export const ITEMS_A_PAGE = 100;

export const titlesApi = {
  /** @param since the counter of what is here already; null for all of it */
  list: (offset: number, since: number | null) =>
    read<TitleList | Unchanged>(fetch(`/api/v1/titles?${query({ limit: TITLES_A_PAGE, offset, since })}`)),
  title: (id: string, since: number | null) => read<TitleView | Unchanged>(fetch(`${of(id)}?${query({ since })}`)),
  /** @param range seconds after the first try; null for all */
  timeline: (id: string, range: Range | null) =>
    read<TitleTimeline>(
      fetch(`${of(id)}/timeline?${query({ from: range?.from ?? null, to: range?.to ?? null, buckets: BUCKETS })}`),
    ),
  items: (id: string, state: string | null, offset: number) =>
    read<ItemLines>(fetch(`${of(id)}/items?${query({ state, limit: ITEMS_A_PAGE, offset })}`)),
  item: (id: string, key: string) => read<ItemLine>(fetch(`${of(id)}/item?${query({ key })}`)),
  act: (id: string, action: TitleAction) => read<unknown>(fetch(`${of(id)}/${action}`, { method: 'POST' })),
  delete: (id: string) => read<unknown>(fetch(of(id), { method: 'DELETE' })),
};

function of(id: string): string {
  return `/api/v1/titles/${encodeURIComponent(id)}`;
}

function query(values: Readonly<Record<string, string | number | null>>): string {
  const given = Object.entries(values).filter(([, value]) => value !== null);
  return new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
}

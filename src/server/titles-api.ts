// Titles over HTTP. Nothing has a body: a title and an item go by names that the server has told before.

import { Hono } from 'hono';
import { ITEM_STATES } from '#core/queue';
import { finite, selection } from './query.ts';
import type { TitlePages } from './titles-pages.ts';
import { TITLE_ACTIONS } from './titles-wire.ts';

const MAX_TITLES = 1_000;
const MAX_ITEMS = 1_000;

export function titlesApi(titles: TitlePages) {
  return new Hono()
    .get('/titles', async (c) => {
      const { limit, offset } = pageOf(c.req.query(), MAX_TITLES);
      return c.json(await titles.list({ limit, offset, since: sinceOf(c.req.query('since')) }));
    })
    .get('/titles/:id', async (c) => {
      const view = await titles.title(c.req.param('id'), sinceOf(c.req.query('since')));
      return view === null ? c.json(noTitle(c.req.param('id')), 404) : c.json(view, 200);
    })
    .get('/titles/:id/timeline', selection, async (c) => {
      const timeline = await titles.timeline(c.req.param('id'), c.req.valid('query'));
      return timeline === null ? c.json(noTitle(c.req.param('id')), 404) : c.json(timeline, 200);
    })
    .get('/titles/:id/items', async (c) => {
      const { state, kind } = c.req.query();
      const known = ITEM_STATES.find((one) => one === state);
      return c.json(await titles.items(c.req.param('id'), { ...pageOf(c.req.query(), MAX_ITEMS), state: known, kind }));
    })
    .get('/titles/:id/item', async (c) => {
      const key = c.req.query('key') ?? '';
      const item = await titles.item(c.req.param('id'), key);
      return item === null ? c.json(problem(`this title has no item ${key}`), 404) : c.json(item, 200);
    })
    .post('/titles/:id/:action', async (c) => {
      const action = TITLE_ACTIONS.find((one) => one === c.req.param('action'));
      if (action === undefined) return c.json(problem(`a title can be asked to ${TITLE_ACTIONS.join(', ')}`), 404);
      const id = c.req.param('id');
      return (await titles.act(id, action)) ? c.json({ id, action }, 200) : c.json(noTitle(id), 404);
    })
    .delete('/titles/:id', async (c) => {
      const id = c.req.param('id');
      return (await titles.delete(id)) ? c.json({ id }, 200) : c.json(noTitle(id), 404);
    });
}

function pageOf(query: Readonly<Record<string, string>>, most: number): { limit: number; offset: number } {
  return {
    limit: Math.min(most, Math.max(1, Math.floor(finite('limit', query['limit'] ?? '200')))),
    offset: Math.max(0, Math.floor(finite('offset', query['offset'] ?? '0'))),
  };
}

function sinceOf(text: string | undefined): number | null {
  return text === undefined ? null : finite('since', text);
}

function noTitle(id: string) {
  return problem(`there is no title ${id} in this lab`);
}

function problem(what: string) {
  return { problems: [{ what }] };
}

// Titles over HTTP, on a queue with real items: what pages get, what may be asked for, and that looking makes nothing.

import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openQueue } from '#farm/queue/open-queue';
import type { Queue } from '#core/queue';
import { openTitles, QUEUE_FILE } from '#pipeline/titles';
import { titlesApi } from './titles-api.ts';
import { TitlePages } from './titles-pages.ts';
import type { ItemLines, TitleList, TitleTimeline, TitleView, Unchanged } from './titles-wire.ts';

const CHUNKS = 1_200;
let folder: string;
let pages: TitlePages;
let queue: Queue;
let id: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'encodelab-titles-'));
  pages = new TitlePages({ path: folder }, 'a-token');
});

afterAll(async () => {
  await pages.close();
  await queue.close();
  await rm(folder, { recursive: true });
});

const api = () => titlesApi(pages);
const get = async <T>(path: string) => (await (await api().request(path)).json()) as T;
const view = () => get<TitleView>(`/titles/${id}`);

test('a lab without titles has an empty list, and no queue is made by looking', async () => {
  expect(await get<TitleList>('/titles')).toMatchObject({ titles: [], more: false });
  expect((await api().request('/titles/none')).status).toBe(404);
  expect((await api().request('/titles/none', { method: 'DELETE' })).status).toBe(404);
  expect(existsSync(join(folder, QUEUE_FILE))).toBe(false);
});

test('a title is shown with its lanes, where many items share a dot, and only again when something has changed', async () => {
  const titles = await openTitles({ path: folder });
  const request = {
    version: 1 as const,
    source: '/films/film.mp4',
    identity: { size: 1, mtimeMs: 1 },
    ladder: { version: 1, name: 'l', gopS: 2, rungs: [], perTitle: null, audio: [], protection: 'none' },
    chunkS: null,
    out: null,
    accept: [],
  } as unknown as Parameters<typeof titles.add>[0]['request'];
  id = await titles.add({ name: 'film', request, priority: 1, deadline: null, campaign: null });
  await titles.close();
  queue = await openQueue(join(folder, QUEUE_FILE));
  const [inspect] = await queue.lease('w', { max: 1, leaseMs: 60_000 });
  const encodes = Array.from({ length: CHUNKS }, (_, chunk) => ({
    key: `encode/${String(chunk).padStart(5, '0')}/v1-h264-180`,
    kind: 'encode',
    needs: [],
    payload: { chunk, renditions: ['v1-h264-180'] },
    costS: 1,
  }));
  const result = { outputs: [], cpuS: 1, checkCpuS: null, facts: { durationS: 60 } };
  await queue.complete([{ lease: inspect!.lease, result, add: encodes }]);
  const leased = await queue.lease('w', { max: 11, leaseMs: 60_000 });
  const run = { rendition: 'v1-h264-180', hash: 'h', file: 'f', bytes: 7, frames: 1, run: 'run-1' };
  await queue.complete(leased.slice(0, 9).map(({ lease }) => ({ lease, result: { ...result, outputs: [run] } })));
  await queue.fail([{ lease: leased[10]!.lease, reason: 'the encode failed: no\nlog of it', blame: 'final' }]);

  const seen = await view();
  expect(seen.title).toMatchObject({ name: 'film', state: 'running', sourceS: 60 });
  expect(seen.lanes.map(({ kind, group }) => `${kind} ${group}`.trim())).toEqual(['inspect', 'encode v1-h264-180']);
  const lane = seen.lanes[1]!;
  expect(lane.counts).toMatchObject({ done: 9, running: 1, failed: 1, ready: CHUNKS - 11 });
  expect(lane.perCell).toBe(3);
  expect(lane.cells).toBe(`dddf${'r'.repeat(CHUNKS / 3 - 4)}`);
  expect(seen.running.map(({ key }) => key)).toEqual(['encode/00009/v1-h264-180']);
  expect(seen.failed[0]).toMatchObject({ key: 'encode/00010/v1-h264-180', error: 'the encode failed: no\nlog of it' });
  expect(seen.way.map(({ kind, count }) => [kind, count])).toEqual([
    ['inspect', 1],
    ['encode', 9],
  ]);
  expect(seen.leftS).not.toBeNull();
  expect(await get<Unchanged>(`/titles/${id}?since=${seen.counter}`)).toMatchObject({ unchanged: true });
});

test('items come a page at a time, by state, with their runs', async () => {
  const first = await get<ItemLines>(`/titles/${id}/items?limit=5&state=done`);
  expect(first.items.map(({ key }) => key)[0]).toBe('inspect');
  expect(first.more).toBe(true);
  expect(first.items[1]).toMatchObject({ state: 'done', bytes: 7, runs: ['run-1'] });
  const rest = await get<ItemLines>(`/titles/${id}/items?limit=5&offset=5&state=done`);
  expect([rest.items.length, rest.more]).toEqual([5, false]);
});

test('the timeline has a block a try, and fewer where they would be narrower than a pixel, but each failure', async () => {
  const fine = await get<TitleTimeline>(`/titles/${id}/timeline?buckets=10000`);
  const coarse = await get<TitleTimeline>(`/titles/${id}/timeline?buckets=1`);
  expect(fine.count.reduce((sum, count) => sum + count, 0)).toBe(12);
  expect(coarse.count.reduce((sum, count) => sum + count, 0)).toBe(12);
  expect(coarse.slot.length).toBeLessThanOrEqual(fine.slot.length);
  const failures = ({ end, ends }: TitleTimeline) => end.filter((one) => ends[one] === 'failed').length;
  expect([failures(fine), failures(coarse)]).toEqual([1, 1]);
});

test('a title is paused, resumed, retried, cancelled and deleted, and refuses what it is in no state for', async () => {
  const post = async (action: string) => api().request(`/titles/${id}/${action}`, { method: 'POST' });
  expect((await post('burn')).status).toBe(404);
  expect((await post('pause')).status).toBe(200);
  expect((await view()).title.state).toBe('paused');
  await expect(pages.act(id, 'pause')).rejects.toThrow('paused');
  expect((await post('resume')).status).toBe(200);
  await expect(pages.delete(id)).rejects.toThrow('being made');
  expect((await post('retry')).status).toBe(200);
  expect((await view()).title.items.failed).toBe(0);
  expect((await post('cancel')).status).toBe(200);
  expect((await view()).title).toMatchObject({ state: 'cancelled', reason: 'cancelled by its user' });
  expect((await api().request(`/titles/${id}`, { method: 'DELETE' })).status).toBe(200);
  expect((await api().request(`/titles/${id}`)).status).toBe(404);
});

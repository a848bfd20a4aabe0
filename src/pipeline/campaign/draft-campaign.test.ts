// What a campaign would do with a catalogue, in a real lab with a real queue; nothing is encoded.

import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import type { Json } from '#core/queue';
import type { Ladder } from '#core/title';
import { openLab } from '#lab/lab';
import { fileIdentity } from '#media/inspect-cache';
import { readRequest, type TitleRequest } from '../title-request.ts';
import { openTitles, type Titles, type TitleWish } from '../titles.ts';
import { campaignProgress } from './campaign-progress.ts';
import { campaignState, cancelCampaign, pauseCampaign, resumeCampaign, retryCampaign } from './change-campaign.ts';
import { startCampaign, type CampaignWish } from './start-campaign.ts';

const folder = mkdtempSync(join(tmpdir(), 'campaign-'));
const opened: Titles[] = [];
afterAll(async () => {
  for (const titles of opened) await titles.close().then(() => titles.lab.close());
  rmSync(folder, { recursive: true });
});

const LADDER: Ladder = {
  version: 1,
  name: 'old',
  gopS: 2,
  rungs: [],
  perTitle: null,
  audio: [],
  protection: 'none',
};
const NEW: Ladder = { ...LADDER, name: 'new', gopS: 4 };

let titles: Titles;
beforeEach(async () => {
  titles = await openTitles(await openLab(mkdtempSync(join(folder, 'lab-'))));
  opened.push(titles);
});

function source(name: string): string {
  const path = join(titles.lab.path, name);
  writeFileSync(path, name);
  return path;
}

async function wishOf(name: string, request: Partial<TitleRequest> = {}): Promise<TitleWish> {
  const path = join(titles.lab.path, name);
  const identity = await fileIdentity(path);
  const rest = { ladder: LADDER, chunkS: null, out: null, accept: [], ...request };
  return {
    name,
    request: { version: 1, source: path, identity, ...rest },
    priority: 100,
    deadline: null,
    campaign: null,
  };
}

/** A title that is done, with one item. */
async function made(name: string, request: Partial<TitleRequest> = {}, facts: Json = {}): Promise<string> {
  const id = await titles.add(await wishOf(name, request));
  await end(id, facts);
  return id;
}

async function end(title: string, facts: Json | null): Promise<void> {
  const [leased] = await titles.queue.lease('test', { max: 1, leaseMs: 60_000, title });
  const { lease } = leased!;
  if (facts === null) await titles.queue.fail([{ lease, reason: 'no luck', blame: 'final' }]);
  else await titles.queue.complete([{ lease, result: { outputs: [], cpuS: null, checkCpuS: null, facts } }]);
}

const start = (wish: Partial<CampaignWish> = {}) =>
  startCampaign(titles, { name: 'c', ladder: NEW, dryRun: false, ...wish });
const names = ({ draft }: Awaited<ReturnType<typeof start>>) => draft.wishes.map(({ name }) => name).toSorted();

test('everything that is not current is added once, at the place of the title before it', async () => {
  for (const name of ['a', 'b', 'c', 'd', 'gone']) source(name);
  const a = await made('a', { accept: ['gap'], chunkS: 30 });
  await made('b', { out: '/srv/b' });
  await made('c', { ladder: { ...NEW, name: 'another name' } });
  const d = await made('d');
  await made('gone');
  rmSync(join(titles.lab.path, 'gone'));
  await titles.add(await wishOf('d', { ladder: NEW }));

  const started = await start();
  expect(names(started)).toEqual(['a', 'b']);
  expect(started.draft).toMatchObject({
    sources: 5,
    skipped: { current: 1, underWay: 1, failed: 0 },
    gone: [join(titles.lab.path, 'gone')],
  });
  const added = await titles.queue.titles({ campaign: 'c' });
  expect(added.map(({ priority, state }) => [priority, state])).toEqual([
    [0, 'running'],
    [0, 'running'],
  ]);
  const requests = new Map(added.map(({ name, request }) => [name, readRequest(request)]));
  expect(requests.get('a')).toMatchObject({ ladder: NEW, accept: ['gap'], chunkS: 30, replaces: { id: a, name: 'a' } });
  expect(requests.get('b')).toMatchObject({ ladder: NEW, out: '/srv/b' });

  expect(names(await start({ ladder: undefined }))).toEqual([]);
  await end(added.find(({ name }) => name === 'a')!.id, {});
  expect((await start()).draft).toMatchObject({ wishes: [], skipped: { current: 2, underWay: 2 } });
  // The place of a title stays that of the first one.
  const next = await start({ name: 'next', ladder: LADDER, filter: ['name=a'] });
  expect(next.draft.wishes[0]!.request.replaces).toEqual({ id: a, name: 'a' });
  expect(d).not.toBe(a);
});

test('a source that was changed is not current', async () => {
  source('a');
  await made('a', { ladder: NEW });
  expect(names(await start({ dryRun: true }))).toEqual([]);
  utimesSync(join(titles.lab.path, 'a'), 1, 1);
  expect(names(await start({ dryRun: true }))).toEqual(['a']);
  expect(await titles.queue.titles({ campaign: 'c' })).toEqual([]);
});

test('only titles that are done are candidates, unless the filter asks for others', async () => {
  for (const name of ['a', 'b', 'c']) source(name);
  await made('a', {}, { durationS: 5400, video: [{ codec: 'h264', height: 720 }] });
  await end(await titles.add(await wishOf('a')), null);
  await end(await titles.add(await wishOf('b')), null);
  await made('c', {}, { durationS: 60, video: [{ codec: 'vp9', height: 1080 }] });
  const found = async (...filter: string[]) => names(await start({ filter, dryRun: true }));
  expect(await found()).toEqual(['a', 'c']);
  expect(await found('state=failed')).toEqual(['b']);
  expect(await found('state=done,failed')).toEqual(['a', 'b', 'c']);
  expect(await found('codec=h264')).toEqual(['a']);
  expect(await found('height>720')).toEqual(['c']);
  expect(await found('duration>1h', 'name=a')).toEqual(['a']);
  expect(await found('age>1d')).toEqual([]);
});

test('what was encrypted stays encrypted unless somebody asks for the clear', async () => {
  source('a');
  await made('a', { ladder: { ...LADDER, protection: 'cbcs' } });
  const kept = await start({ dryRun: true });
  expect(kept.draft.keptProtection).toBe(1);
  expect(kept.draft.wishes[0]!.request.ladder.protection).toBe('cbcs');
  const clear = await start({ dryRun: true, protection: 'none' });
  expect(clear.draft).toMatchObject({ keptProtection: 0 });
  expect(clear.draft.wishes[0]!.request.ladder.protection).toBe('none');
  const other = await start({ dryRun: true, ladder: { ...NEW, protection: 'cenc' } });
  expect(other.draft.wishes[0]!.request.ladder.protection).toBe('cenc');
});

test('a campaign is paused, resumed, tried again and cancelled as a whole, and tells how far it is', async () => {
  for (const name of ['a', 'b', 'c', 'd']) source(name);
  for (const name of ['a', 'b', 'c', 'd']) await made(name, {}, { durationS: 600 });
  const { campaign } = await start({ filter: ['name!=d'] });
  const [a, b] = (await titles.queue.titles({ campaign: 'c' })).map(({ id }) => id);
  expect(await pauseCampaign(titles, 'c')).toBe(3);
  expect(await campaignState(titles, 'c')).toBe('paused');
  expect(await titles.queue.lease('test', { max: 1, leaseMs: 1000 })).toEqual([]);
  const wider = await start({ filter: [] });
  expect([names(wider), wider.isPaused, await campaignState(titles, 'c')]).toEqual([['d'], true, 'paused']);
  expect(await resumeCampaign(titles, 'c')).toBe(4);

  await end(a!, {});
  await end(b!, null);
  const progress = await campaignProgress(titles, campaign);
  expect(progress).toMatchObject({
    state: 'running',
    titles: { done: 1, failed: 1, cancelled: 0, underWay: 0, waiting: 2 },
    sourceS: { done: 600, failed: 600, left: 1200 },
    unknownLengths: 0,
    failures: [{ title: b, reason: 'inspect: no luck' }],
  });
  expect((await start()).draft.skipped).toEqual({ current: 1, underWay: 2, failed: 1 });
  expect(await retryCampaign(titles, 'c')).toBe(1);
  expect(await cancelCampaign(titles, 'c')).toBe(3);
  expect(await campaignState(titles, 'c')).toBe('ended');
  expect((await campaignProgress(titles, campaign)).titles).toMatchObject({ done: 1, cancelled: 3 });
  expect(names(await start())).toEqual(['b', 'c', 'd']);
});

test('a campaign keeps its ladder, and has a name that is one', async () => {
  source('a');
  await made('a');
  await expect(start({ ladder: undefined })).rejects.toThrow('has no ladder yet');
  await start();
  await expect(start({ ladder: { ...NEW, gopS: 1 } })).rejects.toThrow('another ladder (new)');
  await expect(start({ filter: ['nome=a'] })).rejects.toThrow('Did you mean name?');
  for (const name of ['', '../c', 'a/b', '.c', 'a b'])
    await expect(start({ name })).rejects.toThrow("can't be the name of a campaign");
});

test('a large catalogue is gone over and added in few transactions', async () => {
  source('a');
  const wish = await wishOf('a');
  const wishes = Array.from({ length: 1_200 }, (_, i) => ({ ...wish, request: { ...wish.request, chunkS: i } }));
  const ids = await titles.addAll(wishes);
  expect(new Set(ids).size).toBe(1_200);
  const listed = await titles.queue.titles({ limit: 2_000 });
  expect(listed.map(({ id }) => id)).toEqual(ids.toReversed());
});

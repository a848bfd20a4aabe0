// How fast the queue is with 250,000 items and with 10,000 titles: enqueued, leased and completed, listed.
//   npm run bench queue [ITEMS] [TITLES]

import { mkdtemp, rm, stat } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NewItem, NewTitle, Queue } from '#core/queue';
import { openQueue } from '#farm/queue/open-queue';
import { newId } from '#system/clock';

const ITEMS = Number(process.argv[2] ?? 250_000);
const TITLES = Number(process.argv[3] ?? 10_000);
const BATCH = 250;
const LEASE_MS = 60_000;
/** Renditions of a chunk: each chunk's items are needed by as many items that join them. */
const RENDITIONS = 10;
const PAGE = 100;
const ROUNDS = 21;

const folder = await mkdtemp(join(tmpdir(), 'encodelab-bench-queue-'));
console.log(
  `| ${ITEMS.toLocaleString('en')} items, ${cpus().length} × ${cpus()[0]!.model} | measured | target |\n|---|--:|--:|`,
);
await oneTitle();
await manyTitles();
await rm(folder, { recursive: true });

async function oneTitle(): Promise<void> {
  const path = join(folder, 'one.sqlite');
  const queue = await openQueue(path);
  const title = newTitle();
  const items = plan(ITEMS);
  const enqueued = await timed(() => queue.addTitle(title, items));
  row('one title with all items enqueued, in one transaction', took(enqueued), '10 s');
  row('bytes of an item in the file', `${Math.round((await stat(path)).size / ITEMS)}`);
  await pages(queue, title.id, 'all ready');

  const half = items.length >> 1;
  const first = await timed(() => work(queue, half));
  rate('leased and completed, first half, batches of 250', half, first, '5,000/s');
  await pages(queue, title.id, 'half done');
  const held = (await queue.lease('bench', { max: BATCH, leaseMs: LEASE_MS })).map(({ lease }) => lease);
  row(`a heartbeat of ${BATCH} leases`, ms(await median(() => queue.heartbeat(held, LEASE_MS))));
  await queue.release(held);
  const left = await timed(() => work(queue, Infinity));
  rate('leased and completed, the other half', items.length - half, left, '5,000/s');
  const state = (await queue.title(title.id))!;
  if (state.state !== 'done' || state.items.done !== items.length) throw new Error('the title is not done');
  const deleted = await timed(() => queue.deleteTitle(title.id));
  row('the title deleted', took(deleted));
  await queue.close();
}

async function manyTitles(): Promise<void> {
  const queue = await openQueue(join(folder, 'many.sqlite'));
  const each = Math.ceil(ITEMS / TITLES);
  const enqueued = await timed(async () => {
    for (let i = 0; i < TITLES; i++) await queue.addTitle({ ...newTitle(), priority: i % 3 }, plan(each));
  });
  rate(`${TITLES.toLocaleString('en')} titles of ${each} items enqueued, one transaction each`, TITLES, enqueued);
  row('a page of 100 titles with their counters', ms(await median(() => queue.titles({ limit: PAGE }))), '50 ms');
  row('1,000 titles with their counters', ms(await median(() => queue.titles({ limit: 1_000 }))), '50 ms');
  row(
    'the last page of the titles that run',
    ms(await median(() => queue.titles({ state: 'running', limit: PAGE, offset: TITLES - PAGE }))),
    '50 ms',
  );
  const count = Math.min(ITEMS >> 2, 50_000);
  rate('leased and completed, of the most urgent titles', count, await timed(() => work(queue, count)), '5,000/s');
  const none = { max: BATCH, leaseMs: LEASE_MS, kinds: ['publish'] };
  row('a lease of a kind of which nothing is ready', ms(await median(() => queue.lease('bench', none))));
  row('a lease and its release', ms(await median(() => leaseAndRelease(queue))));
  await queue.close();
}

async function pages(queue: Queue, title: string, when: string): Promise<void> {
  const page = (filter: Parameters<Queue['items']>[1]) => median(() => queue.items(title, { limit: PAGE, ...filter }));
  row(`the title with its counters, ${when}`, ms(await median(() => queue.title(title))), '50 ms');
  row(`first page of 100 items, ${when}`, ms(await page({})), '50 ms');
  row(`last page, ${when}`, ms(await page({ offset: ITEMS - PAGE })), '50 ms');
  row(`failed items, of which there are none, ${when}`, ms(await page({ state: 'failed' })), '50 ms');
  row(`the joining items, ${when}`, ms(await page({ kind: 'assemble' })), '50 ms');
}

async function work(queue: Queue, count: number): Promise<void> {
  for (let done = 0; done < count;) {
    const leased = await queue.lease('bench', { max: Math.min(BATCH, count - done), leaseMs: LEASE_MS });
    if (leased.length === 0) return;
    const lost = await queue.complete(leased.map(({ lease }) => ({ lease, result: { outputs: [], cpuS: 1 } })));
    if (lost.length > 0) throw new Error(`${lost.length} leases were lost`);
    done += leased.length;
  }
}

async function leaseAndRelease(queue: Queue): Promise<void> {
  const leased = await queue.lease('bench', { max: 1, leaseMs: LEASE_MS });
  await queue.release(leased.map(({ lease }) => lease));
}

function newTitle(): NewTitle {
  return { id: newId(), name: 'bench', priority: 0, deadline: null, campaign: null, request: { source: 'clip.mp4' } };
}

/** Chunks of every rendition, and an item for each rendition that needs all of its chunks. */
function plan(count: number): NewItem[] {
  const renditions = Array.from({ length: Math.min(RENDITIONS, count - 1) }, (_, i) => `v${i}-h264-${(i + 1) * 120}`);
  const chunks: NewItem[] = Array.from({ length: count - renditions.length }, (_, i) => ({
    key: `encode/${String(Math.floor(i / renditions.length)).padStart(5, '0')}/${renditions[i % renditions.length]}`,
    kind: 'encode',
    needs: [],
    payload: { chunk: i, renditions: [renditions[i % renditions.length]!] },
    costS: 12.5,
  }));
  const joining = renditions.map((rendition, index) => ({
    key: `assemble/${rendition}`,
    kind: 'assemble',
    needs: chunks.filter((_, i) => i % renditions.length === index).map(({ key }) => key),
    payload: null,
    costS: null,
  }));
  return [...chunks, ...joining];
}

interface Took {
  readonly wallS: number;
  /** Of this process: what remains comparable on a machine that does other work. */
  readonly cpuS: number;
}

async function timed(work: () => Promise<unknown>): Promise<Took> {
  const cpu = process.cpuUsage();
  const began = performance.now();
  await work();
  const wallS = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { wallS, cpuS: (user + system) / 1e6 };
}

async function median(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) times.push((await timed(work)).wallS * 1000);
  return times.toSorted((a, b) => a - b)[ROUNDS >> 1]!;
}

function ms(value: number): string {
  return `${value.toFixed(value < 1 ? 2 : 1)} ms`;
}

function took({ wallS, cpuS }: Took): string {
  return `${wallS.toFixed(1)} s (${cpuS.toFixed(1)} s CPU)`;
}

function rate(what: string, count: number, { wallS, cpuS }: Took, target = ''): void {
  const perS = (seconds: number) => Math.round(count / seconds).toLocaleString('en');
  row(what, `${perS(wallS)}/s (${perS(cpuS)} a CPU second)`, target);
}

function row(what: string, measured: string, target = ''): void {
  console.log(`| ${what} | ${measured} | ${target} |`);
}

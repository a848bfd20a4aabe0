import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Indicator } from '#core/indicator';
import { STEPS } from '#core/recording';
import { openLab, type Lab } from '#lab/lab';
import { monotonicUs } from '#system/clock';
import { LivePage } from '../../test/live/live-page.ts';
import { WireAgent, type WireAgentOptions } from '../../test/live/wire-agent.ts';
import { startServer, type RunningServer } from './start-server.ts';

let folder: string;
let lab: Lab;
let server: RunningServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'encodelab-stream-'));
  lab = await openLab(folder);
  server = await startServer({ lab, port: 0, live: { lab, version: 'test' } });
});

afterAll(async () => {
  await server.close();
  await lab.close();
  await rm(folder, { recursive: true });
});

const named = (name: string): Indicator => ({ name, unit: '1', description: name });
const busy = named('cpu.busy');
const memory = named('memory.used');

async function agent(options: WireAgentOptions): Promise<WireAgent> {
  const made = new WireAgent(server.address, server.token, options);
  onTestFinished(() => made.close());
  await made.welcomed;
  // Rows at no known time are on no chart.
  await until(() => stateOf(options.role)?.clock?.errorUs !== undefined);
  return made;
}

const stateOf = (name: string) => server.collector!.state().agents.find((known) => known.name === name);

async function until(test: () => boolean): Promise<void> {
  const end = Date.now() + 30_000;
  while (!test()) {
    if (Date.now() > end) throw new Error('waited too long');
    await sleep(10);
  }
}

async function openPage(): Promise<LivePage> {
  const page = new LivePage(server.address, { authorization: `Bearer ${server.token}` });
  onTestFinished(() => page.socket.terminate());
  return page.opened();
}

test('a page gets the state at once, and what it asked for with times of the collector, whatever the clock of the agent', async () => {
  const guest = await agent({ role: 'shifted', indicators: [busy, memory], aheadUs: 7_000_000_000 });
  const page = await openPage();
  await page.until('the state', () => page.all('state').length > 0);
  expect(page.all('state')[0]!.state.agents.map(({ name }) => name)).toContain('shifted');

  page.ask({ indicators: ['shifted/cpu.busy', 'shifted/none', 'nobody/cpu.busy'] });
  await sleep(100);
  const beforeS = (monotonicUs() - server.collector!.epochUs) / 1e6;
  guest.sample([
    [0, 1.5],
    [1, 99],
  ]);
  await page.until('a sample', () => page.values('shifted/cpu.busy').length > 0);
  const [series, ...more] = page.all('series');
  expect(series).toMatchObject({ agent: 'shifted', indicator: 'cpu.busy', value: Float64Array.of(1.5) });
  expect(series!.timeS[0]).toBeGreaterThan(beforeS - 0.5);
  expect(series!.timeS[0]).toBeLessThan(beforeS + 5);
  expect(more).toEqual([]);
});

test('the past comes once for what is new, and nothing twice', async () => {
  const guest = await agent({ role: 'past', indicators: [busy, memory] });
  for (let n = 1; n <= 5; n++)
    guest.sample([
      [0, n],
      [1, -n],
    ]);
  await until(() => guest.acked === 5);
  const page = await openPage();
  page.ask({ indicators: ['past/cpu.busy'], pastS: 60 });
  guest.sample([
    [0, 6],
    [1, -6],
  ]);
  await page.until('six values', () => page.values('past/cpu.busy').length === 6);
  page.ask({ indicators: ['past/cpu.busy', 'past/memory.used'], pastS: 60 });
  await page.until('the other six', () => page.values('past/memory.used').length === 6);
  guest.sample([
    [0, 7],
    [1, -7],
  ]);
  await page.until('one more', () => page.values('past/memory.used').length === 7);
  expect(page.values('past/cpu.busy')).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(page.values('past/memory.used')).toEqual([-1, -2, -3, -4, -5, -6, -7]);
});

test('frames and steps come to whoever asked for them, with durations in milliseconds', async () => {
  const guest = await agent({ role: 'framer', indicators: [] });
  const page = await openPage();
  const other = await openPage();
  page.ask({ frames: true });
  await sleep(100);
  const atUs = guest.nowUs();
  guest.frames('video', 10, [atUs, atUs + 16_667], 1234);
  guest.steps('video', 'encode', 10, [atUs, atUs + 16_667], 2500);
  guest.steps('video', 'send', 10, [atUs], -1);
  await page.until('steps', () => page.all('steps').length > 0 && page.all('frames').length > 0);
  expect(page.all('frames')[0]).toMatchObject({
    stream: 'video',
    frame: Int32Array.of(10, 11),
    bytes: Int32Array.of(1234, 1234),
  });
  const steps = page.all('steps');
  expect(steps.flatMap(({ step }) => [...step])).toEqual([
    STEPS.indexOf('encode'),
    STEPS.indexOf('encode'),
    STEPS.indexOf('send'),
  ]);
  expect(steps.flatMap(({ durationMs }) => [...durationMs])).toEqual([2.5, 2.5, NaN]);
  expect(steps[0]!.role).toBe('framer');
  expect(other.all('frames')).toEqual([]);
});

test('a message of the feed reaches every page, and so does its end', async () => {
  const pages = [await openPage(), await openPage()];
  server.collector!.say('operator', '!look here');
  for (const page of pages) {
    await page.until('the message', () =>
      page.all('feed').some(({ messages }) => messages.some(({ text }) => text === '!look here')),
    );
  }
  server.collector!.clearFeed();
  for (const page of pages) await page.until('the end', () => page.all('feed').some(({ cleared }) => cleared));
});

test('a page that reads nothing is thinned out and told so, another gets every row, and it recovers', async () => {
  const guest = await agent({ role: 'busy', indicators: Array.from({ length: 100 }, (_, n) => named(`i${n}`)) });
  const keys = Array.from({ length: 100 }, (_, n) => `busy/i${n}`);
  const slow = await openPage();
  const quick = await openPage();
  for (const page of [slow, quick]) page.ask({ indicators: keys });
  await sleep(200);
  // Nothing is read from the socket: its window closes, and the server's buffer grows.
  slow.socket.pause();
  let sent = 0;
  const send = () => {
    // 5,000 rows at once, 15,000 of each indicator in all: 24 MB.
    const times = 50;
    const indicator = new Uint16Array(100 * times).map((_, row) => row % 100);
    const value = new Float64Array(100 * times).map((_, row) => sent + Math.floor(row / 100));
    const timeUs = new Float64Array(100 * times).fill(guest.nowUs());
    guest.batch({ series: [{ agent: 'busy', indicator, timeUs, value }] });
    sent += times;
  };
  for (let n = 0; n < 300; n++) {
    send();
    await sleep(8);
  }
  await quick.until('every row', () => quick.values('busy/i7').length === sent);
  expect(quick.values('busy/i7')).toEqual(Array.from({ length: sent }, (_, n) => n));
  expect(quick.all('thinned')).toEqual([]);
  slow.socket.resume();
  await sleep(500);
  // What waited for it here and in the kernel's buffers was bounded: most of it was never kept for it.
  expect(slow.bytes).toBeLessThan(quick.bytes / 2);
  await slow.until('to be told', () => slow.all('thinned').some(({ every }) => every > 1));
  const end = Date.now() + 60_000;
  while (slow.all('thinned').at(-1)!.every > 1 && Date.now() < end) {
    send();
    await sleep(50);
  }
  expect(slow.all('thinned').at(-1)!.every).toBe(1);
  // A long past is many bytes at once, and no sign of a slow page.
  const late = await openPage();
  late.ask({ indicators: keys, pastS: 300 });
  await late.until('the past', () => late.values('busy/i99').length > 4_000);
  expect(late.values('busy/i99').length).toBeLessThanOrEqual(10_000);
  await sleep(300);
  expect(late.all('thinned')).toEqual([]);
  expect(slow.values('busy/i7').length).toBeLessThan(sent);
  const at = slow.messages.length;
  send();
  const last = sent - 1;
  await slow.until('all rows again', () => slow.values('busy/i7').at(-1) === last);
  const fresh = slow.messages
    .slice(at)
    .flatMap((message) => (message.type === 'series' && message.indicator === 'i7' ? [...message.value] : []));
  expect(fresh.slice(-50)).toEqual(Array.from({ length: 50 }, (_, n) => sent - 50 + n));
});

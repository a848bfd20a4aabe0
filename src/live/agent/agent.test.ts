import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { AGENT_WIRE_VERSION } from '#live/agent-wire';
import { SmallCollector } from '../../../test/live/small-collector.ts';
import { startAgent, type TestAgent } from '../../../test/live/start-agent.ts';

const folder = mkdtempSync(join(tmpdir(), 'agent-probes-'));
/** Reports 0, 1, 2 …: what is missing or came twice is seen. */
const counter = join(folder, 'counter.mjs');
writeFileSync(
  counter,
  `export const indicators = [{ name: 'count', unit: '1', description: 'counts up' }];
export function start({ report }) { let n = 0; setInterval(() => report({ count: n++ }), 10); }`,
);
afterAll(() => rmSync(folder, { recursive: true }));

let collector: SmallCollector;
let agent: TestAgent | null = null;
beforeEach(async () => {
  collector = new SmallCollector();
  await collector.open();
});
afterEach(async () => {
  await agent?.stop();
  agent = null;
  await collector.vanish();
});

const until = (what: () => boolean, timeout = 15_000) => expect.poll(what, { timeout, interval: 10 }).toBe(true);
const upTo = (length: number) => Array.from({ length }, (_, n) => n);

test('it says who it is, and its rows come by the interval', async () => {
  agent = await startAgent(collector);
  await until(() => collector.valuesOf('cpu.busy').length >= 5);
  const [hello] = collector.hellos;
  expect(hello).toMatchObject({ name: 'guest', role: 'guest', pid: process.pid, allowsHooks: false, oldestBatch: 1 });
  expect(hello!.parts).toEqual(['sender', 'relay', 'receiver']);
  expect(collector.valuesOf('memory.used').at(-1)).toBeGreaterThan(1e6);
  expect(collector.batches.map(({ number }) => number)).toEqual(upTo(collector.batches.length).map((n) => n + 1));
  expect(collector.batches.at(-1)!.lostRows).toBe(0);
});

test('a ping is answered with the times of the agent at which it came and was answered', async () => {
  agent = await startAgent(collector);
  await until(() => collector.batches.length > 0);
  for (let id = 1; id <= 5; id++) collector.send({ kind: 'ping', id });
  await until(() => collector.pongs.length === 5);
  expect(collector.pongs.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5]);
  for (const { receivedUs, sentUs } of collector.pongs) expect(sentUs).toBeGreaterThanOrEqual(receivedUs);
});

test('a collector that vanishes at random moments gets every row once, in order', async () => {
  agent = await startAgent(collector, { probes: [counter] });
  await until(() => collector.valuesOf('count').length > 5);
  const outage = fc.record({
    afterMs: fc.integer({ min: 0, max: 250 }),
    awayMs: fc.integer({ min: 0, max: 500 }),
    silent: fc.boolean(),
  });
  for (const { afterMs, awayMs, silent } of fc.sample(outage, 8)) {
    // Some batches come and are kept while their acknowledgement gets lost.
    collector.acknowledges = !silent;
    await sleep(afterMs);
    await collector.vanish();
    await sleep(awayMs);
    collector.acknowledges = true;
    const { length } = collector.batches;
    const hellos = collector.hellos.length;
    await collector.open();
    await until(() => collector.hellos.length > hellos && collector.batches.length > length);
  }
  const { length } = collector.valuesOf('count');
  await until(() => collector.valuesOf('count').length > length + 10);
  const counted = collector.valuesOf('count');
  expect(counted).toEqual(upTo(counted.length));
  expect(collector.problems).toEqual([]);
  expect(collector.batches.map(({ number }) => number)).toEqual(upTo(collector.batches.length).map((n) => n + 1));
  expect(new Set(collector.hellos.map(({ instance }) => instance)).size).toBe(1);
});

test('while the collector is away long its spool goes to disk, gives up the oldest at its bound, and counts them', async () => {
  agent = await startAgent(collector, { intervalMs: 10, probes: [counter], spoolBytes: 64 * 1024 });
  await until(() => collector.valuesOf('count').length > 5);
  await collector.vanish();
  const before = collector.batches.length;
  await until(() => agent!.files().some((name) => name.endsWith('.batches')));
  await sleep(1500);
  await collector.open();
  await until(() => collector.batches.length > before + 20);
  const { lostRows, number } = collector.batches.at(-1)!;
  const missing = number - collector.batches.length;
  expect(missing).toBeGreaterThan(0);
  expect(lostRows).toBeGreaterThan(missing);
  expect(collector.hellos.at(-1)!.oldestBatch).toBeGreaterThan(before + 1);
  expect(collector.problems).toEqual([]);
  const counted = collector.valuesOf('count');
  expect(new Set(counted).size).toBe(counted.length);
});

test('a batch that the collector never takes is given up and counted, and the others follow', async () => {
  agent = await startAgent(collector, { probes: [counter] });
  await until(() => collector.valuesOf('count').length > 5);
  const wrong = collector.batches.length + 3;
  collector.refuses = ({ number }) => number === wrong;
  await until(() => collector.batches.at(-1)!.number > wrong + 3);
  expect(collector.batches.some(({ number }) => number === wrong)).toBe(false);
  expect(collector.batches.at(-1)!.number).toBe(collector.batches.length + 1);
  expect(collector.batches.at(-1)!.lostRows).toBeGreaterThan(0);
  expect(collector.problems).toEqual([]);
});

test.for([
  ['an older', AGENT_WIRE_VERSION - 1, "update encodelab on the collector's machine"],
  ['a newer', AGENT_WIRE_VERSION + 1, "update encodelab on the agent's machine"],
] as const)('%s collector is told apart, and the agent ends with what to do', async ([, version, words]) => {
  collector.greeting = ({ name }) => ({ kind: 'welcome', version, name, nextBatch: 1 });
  agent = await startAgent(collector);
  const end = await agent.ended;
  expect(end.ok).toBe(false);
  expect(end.reason).toContain(words);
});

test('a refusal for good ends the agent with its reason; one for now does not', async () => {
  collector.greeting = () => ({ kind: 'refuse', reason: 'not now', retry: true });
  agent = await startAgent(collector);
  await until(() => collector.hellos.length >= 2);
  expect(agent.news).toEqual([expect.stringContaining('not now')]);
  collector.greeting = () => ({ kind: 'refuse', reason: 'never again', retry: false });
  await expect(agent.ended).resolves.toEqual({ ok: false, reason: expect.stringContaining('never again') });
});

test('a wrong token ends the agent with which one is wanted', async () => {
  agent = await startAgent(collector, { token: 'another' });
  const end = await agent.ended;
  expect(end.reason).toMatch(/does not take this token.*server-token/);
});

test('a stranger on the port of a collector that it knew does not end it', async () => {
  agent = await startAgent(collector);
  await until(() => collector.batches.length > 0);
  await collector.vanish();
  const stranger = new SmallCollector();
  stranger.port = collector.port;
  Object.assign(stranger, { token: 'of another lab' });
  await stranger.open();
  await until(() => agent!.news.some((text) => text.includes('does not take this token')));
  await stranger.vanish();
  const { length } = collector.batches;
  await collector.open();
  await until(() => collector.batches.length > length);
});

test('an agent waits for a collector that is not there yet, and tells it once', async () => {
  await collector.vanish();
  agent = await startAgent(collector);
  await sleep(1200);
  expect(agent.news).toEqual([expect.stringContaining('nothing listens at 127.0.0.1')]);
  await collector.open();
  await until(() => collector.batches.length > 0);
  expect(collector.batches[0]!.number).toBe(1);
});

test('garbage from the collector ends connections at most, never the agent', async () => {
  agent = await startAgent(collector);
  await until(() => collector.batches.length > 0);
  const rubbish = fc.oneof(
    fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
    fc.string(),
    fc.constantFrom('{"kind":"welcome"}', Buffer.alloc(5 * 1024 * 1024, 0x91), Buffer.alloc(0)),
  );
  for (const one of fc.sample(rubbish, 120)) {
    await until(() => collector.socket?.readyState === 1);
    collector.socket!.send(one);
  }
  for (const name of ['part', 'start-part', 'stress', 'fetch', 'hook', 'nonsense', 7]) {
    await until(() => collector.socket?.readyState === 1);
    const answer = await Promise.race([collector.command({ name } as never), sleep(500, null)]);
    if (answer !== null) expect(answer.ok).toBe(false);
  }
  const { length } = collector.batches;
  await until(() => collector.batches.length > length + 3);
  expect(collector.problems).toEqual([]);
});

test('at its end it sends what it measured last and leaves no file behind', async () => {
  // What the sampler has is not due for seconds.
  agent = await startAgent(collector, { intervalMs: 10_000 });
  await until(() => agent!.news.length === 1);
  expect(collector.batches).toEqual([]);
  expect(agent.files()).not.toEqual([]);
  const left = await agent.stop();
  agent = null;
  expect(left).toEqual([]);
  expect(collector.valuesOf('memory.used').length).toBeGreaterThan(0);
});

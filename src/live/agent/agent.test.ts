import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { AGENT_WIRE_VERSION } from '#live/agent-wire';
import { AgentBench } from '../../../test/live/agent-bench.ts';
import { SmallCollector } from '../../../test/live/small-collector.ts';

const folder = mkdtempSync(join(tmpdir(), 'agent-probes-'));
/** Reports 0, 1, 2 …: what is missing or came twice is seen. */
const counter = join(folder, 'counter.mjs');
writeFileSync(
  counter,
  `export const indicators = [{ name: 'count', unit: '1', description: 'counts up' }];
export function start({ report }) { let n = 0; setInterval(() => report({ count: n++ }), 10); }`,
);
afterAll(() => rmSync(folder, { recursive: true }));

const bench = AgentBench.forEach();

const until = (what: () => boolean, timeout = 30_000) => expect.poll(what, { timeout, interval: 10 }).toBe(true);
const upTo = (length: number) => Array.from({ length }, (_, n) => n);

test('it says who it is, and its rows come by the interval', async () => {
  await bench.start();
  await until(() => bench.collector.valuesOf('cpu.busy').length >= 5);
  const [hello] = bench.collector.hellos;
  expect(hello).toMatchObject({ name: 'guest', role: 'guest', pid: process.pid, allowsHooks: false, oldestBatch: 1 });
  expect(hello!.parts).toEqual(['sender', 'relay', 'receiver']);
  expect(bench.collector.valuesOf('memory.used').at(-1)).toBeGreaterThan(1e6);
  expect(bench.collector.batches.map(({ number }) => number)).toEqual(
    upTo(bench.collector.batches.length).map((n) => n + 1),
  );
  expect(bench.collector.batches.at(-1)!.lostRows).toBe(0);
});

test('a ping is answered with the times of the agent at which it came and was answered', async () => {
  await bench.start();
  await until(() => bench.collector.batches.length > 0);
  for (let id = 1; id <= 5; id++) bench.collector.send({ kind: 'ping', id });
  await until(() => bench.collector.pongs.length === 5);
  expect(bench.collector.pongs.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5]);
  for (const { receivedUs, sentUs } of bench.collector.pongs) expect(sentUs).toBeGreaterThanOrEqual(receivedUs);
});

test('a collector that vanishes at random moments gets every row once, in order', async () => {
  await bench.start({ probes: [counter] });
  await until(() => bench.collector.valuesOf('count').length > 5);
  const outage = fc.record({
    afterMs: fc.integer({ min: 0, max: 250 }),
    awayMs: fc.integer({ min: 0, max: 500 }),
    silent: fc.boolean(),
  });
  for (const { afterMs, awayMs, silent } of fc.sample(outage, 8)) {
    // Some batches come and are kept while their acknowledgement gets lost.
    bench.collector.acknowledges = !silent;
    await sleep(afterMs);
    await bench.collector.vanish();
    await sleep(awayMs);
    bench.collector.acknowledges = true;
    const { length } = bench.collector.batches;
    const hellos = bench.collector.hellos.length;
    await bench.collector.open();
    await until(() => bench.collector.hellos.length > hellos && bench.collector.batches.length > length);
  }
  const { length } = bench.collector.valuesOf('count');
  await until(() => bench.collector.valuesOf('count').length > length + 10);
  const counted = bench.collector.valuesOf('count');
  expect(counted).toEqual(upTo(counted.length));
  expect(bench.collector.problems).toEqual([]);
  expect(bench.collector.batches.map(({ number }) => number)).toEqual(
    upTo(bench.collector.batches.length).map((n) => n + 1),
  );
  expect(new Set(bench.collector.hellos.map(({ instance }) => instance)).size).toBe(1);
});

test('while the collector is away long its spool goes to disk, gives up the oldest at its bound, and counts them', async () => {
  const agent = await bench.start({ intervalMs: 10, probes: [counter], spoolBytes: 64 * 1024 });
  await until(() => bench.collector.valuesOf('count').length > 5);
  await bench.collector.vanish();
  const before = bench.collector.batches.length;
  await until(() => agent.files().some((name) => name.endsWith('.batches')));
  await sleep(2500);
  await bench.collector.open();
  await until(() => bench.collector.batches.length > before + 20);
  const { lostRows, number } = bench.collector.batches.at(-1)!;
  const missing = number - bench.collector.batches.length;
  expect(missing).toBeGreaterThan(0);
  expect(lostRows).toBeGreaterThan(missing);
  expect(bench.collector.hellos.at(-1)!.oldestBatch).toBeGreaterThan(before + 1);
  expect(bench.collector.problems).toEqual([]);
  const counted = bench.collector.valuesOf('count');
  expect(new Set(counted).size).toBe(counted.length);
});

test('a batch that the collector never takes is given up and counted, and the others follow', async () => {
  await bench.start({ probes: [counter] });
  await until(() => bench.collector.valuesOf('count').length > 5);
  const wrong = bench.collector.batches.length + 3;
  bench.collector.refuses = ({ number }) => number === wrong;
  // Those that were made before it was given up come first, and count nothing yet.
  await until(() => bench.collector.batches.at(-1)!.lostRows > 0);
  expect(bench.collector.batches.at(-1)!.number).toBeGreaterThan(wrong);
  expect(bench.collector.batches.some(({ number }) => number === wrong)).toBe(false);
  expect(bench.collector.batches.at(-1)!.number).toBe(bench.collector.batches.length + 1);
  expect(bench.collector.problems).toEqual([]);
});

test.for([
  ['an older', AGENT_WIRE_VERSION - 1, "update encodelab on the collector's machine"],
  ['a newer', AGENT_WIRE_VERSION + 1, "update encodelab on the agent's machine"],
] as const)('%s collector is told apart, and the agent ends with what to do', async ([, version, words]) => {
  bench.collector.greeting = ({ name }) => ({ kind: 'welcome', version, name, nextBatch: 1 });
  const agent = await bench.start();
  const end = await agent.ended;
  expect(end.ok).toBe(false);
  expect(end.reason).toContain(words);
});

test('a refusal for good ends the agent with its reason; one for now does not', async () => {
  bench.collector.greeting = () => ({ kind: 'refuse', reason: 'not now', retry: true });
  const agent = await bench.start();
  await until(() => bench.collector.hellos.length >= 2);
  expect(agent.news).toEqual([expect.stringContaining('not now')]);
  bench.collector.greeting = () => ({ kind: 'refuse', reason: 'never again', retry: false });
  await expect(agent.ended).resolves.toEqual({ ok: false, reason: expect.stringContaining('never again') });
});

test('a wrong token ends the agent with which one is wanted', async () => {
  const agent = await bench.start({ token: 'another' });
  const end = await agent.ended;
  expect(end.reason).toMatch(/does not take this token.*server-token/);
});

test('a stranger on the port of a collector that it knew does not end it', async () => {
  const agent = await bench.start();
  await until(() => bench.collector.batches.length > 0);
  await bench.collector.vanish();
  const stranger = new SmallCollector();
  stranger.port = bench.collector.port;
  Object.assign(stranger, { token: 'of another lab' });
  await stranger.open();
  await until(() => agent.news.some((text) => text.includes('does not take this token')));
  await stranger.vanish();
  const { length } = bench.collector.batches;
  await bench.collector.open();
  await until(() => bench.collector.batches.length > length);
});

test('an agent waits for a collector that is not there yet, and tells it once', async () => {
  await bench.collector.vanish();
  const agent = await bench.start();
  await until(() => agent.news.length > 0);
  await sleep(1200);
  expect(agent.news).toEqual([expect.stringContaining('nothing listens at 127.0.0.1')]);
  await bench.collector.open();
  await until(() => bench.collector.batches.length > 0);
  expect(bench.collector.batches[0]!.number).toBe(1);
});

test('garbage from the collector ends connections at most, never the agent', async () => {
  await bench.start();
  await until(() => bench.collector.batches.length > 0);
  const rubbish = fc.oneof(
    fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
    fc.string(),
    fc.constantFrom('{"kind":"welcome"}', Buffer.alloc(5 * 1024 * 1024, 0x91), Buffer.alloc(0)),
  );
  for (const one of fc.sample(rubbish, 120)) {
    await until(() => bench.collector.socket?.readyState === 1);
    bench.collector.socket!.send(one);
  }
  for (const name of ['part', 'start-part', 'stress', 'fetch', 'hook', 'nonsense', 7]) {
    await until(() => bench.collector.socket?.readyState === 1);
    const answer = await Promise.race([bench.collector.command({ name } as never), sleep(500, null)]);
    if (answer !== null) expect(answer.ok).toBe(false);
  }
  const { length } = bench.collector.batches;
  await until(() => bench.collector.batches.length > length + 3);
  expect(bench.collector.problems).toEqual([]);
});

test('at its end it sends what it measured last and leaves no file behind', async () => {
  // What the sampler has is not due for seconds.
  const agent = await bench.start({ intervalMs: 10_000 });
  await until(() => agent.news.length === 1);
  expect(bench.collector.batches).toEqual([]);
  expect(agent.files()).not.toEqual([]);
  const left = await bench.stop();
  expect(left).toEqual([]);
  expect(bench.collector.valuesOf('memory.used').length).toBeGreaterThan(0);
});

// The queue in SQLite: what every queue must do, and what is special about a file that several processes write.

import { copyFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { UserError } from '#core/user-error';
import { newId } from '#system/clock';
import { runChild, startChild, type RunningChild } from '#system/child-process';
import { queueConformance } from '../../../test/farm/queue-conformance.ts';
import { newItem, newTitle } from '../../../test/farm/queue-fixture.ts';
import { openQueue } from './open-queue.ts';
import { openQueueFile } from './queue-file.ts';
import { DEFAULT_RULES, MAX_LEASE_MS } from './queue-rules.ts';
import { SqliteQueue } from './sqlite-queue.ts';

/** Pairs of processes that are killed while they lease and complete. */
const KILLS = Number(process.env['ENCODELAB_KILLS'] ?? 5);

const folder = mkdtempSync(join(tmpdir(), 'queue-'));
afterAll(() => rmSync(folder, { recursive: true }));
const newPath = () => join(folder, `${newId()}.sqlite`);

queueConformance((rules) => openQueue(newPath(), { rules }));

// Leases and completes until it is killed or nothing is left; each result brings an item as long as there are to be more.
const WORKER = `
  import { openQueue } from ${JSON.stringify(new URL('./open-queue.ts', import.meta.url).href)};
  import { setTimeout as sleep } from 'node:timers/promises';
  const [path, title] = process.argv.slice(1);
  const queue = await openQueue(path, { rules: { maxDeaths: 1e6 } });
  console.log('begun');
  while ((await queue.title(title)).state === 'running') {
    const leased = await queue.lease('worker-' + process.pid, { max: 3, leaseMs: 100 });
    if (leased.length === 0) { await sleep(10); continue; }
    const lost = await queue.heartbeat(leased.map(({ lease }) => lease), 100);
    const done = leased.map(({ lease, item }) => ({
      lease,
      result: { pid: process.pid },
      add: item.key.startsWith('more') ? [] : [
        { key: 'more/' + item.key, kind: 'more', needs: [item.key], payload: null, costS: null },
      ],
    }));
    await sleep(5 + Math.random() * 10);
    await queue.complete(done);
  }
  await queue.close();`;

function startWorker(path: string, title: string, onStdout?: () => void): RunningChild {
  const flags = ['--conditions=encodelab-source', '--disable-warning=ExperimentalWarning', '--input-type=module'];
  return startChild(process.execPath, [...flags, '-e', WORKER, path, title], { onStdout });
}

test(`each item has exactly one result after ${2 * KILLS} workers were killed while they leased and completed`, async () => {
  const path = newPath();
  const queue = await openQueue(path);
  const title = newTitle();
  // More than the pairs can do before they are killed.
  const count = 60 * KILLS;
  const keys = Array.from({ length: count }, (_, i) => `i${i}`);
  await queue.addTitle(title, [...keys.map((key) => newItem(key)), newItem('end', keys)]);
  for (let killed = 0; killed < KILLS; killed++) {
    const pair = await Promise.all([startedWorker(path, title.id), startedWorker(path, title.id)]);
    await sleep(Math.random() * 60);
    pair[0].kill();
    await sleep(Math.random() * 20);
    pair[1].kill();
    await Promise.all(pair.map(({ result }) => result));
  }
  const atEnd = (await queue.title(title.id))!;
  expect(atEnd.state).toBe('running');
  const last = await Promise.all([startWorker(path, title.id).result, startWorker(path, title.id).result]);
  expect(last.map(({ code, stderr }) => [code, stderr])).toEqual([
    [0, ''],
    [0, ''],
  ]);

  const total = 2 * count + 2;
  expect(await queue.title(title.id)).toMatchObject({ state: 'done', items: { done: total, ready: 0, waiting: 0 } });
  const items = await queue.items(title.id, { limit: total + 1 });
  expect(new Set(items.map(({ key }) => key)).size).toBe(total);
  const tries = Map.groupBy(await queue.attempts(title.id, 100_000), ({ key }) => key);
  expect([...tries.values()].flat().some(({ end }) => end === 'lost')).toBe(true);
  for (const { key, state, result, failures } of items) {
    const ends = tries.get(key)!;
    const [done, ...others] = ends.filter(({ end }) => end === 'done');
    expect([state, failures, others]).toEqual(['done', 0, []]);
    expect(`worker-${(result as { pid: number }).pid}`).toBe(done!.worker);
    expect(ends.filter(({ end }) => end !== 'done').every(({ end }) => end === 'lost')).toBe(true);
  }
  await queue.close();
  const database = new DatabaseSync(path);
  expect(database.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
  expect(database.prepare('SELECT count(*) AS left FROM items WHERE needs_left <> 0').get()).toEqual({ left: 0 });
  database.close();
});

async function startedWorker(path: string, title: string): Promise<RunningChild> {
  let child!: RunningChild;
  await new Promise<void>((resolve) => (child = startWorker(path, title, resolve)));
  return child;
}

test('three processes make the same queue at once', async () => {
  const path = newPath();
  const queues = await Promise.all([openQueue(path), openQueue(path), openQueue(path)]);
  await Promise.all(queues.map((queue) => queue.addTitle(newTitle(), [newItem('a')])));
  expect(await queues[0]!.titles()).toHaveLength(3);
  for (const queue of queues) await queue.close();
});

test('a write waits for another process, and the event loop goes on meanwhile', async () => {
  const path = newPath();
  const queue = await openQueue(path);
  const other = new DatabaseSync(path);
  other.exec('BEGIN IMMEDIATE');
  let isAdded = false;
  const added = queue.addTitle(newTitle(), [newItem('a')]).then(() => (isAdded = true));
  await sleep(150);
  expect(isAdded).toBe(false);
  expect(await queue.titles()).toEqual([]);
  other.exec('COMMIT');
  await added;
  expect(await queue.titles()).toHaveLength(1);
  other.close();
  await queue.close();
});

test('a queue that is opened to read sees what others write, and writes nothing', async () => {
  const path = newPath();
  await expect(openQueue(path, { readonly: true })).rejects.toThrow(UserError);
  const queue = await openQueue(path);
  const reader = await openQueue(path, { readonly: true });
  const counter = await reader.changeCounter();
  const title = newTitle();
  await queue.addTitle(title, [newItem('a')]);
  expect(await reader.changeCounter()).not.toBe(counter);
  expect((await reader.title(title.id))!.items.ready).toBe(1);
  await expect(reader.deleteTitle(title.id)).rejects.toThrow(/can not be written/);
  await reader.close();
  await queue.close();
});

test('a clock that is set back by a year delays a lost lease and a retry by their longest time at most', async () => {
  const path = newPath();
  const queue = await openQueue(path);
  const title = newTitle();
  await queue.addTitle(title, [newItem('a'), newItem('b'), newItem('c')]);
  const [a, b] = await queue.lease('worker', { max: 2, leaseMs: 1_000 });
  await queue.fail([{ lease: b!.lease, reason: 'no luck', blame: 'own' }]);
  // All times of the file in the future are the same as the clock in the past.
  const database = new DatabaseSync(path);
  const year = 365 * 24 * 3_600_000;
  database.exec(`UPDATE items SET lease_ms = lease_ms + ${year}, retry_ms = retry_ms + ${year}, ready_ms = ready_ms + ${year};
    UPDATE attempts SET ready_ms = ready_ms + ${year}, began_ms = began_ms + ${year}, ended_ms = ended_ms + ${year}`);
  database.close();
  const [c] = await queue.lease('worker', { max: 9, leaseMs: 1_000 });
  expect(c!.item.key).toBe('c');
  const next = (await queue.nextReadyMs())!;
  expect(next).toBeLessThanOrEqual(Math.max(MAX_LEASE_MS, DEFAULT_RULES.retryCapMs));
  // A worker that lives has its lease back to its length with its next heartbeat.
  expect(await queue.heartbeat([a!.lease], 500)).toEqual([]);
  expect(await queue.nextReadyMs()).toBeLessThanOrEqual(500);
  expect(await queue.complete([{ lease: a!.lease, result: 1 }])).toEqual([]);
  for (const { readyAt, beganAt, endedAt } of await queue.attempts(title.id)) {
    expect(readyAt).toBeLessThanOrEqual(beganAt);
    if (endedAt !== null) expect(endedAt).toBeGreaterThanOrEqual(beganAt);
  }
  await queue.close();
});

test('a full disk is told to the person, nothing is half written, and the queue goes on when there is room', async () => {
  const path = newPath();
  const database = await openQueueFile(path, false);
  const queue = new SqliteQueue(path, database, DEFAULT_RULES);
  const title = newTitle();
  await queue.addTitle(title, [newItem('a')]);
  const [held] = await queue.lease('worker', { max: 1, leaseMs: 60_000 });
  const pages = Number(Object.values(database.prepare('PRAGMA page_count').get()!)[0]);
  database.exec(`PRAGMA max_page_count = ${pages + 4}`);
  const add = Array.from({ length: 500 }, (_, i) => newItem(`i${i}`, [], { payload: 'x'.repeat(500) }));
  const error = await queue.complete([{ lease: held!.lease, result: 1, add }]).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(UserError);
  expect((error as UserError).problems[0]).toMatchObject({
    where: path,
    what: expect.stringContaining('disk is full'),
  });
  expect((await queue.title(title.id))!.items).toMatchObject({ running: 1, ready: 0, done: 0 });
  database.exec('PRAGMA max_page_count = 1000000');
  expect(await queue.complete([{ lease: held!.lease, result: 1, add }])).toEqual([]);
  expect((await queue.title(title.id))!.items).toMatchObject({ ready: 500, done: 1 });
  await queue.close();
});

test('a lease finds its items by indices alone', async () => {
  const path = newPath();
  const seen: string[] = [];
  const database = await openQueueFile(path, false);
  const prepare = database.prepare.bind(database);
  database.prepare = (sql) => {
    seen.push(sql);
    return prepare(sql);
  };
  const queue = new SqliteQueue(path, database, DEFAULT_RULES);
  const title = newTitle();
  await queue.addTitle(title, [newItem('a'), newItem('b', ['a'])]);
  const options = { max: 1, leaseMs: 60_000 };
  const leased = await queue.lease('worker', options);
  await queue.lease('worker', { ...options, kinds: ['encode'] });
  await queue.lease('worker', { ...options, title: title.id });
  await queue.heartbeat([leased[0]!.lease], 60_000);
  await queue.complete([{ lease: leased[0]!.lease, result: 1 }]);
  await queue.nextReadyMs();
  await queue.items(title.id, { state: 'failed', kind: 'encode' });
  await queue.items(title.id, { kind: 'encode' });
  await queue.takeBack(title.id, () => true);
  await queue.titles({ state: 'running' });
  await queue.attempts(title.id);
  const plans = [...new Set(seen)].flatMap((sql) =>
    /^\s*(SELECT|UPDATE|DELETE)/.test(sql)
      ? prepare(`EXPLAIN QUERY PLAN ${sql}`)
          .all()
          .map(({ detail }) => `${detail as string} <- ${sql}`)
      : [],
  );
  expect(plans.length).toBeGreaterThan(20);
  // A scan over an index that holds only what is searched for is none; all titles are listed by their number.
  const scans = plans.filter((plan) => /^SCAN (?!CONSTANT ROW)/.test(plan) || /TEMP B-TREE/.test(plan));
  expect(scans.filter((plan) => !/INDEX (open_titles|open_lanes|leased_items|retried_items)/.test(plan))).toEqual([]);
  await queue.close();
});

test.each([
  [
    'text',
    (file: string) => writeFileSync(file, 'this is no database at all, only text '.repeat(100)),
    /no queue at all/,
  ],
  ['the database of another program', (file: string) => withDatabase(file, 'CREATE TABLE t (x)'), /another program/],
  [
    'a catalogue',
    (file: string) => withDatabase(file, 'PRAGMA application_id = 0x656e636c; PRAGMA user_version = 1'),
    /another program/,
  ],
  [
    'a queue of a newer version',
    (file: string) => withDatabase(file, 'PRAGMA application_id = 0x656e7175; PRAGMA user_version = 99'),
    /newer encodelab/,
  ],
])('%s in its place is refused, and left as it is', async (_, prepare, message) => {
  const file = newPath();
  prepare(file);
  const before = await runChild('sha256sum', [file]);
  const error = await openQueue(file).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(UserError);
  expect((error as UserError).message).toMatch(message);
  expect((error as UserError).problems[0]?.where).toBe(file);
  expect((await runChild('sha256sum', [file])).stdout).toBe(before.stdout);
});

test('a damaged queue is told to be damaged', async () => {
  const path = newPath();
  const queue = await openQueue(path);
  const title = newTitle();
  await queue.addTitle(
    title,
    Array.from({ length: 500 }, (_, i) => newItem(`i${i}`)),
  );
  await queue.close();
  const damaged = newPath();
  copyFileSync(path, damaged);
  truncateSync(damaged, 40_000);
  const opened = await openQueue(damaged).catch((caught: unknown) => caught);
  const error =
    opened instanceof SqliteQueue ? await opened.items(title.id).catch((caught: unknown) => caught) : opened;
  expect(error).toBeInstanceOf(UserError);
  expect((error as UserError).message).toMatch(/it is damaged[^]*Move queue.sqlite away/);
});

function withDatabase(file: string, statements: string): void {
  const database = new DatabaseSync(file);
  database.exec(statements);
  database.close();
}

// A worker against a real queue: what it begins, records, breaks off and gives back.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import type { NewItem, Queue } from '#core/queue';
import { UserError } from '#core/user-error';
import { newId } from '#system/clock';
import { newItem, newTitle } from '../../test/farm/queue-fixture.ts';
import { bySlots } from './admission.ts';
import { openQueue } from './queue/open-queue.ts';
import { runWorker, type WorkerEvent, type WorkerOptions } from './worker.ts';

const folder = mkdtempSync(join(tmpdir(), 'worker-'));
afterAll(() => rmSync(folder, { recursive: true }));

let path = '';
let queue: Queue;
let events: WorkerEvent[];
beforeEach(async () => {
  path = join(folder, `${newId()}.sqlite`);
  queue = await openQueue(path, { rules: { retryBaseMs: 30, retryCapMs: 60, maxFailures: 3 } });
  events = [];
});
afterEach(() => queue.close());

async function add(items: readonly NewItem[]): Promise<string> {
  const title = newTitle();
  await queue.addTitle(title, items);
  return title.id;
}

function work(options: Partial<WorkerOptions> & Pick<WorkerOptions, 'execute'>): Promise<void> {
  return runWorker({
    queue,
    name: 'worker',
    admission: bySlots(2),
    leaseMs: 30_000,
    onEvent: (event) => events.push(event),
    ...options,
  });
}

const heard = () => events.map(({ kind, leased }) => `${kind} ${leased.item.key}`);
const many = (count: number) => Array.from({ length: count }, (_, i) => newItem(`i${i}`));
/** Resolves never, and rejects when it is broken off. */
const forEver = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));

test('a worker does a title with what its results bring, some items at a time, and ends with it', async () => {
  const title = await add([newItem('inspect')]);
  let atOnce = 0;
  let most = 0;
  await work({
    title,
    execute: async ({ item }) => {
      most = Math.max(most, ++atOnce);
      await sleep(5);
      atOnce--;
      return {
        result: `made ${item.key}`,
        ...(item.key === 'inspect' ? { add: [...many(9), newItem('end', ['i0', 'i8'])] } : {}),
      };
    },
  });
  expect(most).toBe(2);
  expect(await queue.title(title)).toMatchObject({ state: 'done', items: { done: 11 } });
  expect((await queue.item(title, 'end'))!.result).toBe('made end');
  expect(heard().filter((line) => line.startsWith('done'))).toHaveLength(11);
});

test('two workers share a title, and each item is done once', async () => {
  const title = await add(many(40));
  const done: string[] = [];
  const other = await openQueue(path);
  const execute: WorkerOptions['execute'] = async ({ item }) => {
    await sleep(3);
    done.push(item.key);
    return { result: null };
  };
  await Promise.all([work({ title, execute }), work({ title, execute, queue: other, name: 'other' })]);
  expect(done.toSorted()).toEqual(
    many(40)
      .map(({ key }) => key)
      .toSorted(),
  );
  expect(new Set((await queue.attempts(title)).map(({ worker }) => worker))).toEqual(new Set(['worker', 'other']));
  await other.close();
});

test('an error is tried again until it passes, a UserError sets the item aside at once', async () => {
  const title = await add([newItem('shaky'), newItem('broken'), newItem('fine')]);
  let tries = 0;
  await work({
    title,
    execute: async ({ item }) => {
      if (item.key === 'shaky' && ++tries < 3) throw new Error(`crash ${tries}`);
      if (item.key === 'broken') throw new UserError({ what: 'no such stream', where: 'clip.mp4' });
      return { result: null };
    },
  });
  expect(await queue.item(title, 'shaky')).toMatchObject({ state: 'done', failures: 2 });
  expect(await queue.item(title, 'broken')).toMatchObject({
    state: 'failed',
    failures: 1,
    error: 'clip.mp4: no such stream',
  });
  expect(await queue.title(title)).toMatchObject({ state: 'failed', reason: 'broken: clip.mp4: no such stream' });
  expect(events.flatMap((event) => (event.kind === 'failed' ? [[event.reason, event.blame]] : []))).toEqual(
    expect.arrayContaining([
      ['crash 1', 'own'],
      ['clip.mp4: no such stream', 'final'],
      ['crash 2', 'own'],
    ]),
  );
});

test('what throws at once, and what brings a plan that is wrong, fails its own item only', async () => {
  const title = await add([newItem('a'), newItem('b'), newItem('c')]);
  await work({
    title,
    admission: bySlots(3),
    execute: ({ item }) => {
      if (item.key === 'a') throw new Error('at once');
      return Promise.resolve({ result: null, add: item.key === 'b' ? [newItem('x', ['ghost'])] : [] });
    },
  });
  expect(await queue.item(title, 'a')).toMatchObject({ state: 'failed', error: 'at once' });
  expect((await queue.item(title, 'b'))!.error).toContain('needs ghost');
  expect(await queue.item(title, 'c')).toMatchObject({ state: 'done', failures: 0 });
});

test('heartbeats keep the lease of a long item', async () => {
  const title = await add([newItem('long')]);
  await work({
    title,
    leaseMs: 150,
    execute: async () => {
      for (let i = 0; i < 5; i++) {
        await sleep(90);
        expect(await queue.lease('thief', { max: 1, leaseMs: 30_000 })).toEqual([]);
      }
      return { result: null };
    },
  });
  expect((await queue.attempts(title)).map(({ end }) => end)).toEqual(['done']);
});

test('an item whose lease is lost is broken off, and its result counts for nothing', async () => {
  const title = await add([newItem('a')]);
  let tries = 0;
  await work({
    title,
    leaseMs: 90,
    execute: async (_, { signal }) => {
      if (++tries > 1) return { result: 'second' };
      await queue.takeBack(title, () => true);
      await forEver(signal).catch(() => null);
      return { result: 'late' };
    },
  });
  expect(heard()).toEqual(['began a', 'lost a', 'began a', 'done a']);
  expect((await queue.item(title, 'a'))!.result).toBe('second');
});

test('a cancelled title breaks off its items and ends the worker', async () => {
  const title = await add(many(2));
  await work({
    title,
    leaseMs: 90,
    execute: async (_, { signal }) => {
      await queue.changeTitle(title, { state: 'cancelled' });
      return forEver(signal);
    },
  });
  expect((await queue.title(title))!.items).toMatchObject({ cancelled: 2 });
  expect(heard().toSorted()).toEqual(['began i0', 'began i1', 'lost i0', 'lost i1']);
});

test('told to drain, a worker finishes what it has begun and begins nothing more', async () => {
  const title = await add(many(5));
  const drain = new AbortController();
  await work({
    drain: drain.signal,
    execute: async () => {
      drain.abort();
      await sleep(20);
      return { result: null };
    },
  });
  expect((await queue.title(title))!.items).toMatchObject({ done: 2, ready: 3, running: 0 });
});

test('told to stop, a worker gives back what it has begun', async () => {
  const title = await add(many(5));
  const stop = new AbortController();
  await work({
    stop: stop.signal,
    execute: (_, { signal }) => {
      setTimeout(() => stop.abort(), 10);
      return forEver(signal);
    },
  });
  expect((await queue.title(title))!.items).toMatchObject({ done: 0, ready: 5, running: 0 });
  expect((await queue.attempts(title)).map(({ end }) => end)).toEqual(['released', 'released']);
  expect(await queue.items(title)).toMatchObject(many(5).map(({ key }) => ({ key, failures: 0 })));
});

test('the admission chooses what begins of what is ready, the most urgent first', async () => {
  const title = await add([newItem('a'), newItem('heavy'), newItem('c'), newItem('d')]);
  const atWork = new Set<string>();
  const seen: string[][] = [];
  await work({
    title,
    admission: {
      look: () => 9,
      choose: async (ready, beside) => {
        if (beside.length === 0) return ready.slice(0, 1);
        const isAlone = beside.some(({ key }) => key === 'heavy');
        return beside.length > 1 || isAlone ? [] : ready.filter(({ key }) => key !== 'heavy').slice(0, 1);
      },
      outgrown: () => [],
    },
    execute: async ({ item }) => {
      atWork.add(item.key);
      seen.push([...atWork]);
      await sleep(20);
      atWork.delete(item.key);
      return { result: null };
    },
  });
  expect(seen.slice(0, 2)).toEqual([['a'], ['a', 'c']]);
  expect(seen).toContainEqual(['heavy']);
  expect(seen).toHaveLength(4);
});

test('an item that outgrows the machine is given back without a mark, and done later', async () => {
  const title = await add([newItem('a'), newItem('big')]);
  let isTold = false;
  await work({
    title,
    admission: {
      ...bySlots(2),
      outgrown: (atWork) => {
        const big = atWork.find(({ key }) => key === 'big');
        if (isTold || big === undefined) return [];
        isTold = true;
        return [{ item: big, error: new Error('no room') }];
      },
    },
    execute: async ({ item }, { signal }) => {
      if (item.key === 'big' && !isTold) return forEver(signal);
      await sleep(300);
      return { result: null };
    },
  });
  expect((await queue.attempts(title)).filter(({ key }) => key === 'big').map(({ end }) => end)).toEqual([
    'released',
    'done',
  ]);
  expect(await queue.item(title, 'big')).toMatchObject({ state: 'done', failures: 0 });
  expect(events).toContainEqual(expect.objectContaining({ kind: 'released', reason: 'no room' }));
});

test('an item that no worker here has room for fails for good with the reason, and the others go on', async () => {
  const title = await add([newItem('a'), newItem('big'), newItem('c')]);
  await work({
    title,
    admission: {
      ...bySlots(2),
      outgrown: (atWork) =>
        atWork
          .filter(({ key }) => key === 'big')
          .map((item) => ({ item, error: new UserError({ what: 'too large' }) })),
    },
    execute: ({ item }, { signal }) => (item.key === 'big' ? forEver(signal) : Promise.resolve({ result: null })),
  });
  expect(await queue.item(title, 'big')).toMatchObject({ state: 'failed', failures: 1, error: 'too large' });
  expect((await queue.title(title))!.items).toMatchObject({ done: 2, failed: 1 });
});

test('a worker without a title waits for work that others add, and takes only its kinds', async () => {
  const drain = new AbortController();
  const done: string[] = [];
  const working = work({
    kinds: ['audio'],
    drain: drain.signal,
    execute: async ({ item }) => {
      done.push(item.key);
      drain.abort();
      return { result: null };
    },
  });
  await sleep(50);
  const other = await openQueue(path);
  await other.addTitle(newTitle(), [newItem('e'), newItem('a', [], { kind: 'audio' })]);
  await other.close();
  await working;
  expect(done).toEqual(['a']);
});

test('a queue that can’t be written any more ends the worker with its error, and breaks off what is in work', async () => {
  const title = await add(many(2));
  let brokenOff = 0;
  const full: Queue = Object.create(queue, {
    complete: {
      value: () => Promise.reject(new UserError({ what: "the queue can't be used: the disk is full" })),
    },
  }) as Queue;
  for (const name of [
    'ready',
    'lease',
    'heartbeat',
    'release',
    'title',
    'changeCounter',
    'nextReadyMs',
    'fail',
  ] as const)
    Object.defineProperty(full, name, { value: (queue[name] as (...args: unknown[]) => unknown).bind(queue) });
  const working = work({
    title,
    queue: full,
    execute: async ({ item }, { signal }) => {
      if (item.key === 'i0') return { result: null };
      return forEver(signal).catch((error: unknown) => {
        brokenOff++;
        throw error;
      });
    },
  });
  await expect(working).rejects.toThrow('the disk is full');
  expect(brokenOff).toBe(1);
  expect((await queue.title(title))!.items).toMatchObject({ done: 0, failed: 0 });
});

// What every store of the queue must do: `queueConformance` registers these tests for one.

import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { ITEM_STATES, type Lease, type LeasedItem, type NewItem, type NewTitle, type Queue } from '#core/queue';
import type { QueueRules } from '#farm/queue/queue-rules';
import { newId } from '#system/clock';
import { QueueModel, type ModelItem } from './queue-model.ts';

/** Sequences of steps that are compared with the model. */
const MODEL_RUNS = Number(process.env['ENCODELAB_MODEL_RUNS'] ?? 25);
/** A lease that does not run out while a test runs. */
const LONG_MS = 60_000;
const RULES: QueueRules = { maxFailures: 3, maxDeaths: 4, retryBaseMs: 40, retryCapMs: 60 };

export function newTitle(fields: Partial<NewTitle> = {}): NewTitle {
  return { id: newId(), name: 'clip', priority: 0, deadline: null, campaign: null, request: null, ...fields };
}

export function newItem(key: string, needs: readonly string[] = [], fields: Partial<NewItem> = {}): NewItem {
  return { key, kind: 'encode', needs, payload: { of: key }, costS: null, ...fields };
}

/** @param make an empty queue, which keeps to the rules that it is given */
export function queueConformance(make: (rules: QueueRules) => Promise<Queue>): void {
  let queue: Queue;
  const opened: Queue[] = [];
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.close();
  });
  async function open(rules: Partial<QueueRules> = {}): Promise<void> {
    queue = await make({ ...RULES, ...rules });
    opened.push(queue);
  }
  async function add(items: readonly NewItem[], fields: Partial<NewTitle> = {}): Promise<string> {
    const title = newTitle(fields);
    await queue.addTitle(title, items);
    return title.id;
  }
  const lease = (max = 100, fields: { leaseMs?: number; kinds?: string[]; title?: string } = {}) =>
    queue.lease('worker', { max, leaseMs: LONG_MS, ...fields });
  const keys = (leased: readonly LeasedItem[]) => leased.map(({ item }) => item.key);
  const states = async (title: string) =>
    Object.fromEntries((await queue.items(title)).map(({ key, state }) => [key, state]));
  const done = (leased: readonly LeasedItem[]) =>
    queue.complete(leased.map((one) => ({ lease: one.lease, result: { made: one.item.key } })));
  const failAll = (leased: readonly LeasedItem[], blame: 'own' | 'final' = 'own') =>
    queue.fail(leased.map((one) => ({ lease: one.lease, reason: `no luck with ${one.item.key}\nlog`, blame })));

  test('a title and its items come back as they were added, and adding them again changes nothing', async () => {
    await open();
    const title = newTitle({ deadline: '2027-01-01T00:00:00.000Z', campaign: 'av1', request: { source: 'ünï.mp4' } });
    const items = [newItem('a', [], { costS: 2.5 }), newItem('b', ['a'], { kind: 'assemble', payload: [1, null] })];
    await queue.addTitle(title, items);
    await queue.addTitle({ ...title, name: 'other' }, [newItem('c')]);
    const record = (await queue.title(title.id))!;
    expect(record).toMatchObject({ ...title, state: 'running', reason: null, endedAt: null });
    expect(Math.abs(Date.parse(record.createdAt) - Date.now())).toBeLessThan(60_000);
    expect(record.items).toEqual({ waiting: 1, ready: 1, running: 0, done: 0, failed: 0, cancelled: 0 });
    const blank = { title: title.id, failures: 0, fixed: null, result: null, error: null, worker: null };
    expect(await queue.items(title.id)).toEqual([
      { ...items[0], ...blank, state: 'ready' },
      { ...items[1], ...blank, state: 'waiting' },
    ]);
    expect(await queue.item(title.id, 'b')).toEqual({ ...items[1], ...blank, state: 'waiting' });
    expect([await queue.item(title.id, 'c'), await queue.title(newId())]).toEqual([null, null]);
  });

  test('titles are listed the newest first, by state, campaign and page, and found by the beginning of an id', async () => {
    await open();
    const ids = [];
    for (let i = 0; i < 12; i++) ids.push(await add([newItem('a')], { campaign: i % 2 === 0 ? 'even' : null }));
    const found = async (filter?: Parameters<Queue['titles']>[0]) => (await queue.titles(filter)).map(({ id }) => id);
    expect(await found()).toEqual(ids.toReversed());
    expect(await found({ limit: 2, offset: 3 })).toEqual([ids[8], ids[7]]);
    await queue.changeTitle(ids[4]!, { state: 'paused' });
    expect(await found({ state: 'paused' })).toEqual([ids[4]]);
    expect(await found({ campaign: 'even', state: 'running', limit: 3 })).toEqual([ids[10], ids[8], ids[6]]);
    expect(await queue.titlesByPrefix(ids[3]!)).toEqual([ids[3]]);
    expect(await queue.titlesByPrefix(ids[3]!.slice(0, 4))).toHaveLength(10);
    expect(await queue.titlesByPrefix("' OR 1=1 --")).toEqual([]);
  });

  test('items are leased by priority, deadline, arrival and order in the plan, each to one worker only', async () => {
    await open();
    const late = await add([newItem('late-1'), newItem('late-2')]);
    await add([newItem('soon')], { deadline: '2027-01-01T00:00:00.000Z' });
    await add([newItem('sooner')], { deadline: '2026-12-31T23:00:00-01:30' });
    await add([newItem('first')], { priority: 100 });
    await add([newItem('last')], { priority: -1 });
    expect(keys(await lease(2))).toEqual(['first', 'soon']);
    await queue.changeTitle(late, { priority: 1 });
    expect(keys(await lease(3))).toEqual(['late-1', 'late-2', 'sooner']);
    expect(keys(await lease())).toEqual(['last']);
    expect(await lease()).toEqual([]);
  });

  test('a lease may ask for kinds and for a title', async () => {
    await open();
    const kinds = (prefix: string) => [
      newItem(`${prefix}-1`, [], { kind: 'encode' }),
      newItem(`${prefix}-2`, [], { kind: 'audio' }),
      newItem(`${prefix}-3`, [], { kind: 'text' }),
    ];
    const low = await add(kinds('low'));
    await add(kinds('high'), { priority: 1 });
    expect(await lease(9, { kinds: [] })).toEqual([]);
    expect(await lease(9, { kinds: ['none'] })).toEqual([]);
    expect(keys(await lease(3, { kinds: ['audio', 'text', 'audio'] }))).toEqual(['high-2', 'high-3', 'low-2']);
    expect(keys(await lease(9, { title: low, kinds: ['encode'] }))).toEqual(['low-1']);
    expect(keys(await lease(9, { title: low }))).toEqual(['low-3']);
    expect(await lease(9, { title: newId() })).toEqual([]);
    expect(keys(await lease(9))).toEqual(['high-1']);
  });

  test('an item waits until all that it needs is done, and a title is done with its last item', async () => {
    await open();
    const title = await add([newItem('c', ['a', 'b', 'a']), newItem('a'), newItem('b'), newItem('d', ['c'])]);
    const first = await lease();
    expect(keys(first)).toEqual(['a', 'b']);
    expect(await done(first.slice(0, 1))).toEqual([]);
    expect(await lease()).toEqual([]);
    await done(first.slice(1));
    await done(await lease());
    expect((await queue.title(title))?.state).toBe('running');
    await done(await lease());
    const record = (await queue.title(title))!;
    expect([record.state, record.items.done, record.reason]).toEqual(['done', 4, null]);
    expect(record.endedAt).not.toBeNull();
    expect(await queue.item(title, 'd')).toMatchObject({ state: 'done', result: { made: 'd' }, worker: 'worker' });
  });

  test('a completion brings items, which may need what is done, what is new, and what is under way', async () => {
    await open();
    const title = await add([newItem('inspect'), newItem('beside')]);
    const [inspect, beside] = await lease();
    const plan = [
      newItem('join', ['x', 'y', 'beside']),
      newItem('x', ['inspect']),
      newItem('y'),
      newItem('inspect', ['x']),
      newItem('y', ['join']),
    ];
    await queue.complete([{ lease: inspect!.lease, result: 1, add: plan }]);
    expect(await states(title)).toEqual({
      inspect: 'done',
      beside: 'running',
      join: 'waiting',
      x: 'ready',
      y: 'ready',
    });
    await done([beside!, ...(await lease())]);
    expect(keys(await lease())).toEqual(['join']);
  });

  test('a plan that is wrong is refused as a whole, with the result that brought it', async () => {
    await open();
    await expect(add([newItem('a', ['ghost'])])).rejects.toThrow('the item a needs ghost');
    await expect(add([newItem('a', ['b']), newItem('b', ['c']), newItem('c', ['b'])])).rejects.toThrow('needs itself');
    await expect(add([newItem('a', ['a'])])).rejects.toThrow('needs itself');
    await expect(add([])).rejects.toThrow('no items');
    expect(await queue.titles()).toEqual([]);
    const title = await add([newItem('a'), newItem('b')]);
    const [a, b] = await lease();
    const bad = queue.complete([
      { lease: b!.lease, result: 1 },
      { lease: a!.lease, result: 1, add: [newItem('c'), newItem('d', ['e'])] },
    ]);
    await expect(bad).rejects.toThrow('needs e');
    expect(await states(title)).toEqual({ a: 'running', b: 'running' });
    expect((await queue.title(title))!.items).toMatchObject({ running: 2, done: 0, ready: 0 });
  });

  test('a lease that ran out is anybody’s, what its worker brings later is refused, and it counts for nothing', async () => {
    await open();
    const title = await add([newItem('a')]);
    const [first] = await queue.lease('one', { max: 1, leaseMs: 20 });
    await sleep(40);
    const [second] = await queue.lease('two', { max: 1, leaseMs: LONG_MS });
    expect(second!.lease.epoch).not.toBe(first!.lease.epoch);
    const late = first!.lease;
    expect(await queue.heartbeat([late, second!.lease], LONG_MS)).toEqual([late]);
    expect(await queue.complete([{ lease: late, result: 'late', add: [newItem('b')] }])).toEqual([late]);
    expect(await queue.fail([{ lease: late, reason: 'late', blame: 'final' }])).toEqual([late]);
    expect(await queue.fix(late, { threads: 9 })).toBeNull();
    await queue.release([late]);
    expect(await queue.items(title)).toMatchObject([{ state: 'running', failures: 0, error: null, worker: 'two' }]);
    expect(await queue.complete([{ lease: second!.lease, result: 'mine' }])).toEqual([]);
    expect(await queue.complete([{ lease: second!.lease, result: 'twice' }])).toEqual([second!.lease]);
    expect(await queue.item(title, 'a')).toMatchObject({ state: 'done', result: 'mine' });
    expect((await queue.attempts(title)).map(({ worker, end }) => [worker, end])).toEqual([
      ['one', 'lost'],
      ['two', 'done'],
    ]);
  });

  test('a heartbeat keeps a lease from running out', async () => {
    await open();
    await add([newItem('a')]);
    const [held] = await queue.lease('one', { max: 1, leaseMs: 30 });
    expect(await queue.heartbeat([held!.lease], LONG_MS)).toEqual([]);
    await sleep(50);
    expect(await lease()).toEqual([]);
    expect(await done([held!])).toEqual([]);
  });

  test('what an item’s bytes depend on is set once, whoever works on it', async () => {
    await open();
    const title = await add([newItem('a')]);
    const [first] = await lease();
    expect(first!.item.fixed).toBeNull();
    expect(await queue.fix(first!.lease, { threads: 2 })).toEqual({ threads: 2 });
    expect(await queue.fix(first!.lease, { threads: 4 })).toEqual({ threads: 2 });
    await queue.release([first!.lease]);
    const [second] = await lease();
    expect(second!.item.fixed).toEqual({ threads: 2 });
    expect(await queue.fix(second!.lease, { threads: 8 })).toEqual({ threads: 2 });
    expect((await queue.item(title, 'a'))!.fixed).toEqual({ threads: 2 });
  });

  test('a failure is tried again after a wait that doubles, and sets the item aside at the limit', async () => {
    await open({ retryBaseMs: 120, retryCapMs: 10_000 });
    const title = await add([newItem('a')]);
    await failAll(await lease());
    expect(await queue.item(title, 'a')).toMatchObject({ state: 'waiting', failures: 1, error: 'no luck with a\nlog' });
    expect(await lease()).toEqual([]);
    const firstWait = (await queue.nextReadyMs())!;
    expect(firstWait).toBeGreaterThan(0);
    expect(firstWait).toBeLessThanOrEqual(120);
    await sleep(firstWait + 5);
    await failAll(await lease());
    const secondWait = (await queue.nextReadyMs())!;
    expect(secondWait).toBeLessThanOrEqual(240);
    await sleep(secondWait + 5);
    await failAll(await lease());
    expect(await queue.item(title, 'a')).toMatchObject({ state: 'failed', failures: 3 });
    expect(await queue.title(title)).toMatchObject({ state: 'failed', reason: 'a: no luck with a' });
    expect(await queue.nextReadyMs()).toBeNull();
  });

  test('the wait for the next try has an upper limit, and the text of a failure too, with its end kept', async () => {
    await open({ maxFailures: 9, retryBaseMs: 1_000_000, retryCapMs: 20 });
    const title = await add([newItem('a')]);
    const [held] = await lease();
    await queue.fail([{ lease: held!.lease, reason: `what\n${'x'.repeat(1_000_000)}the last line`, blame: 'own' }]);
    expect(await queue.nextReadyMs()).toBeLessThanOrEqual(20);
    const { error } = (await queue.item(title, 'a'))!;
    expect(error!.length).toBeLessThan(20_000);
    expect(error).toMatch(/^what\n[^]*the last line$/);
  });

  test('items that need nothing of what was set aside go on, and the title fails when nothing more can be done', async () => {
    await open();
    const title = await add([newItem('bad'), newItem('good'), newItem('next', ['good']), newItem('never', ['bad'])]);
    const [bad, good] = await lease();
    await failAll([bad!], 'final');
    expect((await queue.title(title))!.state).toBe('running');
    await done([good!]);
    await done(await lease());
    expect(await queue.title(title)).toMatchObject({ state: 'failed', reason: 'bad: no luck with bad' });
    expect(await states(title)).toEqual({ bad: 'failed', good: 'done', next: 'done', never: 'waiting' });
    expect(await queue.retryFailed(title)).toBe(1);
    expect(await queue.title(title)).toMatchObject({ state: 'running', reason: null, endedAt: null });
    const again = await lease();
    expect(again[0]!.item).toMatchObject({ key: 'bad', failures: 0, error: null });
    await done(again);
    await done(await lease());
    expect((await queue.title(title))!.state).toBe('done');
    expect(await queue.retryFailed(title)).toBe(0);
    expect(await queue.retryFailed(newId())).toBe(0);
  });

  test('an item whose workers die again and again is set aside, and says so', async () => {
    await open();
    const title = await add([newItem('a')]);
    for (let death = 1; death <= RULES.maxDeaths; death++) {
      expect(keys(await queue.lease(`victim-${death}`, { max: 1, leaseMs: 0 }))).toEqual(['a']);
      await sleep(2);
    }
    expect(await lease()).toEqual([]);
    const item = (await queue.item(title, 'a'))!;
    expect([item.state, item.failures]).toEqual(['failed', 0]);
    expect(item.error).toContain(`died or fell silent ${RULES.maxDeaths} times`);
    expect(item.error).toContain('victim-4');
    expect((await queue.title(title))!.state).toBe('failed');
    expect((await queue.attempts(title)).map(({ end }) => end)).toEqual(Array(RULES.maxDeaths).fill('lost'));
  });

  test('leases of a title can be taken back at once, which is no mark against its items', async () => {
    await open();
    const title = await add([newItem('a'), newItem('b')]);
    const other = await add([newItem('c')]);
    for (let i = 0; i <= RULES.maxDeaths; i++) {
      const [held] = await lease(1, { title });
      expect(await queue.takeBack(title)).toBe(1);
      expect(await done([held!])).toEqual([held!.lease]);
    }
    const [c] = await lease(1, { title: other });
    expect(await queue.takeBack(title)).toBe(0);
    expect(await done([c!])).toEqual([]);
    expect((await queue.title(title))!.items).toMatchObject({ ready: 2, running: 0 });
  });

  test('what a worker gives back is ready at once, untouched', async () => {
    await open();
    const title = await add([newItem('a')]);
    for (let i = 0; i < 10; i++) await queue.release((await lease()).map((one) => one.lease));
    expect(await queue.items(title)).toMatchObject([{ state: 'ready', failures: 0 }]);
    expect((await queue.attempts(title, 3)).map(({ end }) => end)).toEqual(['released', 'released', 'released']);
    expect(await queue.attempts(title)).toHaveLength(10);
  });

  test('a paused title begins nothing, and what it had begun counts', async () => {
    await open();
    const title = await add([newItem('a'), newItem('b')]);
    const [a] = await lease(1);
    expect(await queue.changeTitle(title, { state: 'paused' })).toBe(true);
    expect(await lease()).toEqual([]);
    expect(await lease(1, { title })).toEqual([]);
    expect(await lease(1, { kinds: ['encode'] })).toEqual([]);
    expect(await done([a!])).toEqual([]);
    await queue.changeTitle(title, { state: 'running' });
    expect(keys(await lease(1, { kinds: ['encode'] }))).toEqual(['b']);
    expect(await queue.changeTitle(newId(), { state: 'paused' })).toBe(false);
  });

  test('a cancelled title takes the leases away, and goes on where it was when it is resumed', async () => {
    await open();
    const title = await add([newItem('a'), newItem('b'), newItem('c', ['a', 'b']), newItem('d')]);
    const [a, b, d] = await lease();
    await done([a!]);
    await failAll([d!]);
    await queue.changeTitle(title, { state: 'cancelled', reason: 'not wanted' });
    expect(await queue.title(title)).toMatchObject({ state: 'cancelled', reason: 'not wanted' });
    expect((await queue.title(title))!.endedAt).not.toBeNull();
    expect(await states(title)).toEqual({ a: 'done', b: 'cancelled', c: 'cancelled', d: 'cancelled' });
    expect(await queue.heartbeat([b!.lease], LONG_MS)).toEqual([b!.lease]);
    expect(await done([b!])).toEqual([b!.lease]);
    expect([await lease(), await queue.nextReadyMs(), await queue.retryFailed(title)]).toEqual([[], null, 0]);
    await queue.changeTitle(title, { state: 'running' });
    expect(await queue.title(title)).toMatchObject({ state: 'running', reason: null, endedAt: null });
    const again = await lease();
    expect(keys(again)).toEqual(['b', 'd']);
    await done(again);
    await done(await lease());
    expect((await queue.title(title))!.state).toBe('done');
    await queue.changeTitle(title, { state: 'cancelled', reason: 'too late' });
    expect(await queue.title(title)).toMatchObject({ state: 'done', reason: null });
  });

  test('a title that is ended as failed can be tried again as a whole', async () => {
    await open();
    const title = await add([newItem('a'), newItem('b', ['a'])]);
    const [held] = await lease();
    await queue.changeTitle(title, { state: 'failed', reason: 'the source has changed' });
    expect(await done([held!])).toEqual([held!.lease]);
    await queue.changeTitle(title, { state: 'running' });
    expect(await queue.title(title)).toMatchObject({ state: 'failed', reason: 'the source has changed' });
    expect(await queue.retryFailed(title)).toBe(0);
    await done(await lease());
    await done(await lease());
    expect((await queue.title(title))!.state).toBe('done');
  });

  test('a deleted title is gone with everything of it', async () => {
    await open();
    const title = await add([newItem('a'), newItem('b', ['a'])], { campaign: 'c' });
    const other = await add([newItem('a')]);
    const [held] = await lease(1, { title });
    expect(await queue.deleteTitle(title)).toBe(true);
    expect(await queue.deleteTitle(title)).toBe(false);
    expect(await done([held!])).toEqual([held!.lease]);
    expect([await queue.title(title), await queue.items(title), await queue.attempts(title)]).toEqual([null, [], []]);
    const [next] = await lease(1, { title: other });
    expect(next!.lease.epoch).not.toBe(held!.lease.epoch);
    expect(await done([next!])).toEqual([]);
  });

  test('items are listed in the order of the plan, by state, kind and page', async () => {
    await open();
    const title = await add(
      Array.from({ length: 30 }, (_, i) => newItem(`i${i}`, [], { kind: i % 3 === 0 ? 'audio' : 'encode' })),
    );
    await done(await lease(10));
    const found = async (filter: Parameters<Queue['items']>[1]) =>
      (await queue.items(title, filter)).map(({ key }) => key);
    expect(await found({ limit: 2, offset: 28 })).toEqual(['i28', 'i29']);
    expect(await found({ state: 'ready', kind: 'audio', limit: 3 })).toEqual(['i12', 'i15', 'i18']);
    expect(await found({ state: 'done', offset: 8 })).toEqual(['i8', 'i9']);
    expect(await found({ kind: 'audio', limit: 2, offset: 1 })).toEqual(['i3', 'i6']);
  });

  test('each try leaves a row with its worker and its times, in the order of beginning', async () => {
    await open();
    const title = await add([newItem('a'), newItem('b', ['a'], { kind: 'assemble' })]);
    const before = (await queue.attempts(title)).length;
    const [a] = await queue.lease('one', { max: 1, leaseMs: LONG_MS });
    expect(await queue.attempts(title)).toMatchObject([{ key: 'a', worker: 'one', endedAt: null, end: null }]);
    await failAll([a!]);
    await sleep((await queue.nextReadyMs())! + 5);
    await done(await queue.lease('two', { max: 1, leaseMs: LONG_MS }));
    await done(await queue.lease('three', { max: 1, leaseMs: LONG_MS }));
    const tries = await queue.attempts(title);
    expect(before).toBe(0);
    expect(tries.map(({ key, kind, worker, end }) => [key, kind, worker, end])).toEqual([
      ['a', 'encode', 'one', 'failed'],
      ['a', 'encode', 'two', 'done'],
      ['b', 'assemble', 'three', 'done'],
    ]);
    for (const { readyAt, beganAt, endedAt } of tries) {
      expect(beganAt).toBeGreaterThanOrEqual(readyAt);
      expect(endedAt).toBeGreaterThanOrEqual(beganAt);
    }
    expect(tries[0]!.epoch).toBe(a!.lease.epoch);
    expect((await queue.attempts(title, 1)).map(({ key }) => key)).toEqual(['b']);
  });

  test('the change counter changes with every write, and with nothing else', async () => {
    await open();
    const seen = new Set<number>();
    const note = async () => {
      const counter = await queue.changeCounter();
      expect(seen).not.toContain(counter);
      seen.add(counter);
      await queue.titles();
      await queue.nextReadyMs();
      await lease(1, { kinds: ['none'] });
      expect(await queue.changeCounter()).toBe(counter);
    };
    await note();
    const title = await add([newItem('a'), newItem('b')]);
    await note();
    const [a] = await lease(1);
    await note();
    await done([a!]);
    await note();
    await queue.changeTitle(title, { state: 'paused' });
    await note();
    await queue.deleteTitle(title);
    await note();
  });

  test('the counters of a title are those of its items, whatever was done', async () => {
    await open({ retryBaseMs: 0, maxFailures: 2 });
    const title = await add(Array.from({ length: 40 }, (_, i) => newItem(`i${i}`, i % 4 === 3 ? [`i${i - 1}`] : [])));
    const check = async () => {
      const counted = Object.fromEntries(ITEM_STATES.map((state) => [state, 0]));
      for (const { state } of await queue.items(title)) counted[state]!++;
      expect((await queue.title(title))!.items).toEqual(counted);
    };
    for (const step of [
      async () => done(await lease(4)),
      async () => failAll(await lease(4)),
      async () => failAll(await lease(4), 'final'),
      async () => queue.lease('victim', { max: 5, leaseMs: 0 }),
      async () => queue.changeTitle(title, { state: 'cancelled' }),
      async () => queue.changeTitle(title, { state: 'running' }),
      async () => queue.retryFailed(title),
      async () => queue.takeBack(title),
      async () => done(await lease(3)),
    ]) {
      await step();
      await check();
    }
  });

  test('whatever is done in whatever order, items and titles are in the states of a plain model', async () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('lease' as const), max: fc.integer({ min: 1, max: 4 }), runsOut: fc.boolean() }),
      fc.record({ do: fc.constant('complete' as const), lease: fc.nat(), adds: fc.boolean() }),
      fc.record({ do: fc.constant('fail' as const), lease: fc.nat(), isFinal: fc.boolean() }),
      fc.record({ do: fc.constantFrom('release' as const, 'heartbeat' as const), lease: fc.nat() }),
      fc.record({
        do: fc.constantFrom('pause' as const, 'resume' as const, 'cancel' as const, 'retry' as const, 'back' as const),
        title: fc.nat(),
      }),
    );
    // Each item needs some of those before it.
    const plan = fc
      .array(fc.array(fc.nat(), { maxLength: 2 }), { minLength: 1, maxLength: 6 })
      .map((all) =>
        all.map((needs, i) => newItem(`i${i}`, i === 0 ? [] : [...new Set(needs.map((need) => `i${need % i}`))])),
      );
    const titles = fc.array(fc.record({ plan, priority: fc.nat(1) }), { minLength: 1, maxLength: 2 });

    await fc.assert(
      fc.asyncProperty(titles, fc.array(step, { minLength: 5, maxLength: 30 }), async (planned, steps) => {
        const rules = { maxFailures: 2, maxDeaths: 3, retryBaseMs: 0, retryCapMs: 0 };
        await open(rules);
        const model = new QueueModel(rules);
        for (const one of planned) {
          const title = newTitle({ priority: one.priority });
          await queue.addTitle(title, one.plan);
          model.addTitle(title, one.plan);
        }
        const held: { readonly lease: Lease; readonly item: ModelItem; readonly epoch: number }[] = [];
        for (const one of steps) {
          if (one.do === 'lease') {
            const leased = await lease(one.max, { leaseMs: one.runsOut ? 0 : LONG_MS });
            const expected = model.lease(one.max, one.runsOut);
            expect(leased.map(({ lease: { title, key } }) => [title, key])).toEqual(
              expected.map(({ title, key }) => [title.id, key]),
            );
            for (const [i, item] of expected.entries()) held.push({ lease: leased[i]!.lease, item, epoch: item.epoch });
          } else if ('title' in one) {
            const title = model.titles[one.title % model.titles.length]!;
            if (one.do === 'retry') expect(await queue.retryFailed(title.id)).toBe(model.retryFailed(title));
            else if (one.do === 'back') expect(await queue.takeBack(title.id)).toBe(model.takeBack(title));
            else {
              const state = { pause: 'paused', resume: 'running', cancel: 'cancelled' } as const;
              await queue.changeTitle(title.id, { state: state[one.do] });
              model[one.do](title);
            }
          } else if (held.length > 0) {
            const { lease: of, item, epoch } = held[one.lease % held.length]!;
            const add = one.do === 'complete' && one.adds ? [newItem(`of-${item.key}`, [item.key])] : [];
            const isLost = (lost: readonly Lease[]) => lost.length > 0;
            if (one.do === 'complete')
              expect(isLost(await queue.complete([{ lease: of, result: 1, add }]))).toBe(
                !model.complete(item, epoch, add),
              );
            else if (one.do === 'fail') {
              const blame = one.isFinal ? 'final' : 'own';
              expect(isLost(await queue.fail([{ lease: of, reason: 'no luck', blame }]))).toBe(
                !model.fail(item, epoch, one.isFinal),
              );
            } else if (one.do === 'heartbeat')
              expect(isLost(await queue.heartbeat([of], LONG_MS))).toBe(!model.heartbeat(item, epoch));
            else {
              await queue.release([of]);
              model.release(item, epoch);
            }
          }
          for (const title of model.titles) {
            expect(await states(title.id)).toEqual(
              Object.fromEntries(title.items.map((item) => [item.key, item.state])),
            );
            const record = (await queue.title(title.id))!;
            expect(record.state).toBe(title.state);
            for (const state of ITEM_STATES)
              expect(record.items[state]).toBe(title.items.filter((item) => item.state === state).length);
          }
        }
        await opened.pop()!.close();
      }),
      { numRuns: MODEL_RUNS },
    );
  });
}

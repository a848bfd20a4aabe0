// Leases of a queue: who gets what, for how long, and what becomes of a try.

import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { ReadyOptions } from '#core/queue';
import { newId } from '#system/clock';
import { keys, LONG_MS, newItem, RULES, type QueueFixture } from './queue-fixture.ts';

export function leasesConform(on: QueueFixture): void {
  const { open, add, lease, done, failAll } = on;

  test('items are leased by priority, deadline, arrival and order in the plan, each to one worker only', async () => {
    await open();
    const late = await add([newItem('late-1'), newItem('late-2')]);
    await add([newItem('soon')], { deadline: '2027-01-01T00:00:00.000Z' });
    await add([newItem('sooner')], { deadline: '2026-12-31T23:00:00-01:30' });
    await add([newItem('first')], { priority: 100 });
    await add([newItem('last')], { priority: -1 });
    expect(keys(await lease(2))).toEqual(['first', 'soon']);
    await on.queue.changeTitle(late, { priority: 1 });
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

  test('what is ready can be looked at in the order of a lease, and some of it leased by name', async () => {
    await open();
    const low = await add([newItem('a'), newItem('b', [], { kind: 'audio' }), newItem('later', ['a'])]);
    const high = await add([newItem('c'), newItem('d')], { priority: 1 });
    const names = async (options: ReadyOptions) => (await on.queue.ready(options)).map(({ key }) => key);
    expect(await names({ max: 9 })).toEqual(['c', 'd', 'a', 'b']);
    expect(await names({ max: 3 })).toEqual(['c', 'd', 'a']);
    expect(await names({ max: 9, kinds: ['audio'] })).toEqual(['b']);
    expect(await names({ max: 9, title: low })).toEqual(['a', 'b']);
    expect(await names({ max: 0 })).toEqual([]);
    const only = [
      { title: low, key: 'b' },
      { title: low, key: 'later' },
      { title: high, key: 'a' },
      { title: high, key: 'd' },
    ];
    expect(keys(await lease(9, { only }))).toEqual(['b', 'd']);
    expect(await lease(9, { only })).toEqual([]);
    expect(await lease(9, { only: [] })).toEqual([]);
    await on.queue.changeTitle(low, { state: 'paused' });
    expect(await lease(9, { only: [{ title: low, key: 'a' }] })).toEqual([]);
    expect(await names({ max: 9 })).toEqual(['c']);
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
    expect((await on.queue.title(title))?.state).toBe('running');
    await done(await lease());
    const record = (await on.queue.title(title))!;
    expect([record.state, record.items.done, record.reason]).toEqual(['done', 4, null]);
    expect(record.endedAt).not.toBeNull();
    expect(await on.queue.item(title, 'd')).toMatchObject({ state: 'done', result: { made: 'd' }, worker: 'worker' });
  });

  test('a lease that ran out is anybody’s, what its worker brings later is refused, and it counts for nothing', async () => {
    await open();
    const title = await add([newItem('a')]);
    const [first] = await on.queue.lease('one', { max: 1, leaseMs: 20 });
    await sleep(40);
    const [second] = await on.queue.lease('two', { max: 1, leaseMs: LONG_MS });
    expect(second!.lease.epoch).not.toBe(first!.lease.epoch);
    const late = first!.lease;
    expect(await on.queue.heartbeat([late, second!.lease], LONG_MS)).toEqual([late]);
    expect(await on.queue.complete([{ lease: late, result: 'late', add: [newItem('b')] }])).toEqual([late]);
    expect(await on.queue.fail([{ lease: late, reason: 'late', blame: 'final' }])).toEqual([late]);
    expect(await on.queue.fix(late, { threads: 9 })).toBeNull();
    await on.queue.release([late]);
    expect(await on.queue.items(title)).toMatchObject([{ state: 'running', failures: 0, error: null, worker: 'two' }]);
    expect(await on.queue.complete([{ lease: second!.lease, result: 'mine' }])).toEqual([]);
    expect(await on.queue.complete([{ lease: second!.lease, result: 'twice' }])).toEqual([second!.lease]);
    expect(await on.queue.item(title, 'a')).toMatchObject({ state: 'done', result: 'mine' });
    expect((await on.queue.attempts(title)).map(({ worker, end }) => [worker, end])).toEqual([
      ['one', 'lost'],
      ['two', 'done'],
    ]);
  });

  test('a heartbeat keeps a lease from running out', async () => {
    await open();
    await add([newItem('a')]);
    const [held] = await on.queue.lease('one', { max: 1, leaseMs: 30 });
    expect(await on.queue.heartbeat([held!.lease], LONG_MS)).toEqual([]);
    await sleep(50);
    expect(await lease()).toEqual([]);
    expect(await done([held!])).toEqual([]);
  });

  test('what an item’s bytes depend on is set once, whoever works on it', async () => {
    await open();
    const title = await add([newItem('a')]);
    const [first] = await lease();
    expect(first!.item.fixed).toBeNull();
    expect(await on.queue.fix(first!.lease, { threads: 2 })).toEqual({ threads: 2 });
    expect(await on.queue.fix(first!.lease, { threads: 4 })).toEqual({ threads: 2 });
    await on.queue.release([first!.lease]);
    const [second] = await lease();
    expect(second!.item.fixed).toEqual({ threads: 2 });
    expect(await on.queue.fix(second!.lease, { threads: 8 })).toEqual({ threads: 2 });
    expect((await on.queue.item(title, 'a'))!.fixed).toEqual({ threads: 2 });
  });

  test('a failure is tried again after a wait that doubles, and sets the item aside at the limit', async () => {
    await open({ retryBaseMs: 120, retryCapMs: 10_000 });
    const title = await add([newItem('a')]);
    await failAll(await lease());
    expect(await on.queue.item(title, 'a')).toMatchObject({
      state: 'waiting',
      failures: 1,
      error: 'no luck with a\nlog',
    });
    expect(await lease()).toEqual([]);
    const firstWait = (await on.queue.nextReadyMs())!;
    expect(firstWait).toBeGreaterThan(0);
    expect(firstWait).toBeLessThanOrEqual(120);
    await sleep(firstWait + 5);
    await failAll(await lease());
    const secondWait = (await on.queue.nextReadyMs())!;
    expect(secondWait).toBeLessThanOrEqual(240);
    await sleep(secondWait + 5);
    await failAll(await lease());
    expect(await on.queue.item(title, 'a')).toMatchObject({ state: 'failed', failures: 3 });
    expect(await on.queue.title(title)).toMatchObject({ state: 'failed', reason: 'a: no luck with a' });
    expect(await on.queue.nextReadyMs()).toBeNull();
  });

  test('the wait for the next try has an upper limit, and the text of a failure too, with its end kept', async () => {
    await open({ maxFailures: 9, retryBaseMs: 1_000_000, retryCapMs: 20 });
    const title = await add([newItem('a')]);
    const [held] = await lease();
    await on.queue.fail([{ lease: held!.lease, reason: `what\n${'x'.repeat(1_000_000)}the last line`, blame: 'own' }]);
    expect(await on.queue.nextReadyMs()).toBeLessThanOrEqual(20);
    const { error } = (await on.queue.item(title, 'a'))!;
    expect(error!.length).toBeLessThan(20_000);
    expect(error).toMatch(/^what\n[^]*the last line$/);
  });

  test('an item whose workers die again and again is set aside, and says so', async () => {
    await open();
    const title = await add([newItem('a')]);
    for (let death = 1; death <= RULES.maxDeaths; death++) {
      expect(keys(await on.queue.lease(`victim-${death}`, { max: 1, leaseMs: 0 }))).toEqual(['a']);
      await sleep(2);
    }
    expect(await lease()).toEqual([]);
    const item = (await on.queue.item(title, 'a'))!;
    expect([item.state, item.failures]).toEqual(['failed', 0]);
    expect(item.error).toContain(`died or fell silent ${RULES.maxDeaths} times`);
    expect(item.error).toContain('victim-4');
    expect((await on.queue.title(title))!.state).toBe('failed');
    expect((await on.queue.attempts(title)).map(({ end }) => end)).toEqual(Array(RULES.maxDeaths).fill('lost'));
  });

  test('leases of a title can be taken back at once from workers that are gone, which is no mark against its items', async () => {
    await open();
    const title = await add([newItem('a'), newItem('b')]);
    const other = await add([newItem('c')]);
    for (let i = 0; i <= RULES.maxDeaths; i++) {
      const [held] = await lease(1, { title });
      expect(await on.queue.takeBack(title, () => false)).toBe(0);
      expect(await on.queue.takeBack(title, (worker) => worker === held!.item.worker)).toBe(1);
      expect(await done([held!])).toEqual([held!.lease]);
    }
    const [c] = await lease(1, { title: other });
    expect(await on.queue.takeBack(title, () => true)).toBe(0);
    expect(await done([c!])).toEqual([]);
    expect((await on.queue.title(title))!.items).toMatchObject({ ready: 2, running: 0 });
  });

  test('what a worker gives back is ready at once, untouched', async () => {
    await open();
    const title = await add([newItem('a')]);
    for (let i = 0; i < 10; i++) await on.queue.release((await lease()).map((one) => one.lease));
    expect(await on.queue.items(title)).toMatchObject([{ state: 'ready', failures: 0 }]);
    expect((await on.queue.attempts(title, 3)).map(({ end }) => end)).toEqual(['released', 'released', 'released']);
    expect(await on.queue.attempts(title)).toHaveLength(10);
  });

  test('each try leaves a row with its worker and its times, in the order of beginning', async () => {
    await open();
    const title = await add([newItem('a'), newItem('b', ['a'], { kind: 'assemble' })]);
    const before = (await on.queue.attempts(title)).length;
    const [a] = await on.queue.lease('one', { max: 1, leaseMs: LONG_MS });
    expect(await on.queue.attempts(title)).toMatchObject([{ key: 'a', worker: 'one', endedAt: null, end: null }]);
    await failAll([a!]);
    await sleep((await on.queue.nextReadyMs())! + 5);
    await done(await on.queue.lease('two', { max: 1, leaseMs: LONG_MS }));
    await done(await on.queue.lease('three', { max: 1, leaseMs: LONG_MS }));
    const tries = await on.queue.attempts(title);
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
    expect((await on.queue.attempts(title, 1)).map(({ key }) => key)).toEqual(['b']);
  });
}

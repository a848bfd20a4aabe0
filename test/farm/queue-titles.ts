// Titles and items of a queue: added, listed, changed, ended.

import { expect, test } from 'vitest';
import { ITEM_STATES, type ItemStates, type Queue } from '#core/queue';
import { newId } from '#system/clock';
import { keys, LONG_MS, newItem, newTitle, type QueueFixture } from './queue-fixture.ts';

export function titlesConform(on: QueueFixture): void {
  const { open, add, lease, states, done, failAll } = on;

  test('a title and its items come back as they were added, and adding them again changes nothing', async () => {
    await open();
    const title = newTitle({ deadline: '2027-01-01T00:00:00.000Z', campaign: 'av1', request: { source: 'ünï.mp4' } });
    const items = [newItem('a', [], { costS: 2.5 }), newItem('b', ['a'], { kind: 'assemble', payload: [1, null] })];
    await on.queue.addTitle(title, items);
    await on.queue.addTitle({ ...title, name: 'other' }, [newItem('c')]);
    const record = (await on.queue.title(title.id))!;
    expect(record).toMatchObject({ ...title, state: 'running', reason: null, endedAt: null });
    expect(Math.abs(Date.parse(record.createdAt) - Date.now())).toBeLessThan(60_000);
    expect(record.items).toEqual({ waiting: 1, ready: 1, running: 0, done: 0, failed: 0, cancelled: 0 });
    const blank = { title: title.id, failures: 0, fixed: null, result: null, error: null, worker: null };
    expect(await on.queue.items(title.id)).toEqual([
      { ...items[0], ...blank, state: 'ready' },
      { ...items[1], ...blank, state: 'waiting' },
    ]);
    expect(await on.queue.item(title.id, 'b')).toEqual({ ...items[1], ...blank, state: 'waiting' });
    expect([await on.queue.item(title.id, 'c'), await on.queue.title(newId())]).toEqual([null, null]);
  });

  test('states of items and tries are read in pieces, each once, whatever moves in between', async () => {
    await open();
    const names = ['a', 'b', 'c', 'd', 'e'];
    await add([newItem('other')]);
    const title = await add(
      names.map((name, i) => newItem(name, [], i === 0 ? { kind: 'audio', costS: 1.5 } : {})),
      { priority: 1 },
    );
    const seen: ItemStates['items'][number][] = [];
    for (let after: number | null = 0; after !== null;) {
      const { items, next }: ItemStates = await on.queue.itemStates(title, after, 2);
      expect(items.length).toBeLessThanOrEqual(2);
      seen.push(...items);
      after = next;
      await lease(1);
    }
    expect(seen.map(({ key }) => key)).toEqual(names);
    expect(seen[0]).toEqual({ key: 'a', kind: 'audio', state: 'ready', costS: 1.5 });
    expect(seen[2]).toEqual({ key: 'c', kind: 'encode', state: 'ready', costS: null });
    const first = await on.queue.attemptsAfter(title, 0, 2);
    expect(first.map(({ key, kind }) => [key, kind])).toEqual([
      ['a', 'audio'],
      ['b', 'encode'],
    ]);
    const then = await on.queue.attemptsAfter(title, first[1]!.epoch, 10);
    expect([...first, ...then]).toEqual(await on.queue.attempts(title));
    expect(await on.queue.attemptsAfter(title, then.at(-1)!.epoch, 10)).toEqual([]);
    expect(await on.queue.itemStates(newId(), 0, 10)).toEqual({ items: [], next: null });
  });

  test('many titles are added at once: as they were given, in their order, each once, all or none', async () => {
    await open();
    const urgent = newTitle({ priority: 5, campaign: 'c' });
    const titles = [newTitle({ campaign: 'c' }), newTitle({ campaign: 'c' }), urgent, newTitle({ campaign: 'c' })];
    const batch = titles.map((title, i) => ({ title, items: [newItem(`a${i}`), newItem(`b${i}`, [`a${i}`])] }));
    await on.queue.addTitles([]);
    await on.queue.addTitles(batch.slice(0, 2));
    const before = await on.queue.titles();
    await on.queue.addTitles([...batch, { title: { ...titles[0]!, name: 'other' }, items: [newItem('z')] }, ...batch]);
    const listed = await on.queue.titles();
    expect(listed).toHaveLength(4);
    expect(listed.toReversed()).toMatchObject(titles);
    expect(listed.slice(2)).toEqual(before);
    expect(listed.map(({ items }) => [items.ready, items.waiting])).toEqual(titles.map(() => [1, 1]));
    expect(keys(await lease())).toEqual(['a2', 'a0', 'a1', 'a3']);

    const bad = [
      { title: newTitle(), items: [newItem('a')] },
      { title: newTitle(), items: [newItem('a', ['ghost'])] },
    ];
    await expect(on.queue.addTitles(bad)).rejects.toThrow('needs ghost');
    await expect(on.queue.addTitles([bad[0]!, { title: newTitle(), items: [] }])).rejects.toThrow('no items');
    expect(await on.queue.titles()).toHaveLength(4);
  });

  test('many titles are changed at once, each as if it were alone', async () => {
    await open();
    const [a, b, c] = [await add([newItem('a')]), await add([newItem('b')]), await add([newItem('c')])];
    await on.queue.changeTitle(b, { state: 'cancelled' });
    expect(await on.queue.changeTitles([c, a, b, newId(), a], { state: 'paused', priority: 7 })).toBe(3);
    expect(await on.queue.changeTitles([], { state: 'cancelled' })).toBe(0);
    expect((await on.queue.titles()).map(({ state, priority }) => `${state} ${priority}`)).toEqual([
      'paused 7',
      'cancelled 7',
      'paused 7',
    ]);
    expect(await lease()).toEqual([]);
    await on.queue.changeTitles([a, c], { state: 'running' });
    expect(keys(await lease())).toEqual(['a', 'c']);
  });

  test('titles are listed the newest first, by state, campaign and page, and found by the beginning of an id', async () => {
    await open();
    const ids = [];
    for (let i = 0; i < 12; i++) ids.push(await add([newItem('a')], { campaign: i % 2 === 0 ? 'even' : null }));
    const found = async (filter?: Parameters<Queue['titles']>[0]) =>
      (await on.queue.titles(filter)).map(({ id }) => id);
    expect(await found()).toEqual(ids.toReversed());
    expect(await found({ limit: 2, offset: 3 })).toEqual([ids[8], ids[7]]);
    await on.queue.changeTitle(ids[4]!, { state: 'paused' });
    expect(await found({ state: 'paused' })).toEqual([ids[4]]);
    expect(await found({ campaign: 'even', state: 'running', limit: 3 })).toEqual([ids[10], ids[8], ids[6]]);
    expect(await on.queue.titlesByPrefix(ids[3]!)).toEqual([ids[3]]);
    expect(await on.queue.titlesByPrefix(ids[3]!.slice(0, 4))).toHaveLength(10);
    expect(await on.queue.titlesByPrefix("' OR 1=1 --")).toEqual([]);
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
    await on.queue.complete([{ lease: inspect!.lease, result: 1, add: plan }]);
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
    expect(await on.queue.titles()).toEqual([]);
    const title = await add([newItem('a'), newItem('b')]);
    const [a, b] = await lease();
    const bad = on.queue.complete([
      { lease: b!.lease, result: 1 },
      { lease: a!.lease, result: 1, add: [newItem('c'), newItem('d', ['e'])] },
    ]);
    await expect(bad).rejects.toThrow('needs e');
    expect(await states(title)).toEqual({ a: 'running', b: 'running' });
    expect((await on.queue.title(title))!.items).toMatchObject({ running: 2, done: 0, ready: 0 });
  });

  test('items that need nothing of what was set aside go on, and the title fails when nothing more can be done', async () => {
    await open();
    const title = await add([newItem('bad'), newItem('good'), newItem('next', ['good']), newItem('never', ['bad'])]);
    const [bad, good] = await lease();
    await failAll([bad!], 'final');
    expect((await on.queue.title(title))!.state).toBe('running');
    await done([good!]);
    await done(await lease());
    expect(await on.queue.title(title)).toMatchObject({ state: 'failed', reason: 'bad: no luck with bad' });
    expect(await states(title)).toEqual({ bad: 'failed', good: 'done', next: 'done', never: 'waiting' });
    expect(await on.queue.retryFailed(title)).toBe(1);
    expect(await on.queue.title(title)).toMatchObject({ state: 'running', reason: null, endedAt: null });
    const again = await lease();
    expect(again[0]!.item).toMatchObject({ key: 'bad', failures: 0, error: null });
    await done(again);
    await done(await lease());
    expect((await on.queue.title(title))!.state).toBe('done');
    expect(await on.queue.retryFailed(title)).toBe(0);
    expect(await on.queue.retryFailed(newId())).toBe(0);
  });

  test('a paused title begins nothing, and what it had begun counts', async () => {
    await open();
    const title = await add([newItem('a'), newItem('b')]);
    const [a] = await lease(1);
    expect(await on.queue.changeTitle(title, { state: 'paused' })).toBe(true);
    expect(await lease()).toEqual([]);
    expect(await lease(1, { title })).toEqual([]);
    expect(await lease(1, { kinds: ['encode'] })).toEqual([]);
    expect(await done([a!])).toEqual([]);
    await on.queue.changeTitle(title, { state: 'running' });
    expect(keys(await lease(1, { kinds: ['encode'] }))).toEqual(['b']);
    expect(await on.queue.changeTitle(newId(), { state: 'paused' })).toBe(false);
  });

  test('a cancelled title takes the leases away, and goes on where it was when it is resumed', async () => {
    await open();
    const title = await add([newItem('a'), newItem('b'), newItem('c', ['a', 'b']), newItem('d')]);
    const [a, b, d] = await lease();
    await done([a!]);
    await failAll([d!]);
    await on.queue.changeTitle(title, { state: 'cancelled', reason: 'not wanted' });
    expect(await on.queue.title(title)).toMatchObject({ state: 'cancelled', reason: 'not wanted' });
    expect((await on.queue.title(title))!.endedAt).not.toBeNull();
    expect(await states(title)).toEqual({ a: 'done', b: 'cancelled', c: 'cancelled', d: 'cancelled' });
    expect(await on.queue.heartbeat([b!.lease], LONG_MS)).toEqual([b!.lease]);
    expect(await done([b!])).toEqual([b!.lease]);
    expect([await lease(), await on.queue.nextReadyMs(), await on.queue.retryFailed(title)]).toEqual([[], null, 0]);
    await on.queue.changeTitle(title, { state: 'running' });
    expect(await on.queue.title(title)).toMatchObject({ state: 'running', reason: null, endedAt: null });
    const again = await lease();
    expect(keys(again)).toEqual(['b', 'd']);
    await done(again);
    await done(await lease());
    expect((await on.queue.title(title))!.state).toBe('done');
    await on.queue.changeTitle(title, { state: 'cancelled', reason: 'too late' });
    expect(await on.queue.title(title)).toMatchObject({ state: 'done', reason: null });
  });

  test('a title that is ended as failed can be tried again as a whole', async () => {
    await open();
    const title = await add([newItem('a'), newItem('b', ['a'])]);
    const [held] = await lease();
    await on.queue.changeTitle(title, { state: 'failed', reason: 'the source has changed' });
    expect(await done([held!])).toEqual([held!.lease]);
    await on.queue.changeTitle(title, { state: 'running' });
    expect(await on.queue.title(title)).toMatchObject({ state: 'failed', reason: 'the source has changed' });
    expect(await on.queue.retryFailed(title)).toBe(0);
    await done(await lease());
    await done(await lease());
    expect((await on.queue.title(title))!.state).toBe('done');
  });

  test('a deleted title is gone with everything of it', async () => {
    await open();
    const title = await add([newItem('a'), newItem('b', ['a'])], { campaign: 'c' });
    const other = await add([newItem('a')]);
    const [held] = await lease(1, { title });
    expect(await on.queue.deleteTitle(title)).toBe(true);
    expect(await on.queue.deleteTitle(title)).toBe(false);
    expect(await done([held!])).toEqual([held!.lease]);
    expect([await on.queue.title(title), await on.queue.items(title), await on.queue.attempts(title)]).toEqual([
      null,
      [],
      [],
    ]);
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
      (await on.queue.items(title, filter)).map(({ key }) => key);
    expect(await found({ limit: 2, offset: 28 })).toEqual(['i28', 'i29']);
    expect(await found({ state: 'ready', kind: 'audio', limit: 3 })).toEqual(['i12', 'i15', 'i18']);
    expect(await found({ state: 'done', offset: 8 })).toEqual(['i8', 'i9']);
    expect(await found({ kind: 'audio', limit: 2, offset: 1 })).toEqual(['i3', 'i6']);
  });

  test('the change counter changes with every write, and with nothing else', async () => {
    await open();
    const seen = new Set<number>();
    const note = async () => {
      const counter = await on.queue.changeCounter();
      expect(seen).not.toContain(counter);
      seen.add(counter);
      await on.queue.titles();
      await on.queue.nextReadyMs();
      await lease(1, { kinds: ['none'] });
      expect(await on.queue.changeCounter()).toBe(counter);
    };
    await note();
    const title = await add([newItem('a'), newItem('b')]);
    await note();
    const [a] = await lease(1);
    await note();
    await done([a!]);
    await note();
    await on.queue.changeTitle(title, { state: 'paused' });
    await note();
    await on.queue.deleteTitle(title);
    await note();
  });

  test('the counters of a title are those of its items, whatever was done', async () => {
    await open({ retryBaseMs: 0, maxFailures: 2 });
    const title = await add(Array.from({ length: 40 }, (_, i) => newItem(`i${i}`, i % 4 === 3 ? [`i${i - 1}`] : [])));
    const check = async () => {
      const counted = Object.fromEntries(ITEM_STATES.map((state) => [state, 0]));
      for (const { state } of await on.queue.items(title)) counted[state]!++;
      expect((await on.queue.title(title))!.items).toEqual(counted);
    };
    for (const step of [
      async () => done(await lease(4)),
      async () => failAll(await lease(4)),
      async () => failAll(await lease(4), 'final'),
      async () => on.queue.lease('victim', { max: 5, leaseMs: 0 }),
      async () => on.queue.changeTitle(title, { state: 'cancelled' }),
      async () => on.queue.changeTitle(title, { state: 'running' }),
      async () => on.queue.retryFailed(title),
      async () => on.queue.takeBack(title, () => true),
      async () => done(await lease(3)),
    ]) {
      await step();
      await check();
    }
  });
}

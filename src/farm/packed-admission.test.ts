import { expect, test } from 'vitest';
import type { ItemRecord } from '#core/queue';
import { UserError } from '#core/user-error';
import { PackedAdmission, type ItemNeed } from './packed-admission.ts';

const GB = 1e9;

const items = new Map<string, ItemRecord>();

function item(key: string): ItemRecord {
  const known = items.get(key) ?? ({ title: 't', key, kind: 'encode', costS: key === 'tiny' ? 1 : 10 } as ItemRecord);
  items.set(key, known);
  return known;
}

async function packed(
  needs: Readonly<Record<string, ItemNeed>>,
  measured: { memory?: Record<string, number>; idle?: number; free?: number },
) {
  const clock = { ms: 0 };
  const admission = new PackedAdmission({
    machine: { cores: 4, memoryBytes: 8 * GB },
    itemLimitBytes: 10 * GB,
    needOf: ({ key }) => Promise.resolve(needs[key]!),
    memoryOf: ({ key }) => measured.memory?.[key] ?? null,
    idleCores: () => measured.idle ?? null,
    freeMemory: () => measured.free ?? 100 * GB,
    now: () => clock.ms,
  });
  /** Keys of the ready ones that begin. */
  const choose = async (ready: readonly string[], atWork: readonly string[] = []) =>
    (await admission.choose(ready.map(item), atWork.map(item))).map(({ key }) => key);
  return { admission, clock, choose };
}

const SMALL = { cores: 1, memoryBytes: GB };

test('items begin while cores and memory are left, and one that fits passes one that does not', async () => {
  const wide = { cores: 3, memoryBytes: GB };
  const fat = { cores: 0.5, memoryBytes: 7 * GB };
  const { choose } = await packed({ a: SMALL, b: SMALL, c: SMALL, wide, fat }, {});
  expect(await choose(['a', 'b', 'wide', 'c', 'fat'])).toEqual(['a', 'b', 'c']);
  expect(await choose(['wide', 'fat', 'c'], ['a', 'b'])).toEqual(['c']);
  expect(await choose(['wide'], ['a'])).toEqual(['wide']);
  expect(await choose(['fat'], ['a'])).toEqual(['fat']);
});

test('an item is passed a few times only', async () => {
  const { choose } = await packed({ a: SMALL, wide: { cores: 4, memoryBytes: GB } }, {});
  const begun: string[][] = [];
  for (let i = 0; i < 12; i++) begun.push(await choose(['wide', 'a'], ['a']));
  expect(begun.slice(0, 8)).toEqual(Array(8).fill(['a']));
  expect(begun.slice(8)).toEqual(Array(4).fill([]));
  expect(await choose(['wide', 'a'], [])).toEqual(['wide']);
});

test('an item larger than the machine goes alone', async () => {
  const { choose } = await packed({ huge: { cores: 9, memoryBytes: 99 * GB }, a: SMALL }, {});
  expect(await choose(['huge', 'a'])).toEqual(['huge']);
  expect(await choose(['a'], ['huge'])).toEqual([]);
});

test('cores that stay idle are room, when they were idle for a while, and never without bound', async () => {
  const measured = { idle: 2 };
  const { admission, clock, choose } = await packed({ a: { cores: 4, memoryBytes: 0 }, b: SMALL }, measured);
  expect(await choose(['a', 'b'])).toEqual(['a']);
  expect(admission.look([item('a')])).toBe(0);
  clock.ms = 3_000;
  expect(admission.look([item('a')])).toBeGreaterThan(0);
  expect(await choose(['b'], ['a'])).toEqual(['b']);
  // Just begun: nobody knows yet what is idle beside it.
  expect(await choose(['b'], ['a', 'b'])).toEqual([]);
  const many = Array.from({ length: 12 }, () => 'b');
  clock.ms = 6_000;
  expect(await choose(['b'], many)).toEqual([]);
  clock.ms = 9_000;
  expect(admission.look(many.map(item))).toBe(0);
});

test('memory that is used beyond what was reserved is no room', async () => {
  const measured = { memory: { a: 5 * GB } };
  const { choose } = await packed({ a: SMALL, b: { cores: 1, memoryBytes: 4 * GB } }, measured);
  expect(await choose(['b'], ['a'])).toEqual([]);
  measured.memory.a = GB;
  expect(await choose(['b'], ['a'])).toEqual(['b']);
});

test('memory that others have is no room, and what items at work will still take is none either', async () => {
  const measured: { memory: Record<string, number>; free: number } = { memory: {}, free: 1.5 * GB };
  const { choose } = await packed({ a: SMALL, b: SMALL, c: SMALL }, measured);
  // The first begins whatever is free: nobody knows whether there ever will be more.
  expect(await choose(['a', 'b'])).toEqual(['a']);
  expect(await choose(['b'], ['a'])).toEqual([]);
  // It has half of what it may take.
  Object.assign(measured, { memory: { a: 0.5 * GB }, free: 1.6 * GB });
  expect(await choose(['b', 'c'], ['a'])).toEqual(['b']);
});

test('where others take the memory of the machine, one that outgrew its reservation goes', async () => {
  const measured = { memory: { a: 0.9 * GB, b: 2 * GB }, free: 2 * GB };
  const { admission, choose } = await packed({ a: SMALL, b: SMALL }, { ...measured, free: 100 * GB });
  await choose(['a', 'b']);
  expect(admission.outgrown([item('a'), item('b')])).toEqual([]);
  const short = await packed({ a: SMALL, b: SMALL }, { memory: measured.memory, free: 0.1 * GB });
  await short.choose(['a']);
  await short.choose(['b'], ['a']);
  await short.choose([], ['a', 'b']);
  expect(short.admission.outgrown([item('a'), item('b')]).map(({ item: { key } }) => key)).toEqual(['b']);
});

test('where memory runs out the one that outgrew its reservation goes, and asks for more the next time', async () => {
  const measured = { memory: { a: 1 * GB, b: 6.9 * GB } };
  const { admission, choose } = await packed({ a: SMALL, b: { cores: 1, memoryBytes: 2 * GB } }, measured);
  expect(await choose(['a', 'b'])).toEqual(['a', 'b']);
  const [gone, ...others] = admission.outgrown([item('a'), item('b')]);
  expect(gone!.item).toBe(item('b'));
  expect(gone!.error).not.toBeInstanceOf(UserError);
  expect(gone!.error.message).toContain('6.90 GB of memory where 2 GB were reserved');
  expect(others).toEqual([]);
  measured.memory.b = 0;
  expect(await choose(['b'], ['a'])).toEqual([]);
  expect(await choose(['b'])).toEqual(['b']);
});

test('nothing goes while there is memory, and nothing that is alone', async () => {
  const measured = { memory: { a: 3 * GB, b: 4 * GB } };
  const { admission, choose } = await packed({ a: SMALL, b: SMALL }, measured);
  await choose(['a', 'b']);
  expect(admission.outgrown([item('a'), item('b')])).toEqual([]);
  measured.memory.b = 9 * GB;
  expect(admission.outgrown([item('b')])).toEqual([]);
});

test('nothing goes that stays within what it had reserved', async () => {
  const half = { cores: 1, memoryBytes: 4 * GB };
  const { admission, choose } = await packed({ a: half, b: half }, { memory: { a: 3.9 * GB, b: 3.9 * GB } });
  expect(await choose(['a', 'b'])).toEqual(['a', 'b']);
  expect(admission.outgrown([item('a'), item('b')])).toEqual([]);
});

test('while one goes its neighbours stay, though its memory is not free yet', async () => {
  const measured = { memory: { a: 2 * GB, b: 3 * GB, c: 4 * GB } };
  const { admission, choose } = await packed({ a: SMALL, b: SMALL, c: SMALL }, measured);
  const all = (await choose(['a', 'b', 'c'])).map(item);
  const gone = () => admission.outgrown(all).map((one) => one.item.key);
  expect(gone()).toEqual(['c']);
  expect(gone()).toEqual([]);
  measured.memory.b = 6 * GB;
  expect(gone()).toEqual(['b']);
  // They came back, and are watched as any others.
  admission.outgrown([item('a')]);
  expect(gone()).toEqual(['b']);
});

test('what is like one that was given back gets as much from then on, and what is much smaller does not', async () => {
  const measured: { memory: Record<string, number> } = { memory: {} };
  const { admission, choose } = await packed({ a: SMALL, b: SMALL, c: SMALL, tiny: SMALL }, measured);
  expect(await choose(['a', 'b', 'c', 'tiny'])).toEqual(['a', 'b', 'c', 'tiny']);
  measured.memory = { a: 3.9 * GB, b: 3.8 * GB };
  expect(admission.outgrown(['a', 'b'].map(item)).map((one) => one.item.key)).toEqual(['a']);
  expect(await choose(['a', 'c', 'tiny'], ['b'])).toEqual(['tiny']);
  // What is at work will come to it too.
  measured.memory = { b: GB };
  expect(await choose(['a'], ['b'])).toEqual([]);
  expect(await choose(['c'], [])).toEqual(['c']);
  // It has 5.07 GB now: with what it has reserved there is no room for another like it.
  expect(await choose(['b', 'tiny'], ['c'])).toEqual(['tiny']);
});

test('what waits is asked for again after a while, what is at work keeps what it has reserved', async () => {
  const needs: Record<string, ItemNeed> = { a: SMALL, b: SMALL };
  const { admission, clock, choose } = await packed(needs, { memory: { a: 5 * GB } });
  expect(await choose(['a'])).toEqual(['a']);
  expect(await choose(['b'], ['a'])).toEqual(['b']);
  needs.a = needs.b = { cores: 1, memoryBytes: 4 * GB };
  expect(await choose(['b'], ['a'])).toEqual(['b']);
  clock.ms = 5_000;
  expect(await choose(['b'], ['a'])).toEqual([]);
  expect(admission.outgrown([item('a')])).toEqual([]);
});

test('an item beyond the limit of one is set aside for good, alone or not', async () => {
  const measured = { memory: { a: GB, b: 10.1 * GB } };
  const { admission, choose } = await packed({ a: SMALL, b: SMALL }, measured);
  await choose(['a', 'b']);
  for (const atWork of [['b'], ['a', 'b']]) {
    admission.outgrown([]);
    const [gone] = admission.outgrown(atWork.map(item));
    expect(gone!.item).toBe(item('b'));
    expect(gone!.error).toBeInstanceOf(UserError);
    expect(gone!.error.message).toContain('an item may take 10 GB here');
  }
});

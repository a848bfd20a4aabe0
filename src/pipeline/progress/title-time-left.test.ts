import { expect, test } from 'vitest';
import { ITEM_STATES, type Attempt, type ItemState, type Queue } from '#core/queue';
import { readLanes } from './title-lanes.ts';
import { titleTimeLeft } from './title-time-left.ts';
import { Tries } from './tries.ts';

interface MadeItem {
  readonly key: string;
  readonly state: ItemState;
  readonly costS: number | null;
}

/** A title of which one worker does two things at once, with an item of each rendition a second of cost each. */
function madeQueue(items: readonly MadeItem[], attempts: readonly Partial<Attempt>[]): Queue {
  const all = attempts.map((attempt, i) => ({ title: 't', epoch: i + 1, worker: 'w', readyAt: 0, ...attempt }));
  return {
    itemStates: async (_: string, after: number, limit: number) => {
      const page = items.slice(after, after + limit).map((item) => ({ kind: item.key.split('/')[0], ...item }));
      return { items: page, next: page.length < limit ? null : after + limit };
    },
    attemptsAfter: async (_: string, epoch: number, limit: number) =>
      all.filter((one) => one.epoch > epoch).slice(0, limit),
  } as unknown as Queue;
}

const encode = (chunk: number, rendition: string, state: ItemState, costS = 10): MadeItem => ({
  key: `encode/${String(chunk).padStart(5, '0')}/${rendition}`,
  state,
  costS,
});
const tried = (key: string, beganAt: number, endedAt: number | null): Partial<Attempt> => ({
  key,
  kind: key.split('/')[0]!,
  beganAt,
  endedAt,
  end: endedAt === null ? null : 'done',
});

async function leftOf(items: readonly MadeItem[], attempts: readonly Partial<Attempt>[], nowMs: number) {
  const queue = madeQueue(items, attempts);
  const tries = new Tries(queue, 't');
  await tries.update();
  return titleTimeLeft(await readLanes(queue, 't'), tries, nowMs);
}

test('nothing is forecast while only the source was inspected', async () => {
  const items = [{ key: 'inspect', state: 'done', costS: null } as const, encode(0, 'v1', 'ready')];
  expect(await leftOf(items, [tried('inspect', 0, 5_000)], 6_000)).toBeNull();
});

test('items to come take as long as those of their rendition did, by their cost, over as many as are at work at once', async () => {
  const done = ['encode/00000/v1', 'encode/00001/v1'];
  const items = [
    encode(0, 'v1', 'done'),
    encode(1, 'v1', 'done'),
    ...[2, 3, 4, 5].map((chunk) => encode(chunk, 'v1', 'ready', 20)),
  ];
  // Two at once, 5 s for a cost of 10: four of 20 take 40 s of work, 20 s of wall time.
  const left = (await leftOf(
    items,
    done.map((key) => tried(key, 1_000, 6_000)),
    6_000,
  ))!;
  expect(left.middle).toBeCloseTo(20);
  expect(left.low).toBeLessThan(20);
  expect(left.high).toBeGreaterThan(20);
});

test('what an item at work has behind it is not waited for again, and one that is late is not over', async () => {
  const key = 'encode/00001/v1';
  const items = [encode(0, 'v1', 'done'), encode(1, 'v1', 'running')];
  const at = (nowMs: number) => leftOf(items, [tried('encode/00000/v1', 0, 10_000), tried(key, 10_000, null)], nowMs);
  expect((await at(16_000))!.middle).toBeCloseTo(4);
  expect((await at(90_000))!.middle).toBeCloseTo(1);
});

test('a worker that does two things at once has two slots, and a slot that is free again is taken again', async () => {
  const queue = madeQueue(
    [],
    [
      tried('encode/00000/v1', 0, 10),
      tried('encode/00001/v1', 5, 30),
      tried('encode/00002/v1', 12, null),
      tried('encode/00003/v1', 30, 40),
    ],
  );
  const tries = new Tries(queue, 't');
  await tries.update();
  expect(tries.slot).toEqual([0, 1, 0, 1]);
  expect(tries.running).toEqual([2]);
  expect(tries.end.map((end) => end === 0)).toEqual([false, false, true, false]);
  await tries.update();
  expect(tries.length).toBe(4);
});

test('lanes hold every item of many at its chunk', async () => {
  const items = Array.from({ length: 25_000 }, (_, i) => encode(24_999 - i, 'v1', i % 2 === 0 ? 'done' : 'waiting'));
  const lanes = await readLanes(madeQueue(items, []), 't');
  expect(lanes).toHaveLength(1);
  expect(lanes[0]!.states).toHaveLength(25_000);
  expect(ITEM_STATES[lanes[0]!.states[24_999]!]).toBe('done');
  expect(ITEM_STATES[lanes[0]!.states[24_998]!]).toBe('waiting');
});

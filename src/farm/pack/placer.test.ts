import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RESOURCES, type WorkItems, type WorkerSize } from '#core/packing';
import { createPlacer } from './placer.ts';

const R = RESOURCES.length;

interface Piece {
  readonly need: readonly number[];
  readonly durationS?: number;
  readonly deadlineS?: number;
  readonly priority?: number;
  readonly title?: number;
}

function columns(pieces: readonly Piece[]): WorkItems {
  return {
    count: pieces.length,
    need: Float64Array.from(pieces.flatMap(({ need }) => RESOURCES.map((_, r) => need[r] ?? 0))),
    durationS: Float64Array.from(pieces, ({ durationS = 10 }) => durationS),
    deadlineS: Float64Array.from(pieces, ({ deadlineS = Infinity }) => deadlineS),
    priority: Int16Array.from(pieces, ({ priority = 0 }) => priority),
    title: Int32Array.from(pieces, ({ title = 0 }) => title),
  };
}

const SMALL: WorkerSize = { name: 'small', capacity: [4, 8, 0, 10], costPerHour: 1 };
const LARGE: WorkerSize = { name: 'large', capacity: [16, 20, 0, 10], costPerHour: 4 };

/** A placer and, beside it, what must be true of it by plain counting. */
function watched(items: WorkItems, options: Parameters<typeof createPlacer>[2], sizes = [SMALL, LARGE]) {
  const placer = createPlacer(items, sizes, options);
  const workers = new Map<number, { size: number; items: Set<number> }>();
  const need = items.need.slice();
  const workerOf = new Map<number, number>();
  const order: number[] = [];
  const load = (worker: number, r: number) =>
    [...workers.get(worker)!.items].reduce((sum, item) => sum + need[item * R + r]!, 0);
  return {
    placer,
    workers,
    workerOf,
    order,
    add: (size: number) => workers.set(placer.addWorker(size), { size, items: new Set() }),
    remove: (worker: number) => {
      const lost = placer.removeWorker(worker);
      expect(lost).toEqual([...workers.get(worker)!.items].sort((a, b) => a - b));
      for (const item of lost) workerOf.delete(item);
      workers.delete(worker);
    },
    finish: (item: number, again: boolean) => {
      placer.finish(item, again);
      workers.get(workerOf.get(item)!)!.items.delete(item);
      workerOf.delete(item);
    },
    changeNeed: (item: number, to: readonly number[]) => {
      placer.changeNeed(item, to);
      need.set(to, item * R);
    },
    place: (nowS: number) => {
      placer.place(nowS, (item, worker) => {
        expect(workerOf.has(item)).toBe(false);
        workerOf.set(item, worker);
        workers.get(worker)!.items.add(item);
        order.push(item);
        for (let r = 0; r < R; r++) {
          expect(load(worker, r)).toBeLessThanOrEqual(sizes[workers.get(worker)!.size]!.capacity[r]! * (1 + 2e-9));
        }
      });
    },
    hasRoom: (item: number) =>
      [...workers].some(([worker, { size }]) =>
        RESOURCES.every((_, r) => load(worker, r) + need[item * R + r]! <= sizes[size]!.capacity[r]!),
      ),
  };
}

const piece = fc.record({
  need: fc.tuple(
    fc.integer({ min: 0, max: 17 }),
    fc.integer({ min: 0, max: 21 }),
    fc.constant(0),
    fc.integer({ min: 0, max: 3 }),
  ),
  durationS: fc.integer({ min: 1, max: 100 }),
  deadlineS: fc.option(fc.integer({ min: 1, max: 500 }), { nil: Infinity }),
  priority: fc.integer({ min: 0, max: 2 }),
  title: fc.integer({ min: 0, max: 3 }),
});

test('through any comings and goings no worker is over its capacity, and nothing is lost or placed twice', () => {
  const step = fc.tuple(fc.nat(6), fc.nat(1000), fc.nat(20));
  fc.assert(
    fc.property(
      fc.array(piece, { minLength: 1, maxLength: 40 }),
      fc.array(step, { maxLength: 60 }),
      fc.constantFrom('latency' as const, 'throughput' as const),
      (pieces, steps, policy) => {
        const items = columns(pieces);
        const farm = watched(items, { policy, reserveAfterS: 30 });
        let come = 0;
        let nowS = 0;
        const done = new Set<number>();
        for (const [what, which, waitS] of steps) {
          const running = [...farm.workerOf.keys()].sort((a, b) => a - b);
          const item = running[which % Math.max(1, running.length)];
          const worker = [...farm.workers.keys()][which % Math.max(1, farm.workers.size)];
          if (what === 0) farm.add(which % 2);
          else if (what === 1 && worker !== undefined && which % 3 === 0) farm.remove(worker);
          else if (what === 2) {
            const to = Math.min(items.count, come + 1 + (which % 5));
            farm.placer.addItems(come, to);
            come = to;
          } else if ((what === 3 || what === 4) && item !== undefined) {
            farm.finish(item, what === 4);
            if (what === 3) done.add(item);
          } else if (what === 5 && item !== undefined && which % 4 === 0)
            farm.changeNeed(item, [which % 9, which % 11, 0, 1]);
          else {
            nowS += waitS;
            farm.place(nowS);
          }
          expect(farm.placer.running).toBe(farm.workerOf.size);
          expect(farm.placer.waiting + farm.placer.running + done.size).toBe(come);
        }
        // In the end everything that fits somewhere has its turn, with enough time.
        farm.placer.addItems(come, items.count);
        farm.add(1);
        for (let round = 0; farm.placer.running + farm.placer.waiting > 0; round++) {
          nowS += 20;
          farm.place(nowS);
          if (farm.placer.running === 0) break;
          for (const item of Array.from(farm.workerOf.keys())) {
            farm.finish(item, false);
            done.add(item);
          }
          expect(round).toBeLessThan(200);
        }
        expect(farm.placer.unplaceable().length).toBe(farm.placer.waiting);
        expect(done.size + farm.placer.waiting).toBe(items.count);
      },
    ),
    { numRuns: 150 },
  );
});

test('what fits somewhere does not wait: after each placement no waiting item has room on any worker', () => {
  fc.assert(
    fc.property(
      fc.array(piece, { minLength: 1, maxLength: 30 }),
      fc.array(fc.nat(1), { maxLength: 4 }),
      (pieces, sizes) => {
        const items = columns(pieces);
        const farm = watched(items, { policy: 'throughput', reserveAfterS: Infinity });
        for (const size of sizes) farm.add(size);
        let come = 0;
        for (let nowS = 0; nowS < 20; nowS++) {
          // Some come while others run, too.
          const to = Math.min(items.count, come + 4);
          farm.placer.addItems(come, to);
          come = to;
          farm.place(nowS);
          for (let item = 0; item < come; item++) {
            if (!farm.workerOf.has(item) && !farm.order.includes(item)) expect(farm.hasRoom(item)).toBe(false);
          }
          const first = [...farm.workerOf.keys()][0];
          if (first === undefined) break;
          farm.finish(first, false);
        }
      },
    ),
    { numRuns: 100 },
  );
});

test('a large item begins in bounded time under an endless stream of small ones', () => {
  const small = { need: [3, 1, 0, 0], durationS: 50 };
  const items = columns([{ need: [16, 16, 0, 0], durationS: 50 }, ...Array.from({ length: 2000 }, () => small)]);
  const beganS = (reserveAfterS: number) => {
    const farm = watched(items, { policy: 'throughput', reserveAfterS });
    farm.add(1);
    farm.add(1);
    // The small ones are there first, and end one by one, so that there is never room for the large one by itself.
    farm.placer.addItems(1, 30);
    farm.place(0);
    farm.placer.addItems(0, 1);
    const endS = new Map([...farm.workerOf.keys()].map((item, i) => [item, 5 * (i + 1)]));
    for (let nowS = 1, next = 30; nowS <= 2000; nowS++) {
      if (next < items.count) farm.placer.addItems(next, ++next);
      for (const [item, at] of endS) {
        if (at > nowS) continue;
        farm.finish(item, false);
        endS.delete(item);
      }
      farm.place(nowS);
      for (const item of farm.workerOf.keys()) if (!endS.has(item)) endS.set(item, nowS + 50);
      if (farm.workerOf.has(0)) return nowS;
    }
    return Infinity;
  };
  expect(beganS(Infinity)).toBe(Infinity);
  // The wait, a tenth of it between two looks, and what ran on the worker.
  expect(beganS(100)).toBeLessThanOrEqual(1 + 110 + 50);
});

test('latency finishes one title after the other, throughput begins the longest first', () => {
  const items = columns(
    Array.from({ length: 12 }, (_, i) => ({ need: [4, 1, 0, 0], durationS: 10 + i, title: i % 3 })),
  );
  const order = (policy: 'latency' | 'throughput') => {
    const farm = watched(items, { policy });
    farm.add(0);
    farm.placer.addItems(0, items.count);
    farm.place(0);
    while (farm.workerOf.size > 0) {
      farm.finish([...farm.workerOf.keys()][0]!, false);
      farm.place(0);
    }
    return farm.order;
  };
  expect(order('latency')).toEqual([9, 6, 3, 0, 10, 7, 4, 1, 11, 8, 5, 2]);
  expect(order('throughput')).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
});

test('a deadline that presses goes before the longest, a higher priority before both, and neither before its time', () => {
  const items = columns([
    { need: [4, 1, 0, 0], durationS: 100 },
    { need: [4, 1, 0, 0], durationS: 90 },
    { need: [4, 1, 0, 0], durationS: 10, deadlineS: 180 },
    { need: [4, 1, 0, 0], durationS: 1, priority: 1 },
  ]);
  const farm = watched(items, { policy: 'throughput', reserveAfterS: 60 });
  farm.add(0);
  farm.placer.addItems(0, 3);
  farm.place(0);
  expect(farm.order).toEqual([0]);
  farm.placer.addItems(3, 4);
  farm.finish(0, false);
  farm.place(100);
  expect(farm.order).toEqual([0, 3]);
  farm.finish(3, false);
  farm.place(101);
  expect(farm.order).toEqual([0, 3, 2]);
});

test('an item that fits no worker waits and is told, until there is one for it', () => {
  const items = columns([{ need: [10, 1, 0, 0] }, { need: [99, 1, 0, 0] }, { need: [1, 1, 0, 0] }]);
  const farm = watched(items, { policy: 'latency' });
  farm.add(0);
  farm.placer.addItems(0, 3);
  farm.place(0);
  expect(farm.placer.unplaceable()).toEqual([0, 1]);
  farm.add(1);
  farm.place(1);
  expect(farm.placer.unplaceable()).toEqual([1]);
  expect(farm.order).toEqual([2, 0]);
});

test('a worker whose item has outgrown it gets nothing new, and the item waits again with its new need', () => {
  const items = columns([{ need: [2, 6, 0, 0] }, { need: [1, 1, 0, 0] }, { need: [0, 0, 0, 0] }]);
  const farm = watched(items, { policy: 'latency' });
  farm.add(0);
  farm.placer.addItems(0, 1);
  farm.place(0);
  farm.changeNeed(0, [2, 9, 0, 0]);
  farm.placer.addItems(1, 3);
  farm.place(1);
  expect(farm.order).toEqual([0]);
  farm.finish(0, true);
  farm.place(2);
  expect(farm.order).toEqual([0, 1, 2]);
  expect(farm.placer.unplaceable()).toEqual([0]);
});

test('thousands of different needs become few classes, none of which says that there is room where there is none', () => {
  const random = (i: number, k: number) => ((i * 7919 + k * 104_729) % 1009) / 1009;
  const items = columns(
    Array.from({ length: 1500 }, (_, i) => ({
      need: [4 * random(i, 1), 8 * random(i, 2), 0, 10 * random(i, 3)],
      durationS: 1 + random(i, 4),
    })),
  );
  const farm = watched(items, { policy: 'throughput', reserveAfterS: 20 });
  for (let w = 0; w < 20; w++) farm.add(w % 2);
  farm.placer.addItems(0, items.count);
  let nowS = 0;
  for (farm.place(0); farm.workerOf.size > 0; farm.place(++nowS)) {
    for (const item of Array.from(farm.workerOf.keys())) farm.finish(item, false);
  }
  expect(new Set(farm.order).size).toBe(items.count);
  expect(farm.placer.waiting).toBe(0);
});

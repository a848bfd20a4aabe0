import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seededRandom } from '#analysis/random';
import { RESOURCES, type WorkItems, type WorkerSize } from '#core/packing';
import { annealPacking } from './anneal-packing.ts';
import { generateColumns } from './column-generation.ts';
import { packGreedily } from './greedy-packing.ts';
import { solveKnapsack } from './knapsack.ts';
import { loadSolver } from './load-solver.ts';
import { pack, type Packing } from './pack.ts';
import { groupItems, totalCost } from './packing-problem.ts';
import { simpleBound } from './volume-bound.ts';

const R = RESOURCES.length;

function itemsOf(needs: readonly (readonly number[])[]): WorkItems {
  return {
    count: needs.length,
    need: Float64Array.from(needs.flatMap((need) => RESOURCES.map((_, r) => need[r] ?? 0))),
    durationS: new Float64Array(needs.length).fill(1),
    deadlineS: new Float64Array(needs.length).fill(Infinity),
    priority: new Int16Array(needs.length),
    title: new Int32Array(needs.length),
  };
}

const ONE: WorkerSize = { name: 'one', capacity: [12, 12, 12, 12], costPerHour: null };
const CHEAP: WorkerSize = { name: 'cheap', capacity: [5, 8, 12, 12], costPerHour: 2 };
const DEAR: WorkerSize = { name: 'dear', capacity: [12, 12, 12, 12], costPerHour: 3.5 };

const need = fc.tuple(
  fc.integer({ min: 0, max: 12 }),
  fc.integer({ min: 0, max: 13 }),
  fc.integer({ min: 0, max: 6 }),
  fc.integer({ min: 0, max: 12 }),
);

function expectWhole(items: WorkItems, sizes: readonly WorkerSize[], packing: Packing): void {
  const load = new Float64Array(packing.workerSize.length * R);
  const apart: number[] = [];
  for (let item = 0; item < items.count; item++) {
    const worker = packing.workerOf[item]!;
    if (worker < 0) apart.push(item);
    else for (let r = 0; r < R; r++) load[worker * R + r]! += items.need[item * R + r]!;
  }
  expect(packing.unplaceable).toEqual(apart);
  for (const item of apart) {
    for (const { capacity } of sizes)
      expect(capacity.every((value, r) => value >= items.need[item * R + r]!)).toBe(false);
  }
  packing.workerSize.forEach((size, worker) => {
    for (let r = 0; r < R; r++)
      expect(load[worker * R + r]).toBeLessThanOrEqual(sizes[size]!.capacity[r]! * (1 + 2e-9));
  });
  const counted = sizes.every(({ costPerHour }) => costPerHour === null);
  const cost = packing.workerSize.reduce((sum, size) => sum + (counted ? 1 : sizes[size]!.costPerHour!), 0);
  expect(cost).toBeLessThanOrEqual(packing.cost * (1 + 1e-9));
}

/** The least cost by trying all partitions of the items. */
function cheapest(items: WorkItems, sizes: readonly WorkerSize[], cost: readonly number[]): number {
  const bins: Float64Array[] = [];
  const costOf = (load: Float64Array) =>
    Math.min(
      ...sizes.map(({ capacity }, s) => (capacity.every((value, r) => load[r]! <= value) ? cost[s]! : Infinity)),
    );
  let best = Infinity;
  const put = (item: number): void => {
    const now = bins.reduce((sum, load) => sum + costOf(load), 0);
    if (now >= best) return;
    if (item === items.count) {
      best = now;
      return;
    }
    const add = (load: Float64Array, sign: number) => {
      for (let r = 0; r < R; r++) load[r]! += sign * items.need[item * R + r]!;
    };
    const alone = new Float64Array(R);
    add(alone, 1);
    if (costOf(alone) === Infinity) {
      put(item + 1);
      return;
    }
    for (const load of bins) {
      add(load, 1);
      put(item + 1);
      add(load, -1);
    }
    bins.push(alone);
    put(item + 1);
    bins.pop();
  };
  put(0);
  return best;
}

test('a packing has every item once and no worker over capacity, and its bound is below the best of all packings', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(need, { minLength: 1, maxLength: 7 }),
      fc.constantFrom([ONE], [CHEAP, DEAR], [CHEAP]),
      async (needs, sizes) => {
        const items = itemsOf(needs);
        const packing = await pack(items, sizes, { budgetS: 2 });
        expectWhole(items, sizes, packing);
        const best = cheapest(
          items,
          sizes,
          sizes.map(({ costPerHour }) => costPerHour ?? 1),
        );
        expect(packing.bound).toBeLessThanOrEqual(best + 1e-6);
        expect(packing.cost).toBeGreaterThanOrEqual(best - 1e-6);
        expect(packing.gap).toBeCloseTo(packing.bound > 0 ? packing.cost / packing.bound - 1 : 0, 9);
      },
    ),
    { numRuns: 40 },
  );
});

test('each bound by itself holds, rounded down or stopped early as well', async () => {
  const highs = await loadSolver();
  fc.assert(
    fc.property(
      fc.array(need, { minLength: 2, maxLength: 7 }),
      fc.constantFrom([ONE], [CHEAP, DEAR]),
      fc.constantFrom(2, 4, 1000),
      fc.boolean(),
      (needs, sizes, limit, early) => {
        const items = itemsOf(needs);
        const cost = sizes.map(({ costPerHour }) => costPerHour ?? 1);
        const best = cheapest(items, sizes, cost);
        const { up, down } = groupItems(items, sizes, cost, limit);
        expect(simpleBound(down).cost).toBeLessThanOrEqual(best + 1e-6);
        const start = packGreedily(up);
        expect(start.cost).toBeGreaterThanOrEqual(best - 1e-6);
        const untilMs = performance.now() + (early ? 0 : 1000);
        const { bound, optimal, patterns } = generateColumns(down, highs, start.patterns, untilMs, limit === 1000);
        expect(bound).toBeLessThanOrEqual(best + 1e-6);
        if (limit < 1000 || early) return;
        expect(optimal).toBe(true);
        expect(totalCost(up, patterns!)).toBeGreaterThanOrEqual(best - 1e-6);
      },
    ),
    { numRuns: 60 },
  );
});

test('items are rounded up for packing and down for bounds, and no more classes are made than asked for', () => {
  fc.assert(
    fc.property(fc.array(need, { minLength: 30, maxLength: 60 }), fc.integer({ min: 12, max: 30 }), (needs, limit) => {
      const items = itemsOf(needs);
      const { shape, up, down } = groupItems(items, [ONE], [1], limit);
      expect(up.classes).toBeLessThanOrEqual(limit + 16);
      const count = new Int32Array(up.classes);
      for (let item = 0; item < items.count; item++) {
        const c = shape[item]!;
        const fits = ONE.capacity.every((value, r) => items.need[item * R + r]! <= value);
        expect(c >= 0).toBe(fits);
        if (c < 0) continue;
        count[c]!++;
        for (let r = 0; r < R; r++) {
          const share = items.need[item * R + r]! / 12;
          expect(up.need[c * R + r]).toBeGreaterThanOrEqual(share);
          expect(up.need[c * R + r]).toBeLessThanOrEqual(up.capacity[r]!);
          expect(down.need[c * R + r]).toBeLessThanOrEqual(share);
        }
      }
      expect(count).toEqual(up.demand);
    }),
    { numRuns: 20 },
  );
});

test('the knapsack finds the filling that is worth the most, and its bound holds when it is stopped', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(need, fc.integer({ min: 1, max: 3 }), fc.integer({ min: 0, max: 20 })), {
        minLength: 1,
        maxLength: 5,
      }),
      (classes) => {
        const fitting = classes.filter(([vector]) => vector.every((value) => value <= 12));
        const items = itemsOf(fitting.flatMap(([vector, times]) => Array.from({ length: times }, () => vector)));
        const { up, shape } = groupItems(items, [ONE], [1], 1000);
        const worth = new Float64Array(up.classes);
        for (let i = 0, item = 0; i < fitting.length; item += fitting[i]![1], i++) worth[shape[item]!] = fitting[i]![2];
        let best = 0;
        const fill = (c: number, value: number, free: readonly number[]): void => {
          if (free.some((rest) => rest < -1e-9)) return;
          best = Math.max(best, value);
          if (c === up.classes) return;
          for (let n = 0; n <= up.demand[c]!; n++) {
            fill(
              c + 1,
              value + n * worth[c]!,
              free.map((rest, r) => rest - n * up.need[c * R + r]!),
            );
          }
        };
        fill(0, 0, [1, 1, 1, 1]);
        const whole = solveKnapsack(up, 0, worth, up.demand, 1e6);
        expect(whole.atMost).toBeCloseTo(best, 6);
        expect(whole.found.at(-1)?.worth ?? 0).toBeCloseTo(best, 6);
        const stopped = solveKnapsack(up, 0, worth, up.demand, 2);
        expect(stopped.atMost).toBeGreaterThanOrEqual(best - 1e-6);
        expect(stopped.found.at(-1)?.worth ?? 0).toBeLessThanOrEqual(best + 1e-6);
      },
    ),
    { numRuns: 150 },
  );
});

test('column generation finds what no greedy rule does: workers filled to the last core', async () => {
  // Three kinds that fill a worker of 12 only as 5 + 4 + 3.
  const items = itemsOf(
    Array.from(
      { length: 90 },
      (_, i) =>
        [
          [5, 0],
          [4, 0],
          [3, 0],
        ][i % 3]!,
    ),
  );
  const greedy = await pack(items, [ONE], { budgetS: 0 });
  const packing = await pack(items, [ONE], { budgetS: 5 });
  expectWhole(items, [ONE], packing);
  expect(packing).toMatchObject({ cost: 30, bound: 30, gap: 0 });
  expect(greedy.cost).toBeGreaterThanOrEqual(30);
});

test('exchanges make a packing of many different items better, and keep every item', () => {
  const random = seededRandom(3);
  const value = () => (random() / 2 ** 32) * 6;
  const items = itemsOf(Array.from({ length: 300 }, () => [value(), value(), value(), value()]));
  const { up } = groupItems(items, [ONE], [1], 1000);
  const greedy = packGreedily(up);
  // It is over as soon as one worker is saved; the time is for a machine that is busy with something else.
  const better = annealPacking(up, greedy.patterns, greedy.cost - 1, performance.now() + 60_000)!;
  expect(better.length).toBe(greedy.cost - 1);
  const count = new Int32Array(up.classes);
  for (const { classes, times } of better) {
    const load = new Float64Array(R);
    classes.forEach((c, i) => {
      count[c]! += times[i]!;
      for (let r = 0; r < R; r++) load[r]! += times[i]! * up.need[c * R + r]!;
    });
    for (let r = 0; r < R; r++) expect(load[r]).toBeLessThanOrEqual(up.capacity[r]! * (1 + 1e-12));
  }
  expect(count).toEqual(up.demand);
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RESOURCES, type WorkItems, type WorkerSize } from '#core/packing';
import { boundBurst } from './burst-bound.ts';
import { schedule } from './schedule.ts';

const R = RESOURCES.length;
const SIZES: WorkerSize[] = [
  { name: 'small', capacity: [4, 8, 0, 0], costPerHour: 1 },
  { name: 'large', capacity: [8, 8, 0, 0], costPerHour: 2 },
];

function itemsOf(pieces: readonly { need: readonly number[]; durationS: number; deadlineS?: number }[]): WorkItems {
  return {
    count: pieces.length,
    need: Float64Array.from(pieces.flatMap(({ need }) => RESOURCES.map((_, r) => need[r] ?? 0))),
    durationS: Float64Array.from(pieces, ({ durationS }) => durationS),
    deadlineS: Float64Array.from(pieces, ({ deadlineS = Infinity }) => deadlineS),
    priority: new Int16Array(pieces.length),
    title: new Int32Array(pieces.length),
  };
}

const piece = fc.record({
  need: fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 8 })),
  durationS: fc.integer({ min: 1, max: 9 }),
});

/** Whether the items can run on a worker together with what overlaps them, at the moment that one of them begins. */
function expectNeverOver(
  items: WorkItems,
  workers: readonly number[],
  startS: Float64Array,
  workerOf: Int32Array,
): void {
  for (let item = 0; item < items.count; item++) {
    if (workerOf[item]! < 0) continue;
    const load = new Float64Array(R);
    for (let other = 0; other < items.count; other++) {
      const runs = startS[other]! <= startS[item]! && startS[other]! + items.durationS[other]! > startS[item]!;
      if (workerOf[other] !== workerOf[item] || !runs) continue;
      for (let r = 0; r < R; r++) load[r]! += items.need[other * R + r]!;
    }
    const { capacity } = SIZES[workers[workerOf[item]!]!]!;
    for (let r = 0; r < R; r++) expect(load[r]).toBeLessThanOrEqual(capacity[r]! * (1 + 2e-9));
  }
}

/** The shortest makespan: every order of the items, each as early as it can, on every worker. */
function shortest(items: WorkItems, workers: readonly number[]): number {
  const startS = new Float64Array(items.count).fill(NaN);
  const workerOf = new Int32Array(items.count).fill(-1);
  let best = Infinity;
  const fitsAt = (item: number, worker: number, at: number): boolean => {
    const { capacity } = SIZES[workers[worker]!]!;
    const end = at + items.durationS[item]!;
    const moments = [at];
    for (let other = 0; other < items.count; other++) {
      if (workerOf[other] === worker && startS[other]! > at && startS[other]! < end) moments.push(startS[other]!);
    }
    return moments.every((moment) =>
      RESOURCES.every((_, r) => {
        let load = items.need[item * R + r]!;
        for (let other = 0; other < items.count; other++) {
          const runs = startS[other]! <= moment && startS[other]! + items.durationS[other]! > moment;
          if (workerOf[other] === worker && runs) load += items.need[other * R + r]!;
        }
        return load <= capacity[r]!;
      }),
    );
  };
  const put = (left: readonly number[], makespan: number): void => {
    if (makespan >= best) return;
    if (left.length === 0) {
      best = makespan;
      return;
    }
    for (const item of left) {
      for (let worker = 0; worker < workers.length; worker++) {
        const moments = [0];
        for (let other = 0; other < items.count; other++) {
          if (workerOf[other] === worker) moments.push(startS[other]! + items.durationS[other]!);
        }
        const at = moments.sort((a, b) => a - b).find((moment) => fitsAt(item, worker, moment));
        if (at === undefined) continue;
        startS[item] = at;
        workerOf[item] = worker;
        put(
          left.filter((other) => other !== item),
          Math.max(makespan, at + items.durationS[item]!),
        );
        startS[item] = NaN;
        workerOf[item] = -1;
      }
    }
  };
  put(
    Array.from({ length: items.count }, (_, i) => i),
    0,
  );
  return best;
}

test('a schedule runs every item once, never over a capacity, and its bound is below the best of all schedules', () => {
  fc.assert(
    fc.property(
      fc.array(piece, { minLength: 1, maxLength: 4 }),
      fc.constantFrom([1], [0, 1], [1, 1]),
      (pieces, workers) => {
        const items = itemsOf(pieces);
        const plan = schedule(items, SIZES, workers);
        expectNeverOver(items, workers, plan.startS, plan.workerOf);
        const fitting = pieces.map(({ need }, item) => ({ need, item })).filter(({ need }) => need[0] <= 8);
        expect(plan.unplaceable.length).toBe(items.count - fitting.length);
        for (const { item } of fitting) expect(plan.workerOf[item]).toBeGreaterThanOrEqual(0);
        if (plan.unplaceable.length > 0 || fitting.length === 0) return;
        const best = shortest(items, workers);
        expect(plan.bound.seconds).toBeLessThanOrEqual(best * (1 + 1e-6));
        expect(plan.makespanS).toBeGreaterThanOrEqual(best - 1e-9);
      },
    ),
    { numRuns: 60 },
  );
});

test('items that keep each other off a worker bound the makespan by what comes after each other', () => {
  const items = itemsOf([10, 9, 8].map((durationS) => ({ need: [5, 1], durationS })));
  const bound = boundBurst(items, SIZES, [1, 1], [0, 1, 2]);
  expect(bound).toEqual({ seconds: 17, by: 'exclusive' });
  expect(schedule(items, SIZES, [1, 1]).makespanS).toBe(17);
});

test('what has a deadline ends before it where there is room for that, and what does not is told', () => {
  const long = { need: [4, 1], durationS: 50 };
  const plan = (deadlineS: number) =>
    schedule(itemsOf([long, long, long, { need: [4, 1], durationS: 10, deadlineS }]), SIZES, [0]);
  expect(plan(70).late).toBe(0);
  expect(plan(5).late).toBe(1);
  expect(plan(Infinity).startS[3]).toBe(150);
});

test('wrong durations change when things end, not what may run together', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(piece, fc.integer({ min: 1, max: 20 })), { minLength: 1, maxLength: 15 }),
      (pieces) => {
        const items = itemsOf(pieces.map(([first]) => first));
        const actualS = Float64Array.from(pieces, ([, actual]) => actual);
        const plan = schedule(items, SIZES, [0, 1], { actualS });
        expectNeverOver({ ...items, durationS: actualS }, [0, 1], plan.startS, plan.workerOf);
        expect(plan.bound.seconds).toBeLessThanOrEqual(plan.makespanS * (1 + 1e-9));
      },
    ),
    { numRuns: 100 },
  );
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '#analysis/random';
import { PACK_POLICIES, RESOURCES } from '#core/packing';
import { drawExponential } from './draws.ts';
import { parseFleet } from './fleet.ts';
import { simulate, type SimulateOptions } from './simulate.ts';
import { emptyItems, measuredWork, type MeasuredItem, type Work } from './work.ts';

const R = RESOURCES.length;
const PLAIN: SimulateOptions = { policy: 'throughput' };

/** Each item comes by itself, at its time. */
function arriving(work: Work, comesS: readonly number[]): Work {
  const groups = {
    count: comesS.length,
    first: Int32Array.from({ length: comesS.length + 1 }, (_, i) => i),
    comesS: Float64Array.from(comesS),
    follows: new Uint8Array(comesS.length),
  };
  return { ...work, groups };
}

function withTrueMemory(work: Work, bytes: readonly number[]): Work {
  return { ...work, truth: { ...work.truth, memoryBytes: Float64Array.from(bytes) } };
}

interface Try {
  readonly item: number;
  readonly worker: number;
  readonly beganS: number;
  readonly endedS: number;
  readonly how: 'ended' | 'lost';
}

function traced(work: Work, fleet: string, options: SimulateOptions) {
  const tries: Try[] = [];
  const onTry: SimulateOptions['onTry'] = (item, worker, beganS, endedS, how) =>
    tries.push({ item, worker, beganS, endedS, how });
  return { tries, result: simulate(work, parseFleet(fleet), { ...options, onTry }) };
}

describe('by hand', () => {
  test('three items of two cores on four cores take two rounds', () => {
    const work = measuredWork([1, 2, 3].map(() => ({ durationS: 10, cores: 2 })));
    const result = simulate(work, parseFleet('1*a:4cpu,2/h'), PLAIN);
    expect(result.makespanS).toBe(20);
    // Of 30 × 2 core seconds on 4 cores; and the two items that fit at once cannot do better than 20 s.
    expect(result.used.cpu).toBeCloseTo(60 / 80, 12);
    expect(result.boundS).toBe(15);
    expect(result.costHeld).toBeCloseTo((2 * 20) / 3600, 12);
    expect(result.waitS.max).toBe(10);
  });

  test('items of more than half a worker have a bound that sees it', () => {
    const work = measuredWork([1, 2, 3, 4].map(() => ({ durationS: 10, cores: 3 })));
    const result = simulate(work, parseFleet('2*a:5cpu'), PLAIN);
    expect(result).toMatchObject({ makespanS: 20, boundS: 20, gap: 0 });
  });

  test.each([
    ['cores that only one of two sizes has', '1*a:16cpu,32GB; 2*b:8cpu,20GB', { cores: 9 }, 6, 60],
    ['memory that only one of two sizes has', '1*a:16cpu,32GB; 2*b:8cpu,20GB', { cores: 1, memoryBytes: 25e9 }, 6, 60],
    [
      'one place on each worker, however large',
      '1*a:16cpu,32GB; 4*b:16cpu,20GB',
      { cores: 1, memoryBytes: 17e9 },
      10,
      20,
    ],
  ])('a bound of several sizes of worker sees %s', (_, fleet, need, count, boundS) => {
    const work = measuredWork(Array.from({ length: count }, () => ({ durationS: 10, ...need })));
    const result = simulate(work, parseFleet(fleet), PLAIN);
    expect(result).toMatchObject({ makespanS: boundS, gap: 0 });
    expect(result.boundS).toBeCloseTo(boundS, 3);
  });

  test('items that use more cores than the worker has slow each other down in proportion', () => {
    const items: MeasuredItem[] = [
      { durationS: 10, cores: 1, coresUsed: 2 },
      { durationS: 5, cores: 1, coresUsed: 2 },
    ];
    const { tries } = traced(measuredWork(items), '1*a:2cpu', PLAIN);
    // At half speed until the short one has ended at 10; then the other half of the long one.
    expect(tries.map(({ item, endedS }) => [item, endedS])).toEqual([
      [1, 10],
      [0, 15],
    ]);
  });

  test('workers begin after their start-up, and nothing before', () => {
    const result = simulate(measuredWork([{ durationS: 10, cores: 1 }]), parseFleet('1*a:1cpu'), {
      ...PLAIN,
      startS: 60,
    });
    expect(result).toMatchObject({ makespanS: 70, boundS: 70 });
    expect(result.waitS.max).toBe(60);
  });

  test('a stage begins when all of the one before it has ended', () => {
    const work = measuredWork([4, 7, 2].map((durationS) => ({ durationS, cores: 1 })));
    const groups = {
      count: 2,
      first: Int32Array.of(0, 2, 3),
      comesS: Float64Array.of(1, 0),
      follows: Uint8Array.of(0, 1),
    };
    const result = simulate({ ...work, groups }, parseFleet('5*a:1cpu'), PLAIN);
    expect(result).toMatchObject({ makespanS: 10, boundS: 10 });
    expect(result.turnAroundS.max).toBe(9);
    expect(result.waitS.max).toBe(0);
  });

  const outgrowing = withTrueMemory(
    measuredWork([1, 2].map(() => ({ durationS: 10, cores: 1, memoryBytes: 5e9 }))),
    [8e9, 5e9],
  );

  test('an item that outgrows its memory takes what its worker has left', () => {
    const result = simulate(outgrowing, parseFleet('1*a:2cpu,13GB'), PLAIN);
    expect(result).toMatchObject({ makespanS: 10, outgrown: { grown: 1, slowed: 0, retried: 0 }, restarts: 0 });
    expect(result.used.memory).toBeCloseTo((10 * 5 + 5 * 5 + 5 * 8) / (10 * 13), 6);
  });

  test('where none is left it is ended half-way and done again with as much as it needs', () => {
    const { result, tries } = traced(outgrowing, '1*a:2cpu,12GB', PLAIN);
    expect(tries).toEqual([
      { item: 0, worker: 0, beganS: 0, endedS: 5, how: 'lost' },
      { item: 1, worker: 0, beganS: 0, endedS: 10, how: 'ended' },
      { item: 0, worker: 0, beganS: 10, endedS: 20, how: 'ended' },
    ]);
    expect(result).toMatchObject({ restarts: 1, lostCpuS: 5, outgrown: { grown: 0, slowed: 0, retried: 1 } });
  });

  test('or it is slowed where that is asked for', () => {
    const result = simulate(outgrowing, parseFleet('1*a:2cpu,12GB'), { ...PLAIN, outgrow: 'slow' });
    expect(result).toMatchObject({ makespanS: 5 + 4 * 5, restarts: 0, outgrown: { grown: 0, slowed: 1, retried: 0 } });
  });

  test('what fits no worker is told, what follows it never comes, and the rest is done', () => {
    const work = measuredWork([
      { durationS: 1, cores: 9 },
      { durationS: 2, cores: 1 },
      { durationS: 1, cores: 1 },
    ]);
    const groups = {
      count: 2,
      first: Int32Array.of(0, 2, 3),
      comesS: new Float64Array(2),
      follows: Uint8Array.of(0, 1),
    };
    expect(simulate({ ...work, groups }, parseFleet('1*a:8cpu'), PLAIN)).toMatchObject({
      ended: 1,
      unplaceable: 1,
      neverCame: 1,
      unfinishedTitles: 1,
      makespanS: NaN,
      boundS: NaN,
      gap: NaN,
      turnAroundS: { p50: NaN, max: NaN },
    });
  });

  test('turn-around is of titles that end, the cost of work that does', () => {
    const two = measuredWork([
      { durationS: 2, cores: 1 },
      { durationS: 3, cores: 1 },
      { durationS: 1, cores: 1, memoryBytes: 9e9 },
    ]);
    // The first title ends, the second has an item that fits nowhere.
    const work = { ...two, items: { ...two.items, title: Int32Array.of(0, 1, 1) }, titles: 2 };
    const told = simulate(work, parseFleet('1*a:8cpu,8GB,3600/h'), PLAIN);
    expect(told).toMatchObject({ unfinishedTitles: 1, costHeld: NaN, cost: [{ held: NaN, released: NaN }] });
    expect(told.turnAroundS).toMatchObject({ p50: 2, max: 2 });
    const whole = simulate(work, parseFleet('1*a:8cpu,9GB,3600/h'), PLAIN);
    expect(whole).toMatchObject({ unfinishedTitles: 0, makespanS: 3, costHeld: 3, turnAroundS: { max: 3 } });
  });

  test('items and titles that are late are counted apart', () => {
    const three = measuredWork([1, 4, 5].map((durationS) => ({ durationS, cores: 1 })));
    const items = { ...three.items, title: Int32Array.of(0, 1, 1), deadlineS: new Float64Array(3).fill(3) };
    const told = simulate({ ...three, items, titles: 2 }, parseFleet('1*a:8cpu'), PLAIN);
    expect(told).toMatchObject({ late: 2, lateTitles: 1 });
  });

  test('no work takes no time', () => {
    expect(simulate(measuredWork([]), parseFleet('1*a:1cpu'), PLAIN)).toMatchObject({ makespanS: 0, ended: 0, gap: 0 });
  });
});

describe('laws', () => {
  const item = fc.record({
    durationS: fc.integer({ min: 1, max: 50 }),
    cores: fc.integer({ min: 1, max: 8 }),
    usedShare: fc.double({ min: 0.5, max: 1.5, noNaN: true }),
    memory: fc.integer({ min: 1, max: 16 }),
    memoryShare: fc.double({ min: 0.5, max: 1.4, noNaN: true }),
    comesS: fc.integer({ min: 0, max: 40 }),
  });
  const cases = fc.record({
    items: fc.array(item, { minLength: 1, maxLength: 40 }),
    policy: fc.constantFrom(...PACK_POLICIES),
    failuresPerHour: fc.constantFrom(0, 60),
    seed: fc.nat(1000),
    startS: fc.constantFrom(0, 5),
  });
  const FLEET = '2*a:8cpu,16GB; 1*b:12cpu,20GB';
  const CORES = [8, 8, 12];
  const MEMORY = [16e9, 16e9, 20e9];

  test('every item ends once, no worker is ever over what it has, and nothing beats the bound', () => {
    fc.assert(
      fc.property(cases, ({ items, ...options }) => {
        const measured = items.map(({ durationS, cores, usedShare, memory }) => ({
          durationS,
          cores,
          coresUsed: cores * usedShare,
          memoryBytes: memory * 1e9,
        }));
        const trueMemory = items.map(({ memory, memoryShare }) => Math.min(20, memory * memoryShare) * 1e9);
        const comesS = items.map((one) => one.comesS);
        const work = arriving(withTrueMemory(measuredWork(measured), trueMemory), comesS);
        const { result, tries } = traced(work, FLEET, options);
        const ended = tries.filter(({ how }) => how === 'ended');
        expect(new Set(ended.map((one) => one.item)).size).toBe(items.length);
        expect(ended.length).toBe(items.length);
        expect(result.ended).toBe(items.length);
        expect(result.restarts).toBe(tries.length - ended.length);
        expect(result.makespanS).toBeGreaterThanOrEqual(result.boundS * (1 - 1e-9));
        for (const { item: i, beganS, endedS, how } of tries) {
          expect(beganS).toBeGreaterThanOrEqual(Math.max(options.startS, comesS[i]!));
          if (how === 'ended') expect(endedS - beganS).toBeGreaterThan(measured[i]!.durationS * (1 - 1e-9));
        }
        for (const at of tries.map(({ beganS }) => beganS))
          for (const worker of CORES.keys()) {
            const there = tries.filter((one) => one.worker === worker && one.beganS <= at && one.endedS > at);
            const sum = (of: (i: number) => number) => there.reduce((total, one) => total + of(one.item), 0);
            expect(sum((i) => work.items.need[i * R]!)).toBeLessThanOrEqual(CORES[worker]! + 1e-6);
            expect(sum((i) => work.items.need[i * R + 1]!)).toBeLessThanOrEqual(MEMORY[worker]! + 1);
          }
      }),
      { numRuns: 60, seed: 6 },
    );
  });

  test('no worker stands idle while something waits', () => {
    const random = seededRandom(5);
    const work = measuredWork(Array.from({ length: 300 }, () => ({ durationS: 1 + (random() % 30), cores: 1 })));
    const comesS = Array.from({ length: 300 }, () => random() % 600);
    const { tries } = traced(arriving(work, comesS), '6*a:2cpu', PLAIN);
    for (const { item, beganS } of tries) {
      if (beganS === comesS[item]) continue;
      const before = tries.filter((one) => one.beganS < beganS && one.endedS >= beganS);
      expect(before.length).toBe(12);
    }
  });

  test('the same seed gives the same result, another one another', () => {
    const work = measuredWork(Array.from({ length: 200 }, (_, i) => ({ durationS: 20 + (i % 7), cores: 2 })));
    const run = (seed: number) =>
      simulate(work, parseFleet('3*a:8cpu'), { ...PLAIN, failuresPerHour: 20, startS: 10, seed });
    expect(run(7)).toEqual(run(7));
    expect(run(8).makespanS).not.toBe(run(7).makespanS);
  });

  test('workers fail as often as is said, and what ran on them is done again', () => {
    const work = measuredWork(Array.from({ length: 4000 }, () => ({ durationS: 60, cores: 1 })));
    const { result, tries } = traced(work, '10*a:4cpu', { ...PLAIN, failuresPerHour: 6, startS: 30 });
    const workerHours = (10 * result.makespanS) / 3600;
    // A worker is down for 30 s of every 630: a Poisson number, within four of its standard deviations.
    const expected = workerHours * 6 * (600 / 630);
    expect(Math.abs(result.failures - expected)).toBeLessThan(4 * Math.sqrt(expected));
    const lost = tries.filter(({ how }) => how === 'lost');
    expect(result.restarts).toBe(lost.length);
    expect(result.lostCpuS).toBeCloseTo(
      lost.reduce((sum, { beganS, endedS }) => sum + endedS - beganS, 0),
      6,
    );
  });

  test('items that outlive workers many times are refused', () => {
    const work = measuredWork([{ durationS: 36_000, cores: 1 }]);
    expect(() => simulate(work, parseFleet('1*a:1cpu'), { ...PLAIN, failuresPerHour: 2 })).toThrow(/hardly ever end/);
  });
});

test('waiting in an M/M/c queue is what Erlang C says', () => {
  const servers = 4;
  const load = 0.75;
  const meanS = 10;
  const count = 12_000;
  const waits = Array.from({ length: 10 }, (_, seed) => {
    const random = seededRandom(seed + 1);
    const empty = emptyItems(count);
    const { items, truth } = empty;
    let atS = 0;
    const comesS = Array.from({ length: count }, () => (atS += drawExponential(random, meanS / (servers * load))));
    for (let i = 0; i < count; i++) {
      items.need[i * R] = 1;
      // All are believed alike: no order by duration can help.
      items.durationS[i] = meanS;
      truth.durationS[i] = drawExponential(random, meanS);
      truth.cores[i] = 1;
    }
    const groups = {
      count,
      first: Int32Array.from({ length: count + 1 }, (_, i) => i),
      comesS: Float64Array.from(comesS),
      follows: new Uint8Array(count),
    };
    return simulate({ ...empty, groups, titles: 1 }, parseFleet(`${servers}*a:1cpu`), PLAIN).waitS.mean;
  });
  const mean = waits.reduce((sum, wait) => sum + wait, 0) / waits.length;
  const deviation = Math.sqrt(waits.reduce((sum, wait) => sum + (wait - mean) ** 2, 0) / (waits.length - 1));
  const expected = (erlangC(servers, servers * load) * meanS) / (servers * (1 - load));
  // Student's t of 9 degrees of freedom, 99.9 %.
  expect(Math.abs(mean - expected)).toBeLessThan((4.78 * deviation) / Math.sqrt(waits.length));
  // An interval that holds everything would prove nothing.
  expect(deviation / Math.sqrt(waits.length)).toBeLessThan(0.08 * expected);
});

/** Probability that one has to wait (Erlang 1917). */
function erlangC(servers: number, erlangs: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 1; k < servers; k++) sum += term *= erlangs / k;
  const last = (term * erlangs) / servers / (1 - erlangs / servers);
  return last / (sum + last);
}

import { describe, expect, test } from 'vitest';
import { bestMix, type MixGoal } from './best-mix.ts';
import { parseFleet } from './fleet.ts';
import { parseWorkload } from './parse-workload.ts';
import { drawnWork, simulateWork, type Setup } from './simulate-seeds.ts';

/** Half of the items need little memory, the others more than the cheap workers have a core. */
function setup(fleet: string, memory = '2GB'): Setup {
  const workload = parseWorkload(
    `classes: {encode: {duration: {median: 60s, spread: 0.3}, cpu: 4, memory: ${memory}}}\ntitles: [{stages: [{encode: 400}]}]`,
    'a.yaml',
  );
  return { workload, fleet: parseFleet(fleet), policy: 'throughput', shapes: new Map() };
}

function search(given: Setup, goal: MixGoal) {
  return bestMix(given, 1, goal);
}

describe('for a deadline', () => {
  const goal = { kind: 'deadline', deadlineS: 600 } as const;

  test('it is nearly as cheap as the cheapest count of one size', () => {
    const given = setup('100*c16:16cpu,32GB,1/h');
    const work = drawnWork(given, 1);
    const { best } = bestMix(given, 1, goal);
    expect(best.over).toBe(0);
    // Four at a time: fewer than 11 can't keep the deadline, more than 100 begin all of them at once.
    const all = Array.from({ length: 90 }, (_, i) => ({ ...given.fleet[0]!, count: 11 + i }))
      .map((part) => simulateWork({ ...given, fleet: [part] }, work, 1))
      .filter(({ makespanS }) => makespanS <= goal.deadlineS);
    expect(best.cost).toBeLessThanOrEqual(1.02 * Math.min(...all.map(({ costHeld }) => costHeld!)));
  });

  test('of two sizes the one that is cheaper for this work is taken', () => {
    const { best, starts } = search(setup('5*dear:16cpu,32GB,2/h; 5*cheap:16cpu,32GB,1/h'), goal);
    expect(best.over).toBe(0);
    expect(best.fleet[0]!.count).toBe(0);
    for (const start of starts.filter(({ over }) => over === 0)) expect(best.cost).toBeLessThanOrEqual(start.cost);
  });

  test('work that needs memory goes to workers that have it, though their cores cost more', () => {
    const { best } = search(setup('10*c16:16cpu,16GB,1/h; 1*m16:16cpu,64GB,1.5/h', '16GB'), goal);
    expect(best.over).toBe(0);
    // One item at a time on c16, four on m16.
    expect(best.fleet[0]!.count).toBe(0);
  });

  test('a size that nothing fits is left out', () => {
    const { best } = search(setup('10*small:2cpu,1GB,0.01/h; 1*c16:16cpu,32GB,1/h'), goal);
    expect(best.over).toBe(0);
    expect(best.fleet[1]!.count).toBeGreaterThan(0);
  });

  test('where no size fits the work there is neither makespan nor cost, and a mix is begun from once', () => {
    const { best, starts } = search(setup('1*c4:4cpu,1GB,1/h'), { ...goal, deadlineS: 86_400 });
    expect(best).toMatchObject({ over: Infinity, makespanS: NaN, cost: NaN });
    expect(starts).toHaveLength(1);
  });

  test('one that no fleet keeps is told to be missed', () => {
    const { best } = search(setup('1*c16:16cpu,32GB,1/h'), { kind: 'deadline', deadlineS: 30 });
    expect(best.over).toBeGreaterThan(0);
  });
});

test('for a budget it is as soon as the money allows', () => {
  const given = setup('2*c16:16cpu,32GB,1/h');
  const { best, simulations } = search(given, { kind: 'budget', money: 2.2 });
  expect(best.over).toBe(0);
  expect(best.cost).toBeLessThanOrEqual(2.2);
  // The work is 1.75 worker hours: 2.2 leave room for many workers at once, one alone would take 6,300 s.
  expect(best.makespanS).toBeLessThan(1000);
  expect(simulations).toBeLessThanOrEqual(80);
});

test('what a budget buys in steps of the makespan is found, and of what is as soon the cheapest', () => {
  const yaml = `
    classes: {wide: {duration: 10m, cpu: 12, memory: 4GB}, fat: {duration: 10m, cpu: 1, memory: 20GB}, slim: {duration: 10m, cpu: 2, memory: 2GB}}
    titles: [{stages: [{wide: 24, fat: 12, slim: 60}]}]`;
  const fleet = parseFleet('1*big:16cpu,32GB,0.70/h; 1*small:4cpu,8GB,0.16/h; 1*mem:4cpu,32GB,0.25/h');
  const given: Setup = { workload: parseWorkload(yaml, 'a.yaml'), fleet, policy: 'throughput', shapes: new Map() };
  const { best, simulations } = search(given, { kind: 'budget', money: 4 });
  // All at once: 24 big workers hold the wide items, and 29 hold everything for 3.38; less can't be as soon.
  expect(best.makespanS).toBe(600);
  expect(best.cost).toBeLessThan(3.38);
  expect(simulations).toBeLessThanOrEqual(80);
});

test('a size without a price is refused', () => {
  expect(() => search(setup('1*a:16cpu'), { kind: 'budget', money: 1 })).toThrow('a has no price');
});

test('the search gives the same answer each time', () => {
  const given = setup('5*a:16cpu,32GB,2/h; 5*b:8cpu,32GB,1.1/h');
  const goal: MixGoal = { kind: 'deadline', deadlineS: 900 };
  expect(search(given, goal)).toEqual(search(given, goal));
});

import { expect, test } from 'vitest';
import { bestMix } from '#farm/simulate/best-mix';
import { parseFleet } from '#farm/simulate/fleet';
import { parseWorkload } from '#farm/simulate/parse-workload';
import { simulateSeeds, type Setup } from '#farm/simulate/simulate-seeds';
import type { Simulation } from '#farm/simulate/simulation';
import { simulationJson } from './simulate-json.ts';
import { adviceText, mixText, simulationText, unfinishedWork } from './simulate-report.ts';

const WORKLOAD = parseWorkload(
  'name: five\nclasses: {e: {duration: 10s, cpu: 2, memory: 1GB}}\ntitles: [{stages: [e: 5]}]',
  'five.yaml',
);

function setup(fleet: string): Setup {
  return { workload: WORKLOAD, fleet: parseFleet(fleet), policy: 'throughput', shapes: new Map() };
}

test('a simulation is told with its bound, its cost and what was used over time', () => {
  // Two at a time: three rounds, of which the last is half full.
  const text = simulationText(setup('1*c4:4cpu,8GB,36/h'), simulateSeeds(setup('1*c4:4cpu,8GB,36/h'), 1, 1));
  expect(text).toMatch(/^five: 5 items on 1 × c4, policy throughput, seed 1$/m);
  expect(text).toMatch(/^makespan +30 s$/m);
  expect(text).toMatch(/^no packing could be faster than +25 s$/m);
  expect(text).toMatch(/^gap +20\.0 %$/m);
  expect(text).toMatch(/^cpu reserved +83\.3 %$/m);
  expect(text).toMatch(/^cost +0\.3$/m);
  expect(text).toMatch(/^cpu +│█+▆?▄+│$/m);
  expect(text).not.toMatch(/disk|network/);
});

test('several seeds have their least and most', () => {
  expect(simulationText(setup('1*c4:4cpu'), simulateSeeds(setup('1*c4:4cpu'), 3, 2))).toMatch(
    / {2}seed 3 +least +most$/m,
  );
});

test('work that does not fit is told', () => {
  const small = setup('1*c4:4cpu,500MB');
  const results = simulateSeeds(small, 1, 1);
  const text = simulationText(small, results);
  expect(text).toContain('5 items fit no worker of the fleet');
  expect(text).toContain('1 title never ends');
  expect(text).toMatch(/^makespan +–$/m);
  expect(text).not.toMatch(/NaN/);
  const { makespanS, costHeld } = (JSON.parse(simulationJson(small, results, null)) as { results: Simulation[] })
    .results[0]!;
  expect({ makespanS, costHeld }).toEqual({ makespanS: null, costHeld: null });
  expect(unfinishedWork(simulateSeeds(setup('1*c4:4cpu,8GB'), 1, 2))).toEqual([]);
});

test('a search in which nothing fits says so', () => {
  const small = setup('1*c4:4cpu,500MB,36/h');
  const goal = { kind: 'deadline', deadlineS: 3600 } as const;
  const text = mixText(small, bestMix(small, 1, goal), goal, simulateSeeds(small, 1, 1));
  expect(text).toMatch(/^not all work fits any mix that was tried; one of them: 1 × c4, by \d+ simulations/m);
  expect(text).toMatch(/^1 × c4 +– +– +not all work fits$/m);
  expect(text).not.toMatch(/NaN|tried: /);
});

test('a mix is told with what was tried, a missed goal as missed', () => {
  const given = setup('1*c4:4cpu,8GB,36/h');
  const text = (deadlineS: number) => {
    const goal = { kind: 'deadline', deadlineS } as const;
    return mixText(given, bestMix(given, 1, goal), goal, simulateSeeds(given, 1, 1));
  };
  expect(text(60)).toMatch(/^best mix found: 1 × c4, by \d+ simulations of seed 1$/m);
  expect(text(5)).toMatch(/^no mix was found that does it; nearest: /m);
});

test('for programs what nothing limits is null', () => {
  const given = setup('1*c4:4cpu,8GB');
  const told = JSON.parse(simulationJson(given, simulateSeeds(given, 1, 1), null)) as Record<string, unknown>;
  expect(told['fleet']).toEqual([
    { name: 'c4', count: 1, cpu: 4, memory: 8e9, disk: null, network: null, costPerHour: null },
  ]);
  expect(told).not.toHaveProperty('advice');
});

test('advice is told with its gain and its evidence', () => {
  const text = adviceText([
    {
      about: 'workers',
      what: 'take more workers: 6 × c16',
      gain: { of: 'time', share: { value: 0.3, low: 0.25, high: 0.32 } },
      evidence: ['waiting p95 falls'],
    },
  ]);
  expect(text).toBe(
    'take more workers: 6 × c16: saves 30.0 % of title turn-around p95 (25.0 % to 32.0 %)\n  waiting p95 falls',
  );
  expect(adviceText([])).toMatch(/nothing is sure enough/);
});

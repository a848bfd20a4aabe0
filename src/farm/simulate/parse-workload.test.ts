import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { UserError } from '#core/user-error';
import { parseFleet, UNLIMITED } from './fleet.ts';
import { parseWorkload } from './parse-workload.ts';

const EXAMPLES = fileURLToPath(new URL('../../../examples/workloads/', import.meta.url));

const GOOD = `name: small
policy: latency
seed: 3
fleet: '2*c16:16cpu,32GB,0.68/h'
workers: {start: 1.5m, failures: 0.5}
prediction: {duration: 0.3}
outgrow: slow
classes:
  encode: {duration: {median: 45s, spread: 0.5}, cpu: 4, memory: 2GB, disk: 10MB, network: 80Mbit/s}
  measured: {shapes: encoder=libx264}
titles:
  - {name: one, count: 3, arrivals: every 30s, deadline: 2h, spread: 0.2, stages: [measured: 1, {encode: 20}]}
shapes: {filter: codec=av1, times: 2}
`;

test('a file with every key says what it says', () => {
  expect(parseWorkload(GOOD, 'a.yaml')).toEqual({
    name: 'small',
    policy: 'latency',
    seed: 3,
    fleet: [{ count: 2, size: { name: 'c16', capacity: [16, 32e9, UNLIMITED, UNLIMITED], costPerHour: 0.68 } }],
    startS: 90,
    failuresPerHour: 0.5,
    outgrow: 'slow',
    prediction: { duration: 0.3, cpu: 0, memory: 0 },
    classes: [
      {
        name: 'encode',
        kind: 'drawn',
        durationS: { median: 45, sigma: 0.5 },
        cores: { median: 4, sigma: 0 },
        memoryBytes: { median: 2e9, sigma: 0 },
        diskBytes: { median: 1e7, sigma: 0 },
        network: { median: 1e7, sigma: 0 },
      },
      { name: 'measured', kind: 'shapes', filter: 'encoder=libx264' },
    ],
    titles: [
      {
        name: 'one',
        count: 3,
        arrivals: { kind: 'every', seconds: 30 },
        priority: 100,
        deadlineS: 7200,
        sigma: 0.2,
        stages: [[{ class: 1, count: 1 }], [{ class: 0, count: 20 }]],
      },
    ],
    replay: { filter: 'codec=av1', times: 2 },
  });
});

test('the examples are right', async () => {
  const files = await readdir(EXAMPLES);
  expect(files.length).toBeGreaterThan(0);
  for (const file of files) {
    const workload = parseWorkload(await readFile(EXAMPLES + file, 'utf8'), file);
    expect(workload.fleet).not.toBeNull();
  }
});

const CLASS = 'classes: {encode: {duration: 4s, cpu: 1}}\n';
const BAD: readonly [what: string, text: string, message: string][] = [
  ['a misspelled key', `${CLASS}title: []`, "a.yaml:2:1: unknown key of a workload 'title'\n  did you mean 'titles'?"],
  ['no titles', CLASS, 'a.yaml:1:1: the workload has no titles'],
  [
    'an unknown class',
    `${CLASS}titles: [{stages: [encoed: 1]}]`,
    "a.yaml:2:20: unknown class 'encoed'\n  did you mean 'encode'?",
  ],
  [
    'a duration without a unit',
    'classes: {e: {duration: 4, cpu: 1}}',
    'a.yaml:1:25: duration is a duration with its unit\n  write duration: 45s',
  ],
  [
    'a duration of years',
    'classes: {e: {duration: 900d, cpu: 1}}',
    'a.yaml:1:25: duration is a duration with its unit of at most 30 d 0 h\n  write duration: 45s',
  ],
  ['a class without cores', 'classes: {e: {duration: 4s}}', 'a.yaml:1:14: e has no cpu'],
  [
    'a class of shapes and more',
    'classes: {e: {shapes: lab, cpu: 4}}',
    'a.yaml:1:28: e is drawn from shapes, which tell its cpu\n  keep one of them',
  ],
  ['a wrong unit', 'classes: {e: {duration: 4s, cpu: 1, memory: 4Gb}}', 'a.yaml:1:45: memory is a size with its unit'],
  [
    'a spread without its median',
    'classes: {e: {duration: {spread: 1}, cpu: 1}}',
    'a.yaml:1:25: duration has no median',
  ],
  [
    'an arrival that is none',
    `${CLASS}titles: [{arrivals: hourly, stages: [encode: 1]}]`,
    'a.yaml:2:21: arrivals are all at once, one by one, or by chance',
  ],
  [
    'a stage without items',
    `${CLASS}titles: [{stages: [encode: 0]}]`,
    'a.yaml:2:28: encode must be a whole number from 1',
  ],
  ['no stages', `${CLASS}titles: [{name: a}]`, 'a.yaml:2:10: a title has a list of 1 to 16 stages'],
  ['a wrong fleet', `${CLASS}fleet: 3*a:4gpu\ntitles: [{stages: [encode: 1]}]`, "a.yaml:2:8: '4gpu' in 'a' is no size"],
  [
    'a wrong policy',
    `${CLASS}policy: latncy\ntitles: [{stages: [encode: 1]}]`,
    "a.yaml:2:9: policy must be latency or throughput, not 'latncy'",
  ],
  [
    'a rate below zero',
    `${CLASS}workers: {failures: -1}\ntitles: [{stages: [encode: 1]}]`,
    'a.yaml:2:21: failures is a number',
  ],
  [
    'a misspelled filter',
    'shapes: {filter: encodr=x}',
    "a.yaml:1:18: 'encodr=x' chooses no shapes\n  did you mean encoder=?",
  ],
  ['a filter with a key twice', 'shapes: {filter: encoder=a encoder=b}', 'a.yaml:1:18: encoder is there twice'],
  ['a filter that is none', 'shapes: {filter: height=tall}', 'a.yaml:1:18: height is a number of pixels'],
  [
    'a list for a mapping',
    `${CLASS}workers: [1]\ntitles: [{stages: [encode: 1]}]`,
    'a.yaml:2:10: workers is a mapping',
  ],
];

test.each(BAD)('%s is told with its place', (_, text, message) => {
  expect(() => parseWorkload(text, 'a.yaml')).toThrow(message);
});

test('all mistakes are told at once', () => {
  const text = 'classes: {e: {duration: 4, cpu: x}}\nfleet: 1\nseed: -1\n';
  const error = catchError(() => parseWorkload(text, 'a.yaml'));
  expect(error.problems.map(({ where }) => where)).toEqual(
    expect.arrayContaining(['a.yaml:1:25', 'a.yaml:1:33', 'a.yaml:2:8', 'a.yaml:3:7']),
  );
});

test('a fleet in words', () => {
  expect(parseFleet('100*c16:16cpu,32GiB,200GB disk,10Gbit/s,0.68/h; 20 * m8: 8cpu')).toEqual([
    { count: 100, size: { name: 'c16', capacity: [16, 32 * 2 ** 30, 2e11, 1.25e9], costPerHour: 0.68 } },
    { count: 20, size: { name: 'm8', capacity: [8, UNLIMITED, UNLIMITED, UNLIMITED], costPerHour: null } },
  ]);
});

test.each([
  ['', 'at least one part'],
  ['c16:16cpu', 'is no part of a fleet'],
  ['1*a:32GB', 'has no cores'],
  ['1*a:1cpu,32', "'32' in 'a' is no size"],
  ['1*a:1cpu; 2*a:2cpu', "two parts of the fleet are named 'a'"],
  ['0*a:1cpu', 'no workers'],
  ['999999*a:1cpu', 'more than 200000'],
  ['1*c4:4cpu,8GB,2GB', "'c4' has its memory twice"],
  ['1*c4:4cpu,2cpu', "'c4' has its cpu twice"],
  ['1*c4:4cpu,1/h,2/h', "'c4' has its cost twice"],
  [Array.from({ length: 17 }, (_, i) => `1*a${i}:1cpu`).join(';'), 'at most 16 sizes'],
])('the fleet %j is refused', (text, message) => {
  expect(() => parseFleet(text)).toThrow(message);
});

function catchError(act: () => unknown): UserError {
  try {
    act();
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

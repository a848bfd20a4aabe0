import { describe, expect, test } from 'vitest';
import { sampleShape } from '../../../test/lab/sample-shapes.ts';
import { parseFleet } from '../simulate/fleet.ts';
import { parseWorkload } from '../simulate/parse-workload.ts';
import { simulateSeeds, type Setup } from '../simulate/simulate-seeds.ts';
import { advise } from './advise.ts';
import type { Advice } from './advice.ts';

const ENCODE = 'encode: {duration: {median: 60s, spread: 0.3}, cpu: 4, memory: 2GB}';

function adviceOn(fleet: string, yaml: string, shapes: Setup['shapes'] = new Map()): readonly Advice[] {
  const workload = parseWorkload(yaml, 'a.yaml');
  const setup: Setup = { workload, fleet: parseFleet(fleet), policy: 'throughput', shapes };
  return advise([], { setup, results: simulateSeeds(setup, 1, 3) });
}

/** A burst of so many encodes, all at once. */
function burst(items: number, classes = ENCODE): string {
  return `classes: {${classes}}\ntitles: [{stages: [{encode: ${items}}]}]`;
}

function whatOf(advice: readonly Advice[]): readonly string[] {
  return advice.map(({ about, what }) => `${about}: ${what}`);
}

describe('workers', () => {
  test('more are advised where everything waits, at about the same cost', () => {
    const advice = adviceOn('4*c16:16cpu,32GB,1/h', burst(400));
    expect(whatOf(advice)).toEqual(['workers: take more workers: 6 × c16']);
    const { of, share } = advice[0]!.gain;
    expect(of).toBe('time');
    // Half as many again take two thirds of the time at best.
    expect(share.low).toBeGreaterThan(0.25);
    expect(share.high).toBeLessThan(0.36);
    expect(advice[0]!.evidence).toEqual([
      expect.stringMatching(/^waiting p95 falls from \d+ s to \d+ s$/),
      expect.stringMatching(/^the cost changes by /),
      'simulated with 3 seeds',
    ]);
  });

  test('fewer are advised where they stand idle, and more are not', () => {
    const advice = adviceOn('100*c16:16cpu,32GB,1/h', burst(100));
    expect(whatOf(advice)).toContain('workers: take fewer workers: 67 × c16');
    expect(whatOf(advice).join()).not.toMatch(/more workers/);
    const { share } = advice.find(({ about }) => about === 'workers')!.gain;
    // The longest item decides when all has ended, on 100 workers as on 67.
    expect(share.value).toBeCloseTo(1 / 3, 1);
  });

  test('where work comes slowly and nothing waits, more are not advised', () => {
    const yaml = `classes: {${ENCODE}}\ntitles: [{count: 100, arrivals: every 60s, stages: [encode: 2]}]`;
    expect(whatOf(adviceOn('2*c16:16cpu,32GB,1/h', yaml)).join()).not.toMatch(/more workers/);
  });

  test('fewer are not advised where deadlines would be missed', () => {
    const titles = (deadline: string) =>
      `classes: {${ENCODE}}\ntitles: [{count: 40, arrivals: every 20s, ${deadline} stages: [encode: 30]}]`;
    const few = '60*c16:16cpu,32GB,1/h';
    expect(whatOf(adviceOn(few, titles('')))).toContain('workers: take fewer workers: 40 × c16');
    const late = adviceOn('12*c16:16cpu,32GB,1/h', titles('deadline: 3m,'));
    expect(whatOf(late).join()).not.toMatch(/fewer workers/);
  });
});

describe('instances', () => {
  test('the size that is cheaper for this work is advised', () => {
    const advice = adviceOn('10*c16:16cpu,32GB,1/h; 10*dear:16cpu,64GB,1.6/h', burst(1000));
    expect(whatOf(advice)).toContain('instance: take 26 × c16 instead of 10 × c16, 10 × dear');
  });

  test('not where both are worth their price', () => {
    const advice = adviceOn('10*c16:16cpu,32GB,1/h; 20*c8:8cpu,16GB,0.5/h', burst(1000));
    expect(whatOf(advice).join()).not.toMatch(/instance/);
  });

  test('more memory is advised where memory is full and cores are free', () => {
    const advice = adviceOn('10*c16:16cpu,16GB,1/h', burst(500, ENCODE.replace('2GB', '8GB')));
    expect(whatOf(advice)).toContain('instance: take workers with twice the memory for each core');
  });

  test.each([
    ['cores are full as well', '4GB'],
    ['memory is free', '1GB'],
  ])('not where %s', (_, memory) => {
    const advice = adviceOn('10*c16:16cpu,16GB,1/h', burst(500, ENCODE.replace('2GB', memory)));
    expect(whatOf(advice).join()).not.toMatch(/instance/);
  });
});

describe('chunks', () => {
  test('shorter ones are advised where a long one keeps everything waiting', () => {
    const classes = `${ENCODE}, long: {duration: 30m, cpu: 4, memory: 2GB}`;
    const yaml = `classes: {${classes}}\ntitles: [{stages: [{encode: 100, long: 8}]}]`;
    const advice = adviceOn('20*c16:16cpu,32GB', yaml);
    expect(whatOf(advice)).toContain('chunks: cut the longest tenth of the chunks into halves');
    expect(advice.find(({ about }) => about === 'chunks')!.evidence[0]).toBe('cut were 3 × encode, 8 × long');
  });

  test('not where it is no chunk that keeps everything waiting', () => {
    const classes = `${ENCODE}, package: {duration: 30m, cpu: 4, memory: 2GB}`;
    const yaml = `classes: {${classes}}\ntitles: [{count: 8, stages: [{encode: 12}, {package: 1}]}]`;
    expect(whatOf(adviceOn('20*c16:16cpu,32GB', yaml)).join()).not.toMatch(/chunks/);
  });

  test.each([
    ['encode', true],
    ['audio', false],
  ])('of the shapes of a lab: %s', (kind, isCut) => {
    const shapes = Array.from({ length: 11 }, (_, i) =>
      sampleShape({ id: String(i), kind, title: 'film', threads: null, durationS: i === 0 ? 1_800 : 60, cpuS: 60 }),
    );
    const advice = adviceOn(
      '20*c16:16cpu,32GB',
      `shapes: {filter: kind=${kind}, times: 4}`,
      new Map([[`kind=${kind}`, shapes]]),
    );
    const chunks = advice.find(({ about }) => about === 'chunks');
    expect(chunks?.evidence[0]).toBe(isCut ? 'cut were 4 × encodes of the lab' : undefined);
  });

  test('not where there is work enough to fill the time of the longest', () => {
    const classes = `${ENCODE}, long: {duration: 30m, cpu: 4, memory: 2GB}`;
    const yaml = `classes: {${classes}}\ntitles: [{stages: [{encode: 4000, long: 8}]}]`;
    expect(whatOf(adviceOn('4*c16:16cpu,32GB', yaml)).join()).not.toMatch(/chunks/);
  });
});

test('work that does not fit its fleet gets no advice on it', () => {
  expect(adviceOn('4*c2:16cpu,1GB', burst(10))).toEqual([]);
});

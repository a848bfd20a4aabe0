import { describe, expect, test } from 'vitest';
import { quantile } from '#analysis/quantile';
import { RESOURCES } from '#core/packing';
import type { ShapeRow } from '#core/shape';
import { sampleShape } from '../../../test/lab/sample-shapes.ts';
import { drawWork } from './draw-work.ts';
import { UNLIMITED } from './fleet.ts';
import { parseWorkload } from './parse-workload.ts';

import type { Work } from './work.ts';
import { unusableText } from './usable-shapes.ts';

const LARGEST = [16, 32e9, UNLIMITED, UNLIMITED];
const R = RESOURCES.length;

function draw(yaml: string, seed = 1, rows: Readonly<Record<string, readonly ShapeRow[]>> = {}): Work {
  return drawWork(parseWorkload(yaml, 'a.yaml'), seed, new Map(Object.entries(rows)), LARGEST);
}

const STAGED = `
classes: {inspect: {duration: 2s, cpu: 1}, encode: {duration: {median: 10s, spread: 0.5}, cpu: 4, memory: 1GB, disk: 5MB, network: 8Mbit/s}}
titles:
  - {count: 2, arrivals: every 60s, priority: 7, deadline: 1m, stages: [inspect: 1, {encode: 3}]}
`;

test('titles come one after the other, their stages follow each other, and each item knows its title', () => {
  const { items, groups, titles } = draw(STAGED);
  expect(titles).toBe(2);
  expect(items.count).toBe(8);
  expect([...groups.first]).toEqual([0, 1, 4, 5, 8]);
  expect([...groups.follows]).toEqual([0, 1, 0, 1]);
  expect([...groups.comesS]).toEqual([0, 0, 60, 60]);
  expect([...items.title]).toEqual([0, 0, 0, 0, 1, 1, 1, 1]);
  expect([...items.deadlineS]).toEqual([60, 60, 60, 60, 120, 120, 120, 120]);
  expect(new Set(items.priority)).toEqual(new Set([7]));
  expect([...items.need.subarray(R, 2 * R)]).toEqual([4, 1e9, 5e6, 1e6]);
});

test('the same seed draws the same work, another one another', () => {
  expect(draw(STAGED, 5)).toEqual(draw(STAGED, 5));
  expect(draw(STAGED, 5).truth.durationS).not.toEqual(draw(STAGED, 6).truth.durationS);
});

describe('distributions', () => {
  const yaml = `
prediction: {duration: 0.3, cpu: 0.1, memory: 0.2}
classes: {encode: {duration: {median: 10s, spread: 0.5}, cpu: 2, memory: 1GB}}
titles: [{count: 20000, arrivals: poisson 3600/h, spread: 0.4, stages: [encode: 1]}]`;
  const { items, truth, groups } = draw(yaml);
  const logs = (values: Float64Array) => values.map((value) => Math.log(value));
  const sigma = (values: Float64Array) => (quantile(values, 0.8413) - quantile(values, 0.1587)) / 2;

  test('durations are log-normal with their median and spread', () => {
    expect(quantile(truth.durationS, 0.5)).toBeCloseTo(10, 0);
    expect(sigma(logs(truth.durationS))).toBeCloseTo(0.5, 1);
  });

  test('predictions are wrong by what is said, in the middle by nothing', () => {
    const errors = logs(items.durationS.map((predicted, i) => predicted / truth.durationS[i]!));
    expect(Math.abs(quantile(errors, 0.5))).toBeLessThan(0.01);
    expect(sigma(errors)).toBeCloseTo(0.3, 1);
  });

  test('memory is reserved so that 95 of 100 fit', () => {
    const fit = truth.memoryBytes.filter((bytes, i) => bytes <= items.need[i * R + 1]!).length / items.count;
    expect(fit).toBeGreaterThan(0.945);
    expect(fit).toBeLessThan(0.955);
  });

  test('titles come by chance at the rate that is said', () => {
    expect(groups.comesS.at(-1)! / groups.count).toBeCloseTo(1, 1);
    const gaps = groups.comesS.slice(1).map((comesS, i) => comesS - groups.comesS[i]!);
    expect(quantile(gaps, 0.5)).toBeCloseTo(Math.LN2, 1);
  });
});

test('no more is reserved than the largest worker has, where the item fits it', () => {
  const yaml = `
prediction: {cpu: 3, memory: 3}
classes: {fits: {duration: 1s, cpu: 16, memory: 30GB}, large: {duration: 1s, cpu: 1, memory: 40GB}}
titles: [{stages: [{fits: 50, large: 50}]}]`;
  const { items } = draw(yaml);
  const memory = Array.from({ length: 100 }, (_, i) => items.need[i * R + 1]!);
  const cores = Array.from({ length: 100 }, (_, i) => items.need[i * R]!);
  expect(Math.max(...cores)).toBe(16);
  expect(Math.max(...memory.slice(0, 50))).toBe(32e9);
  expect(Math.min(...memory.slice(50))).toBeGreaterThanOrEqual(40e9);
});

test('what can not be played is counted, and nothing else', () => {
  const rows = [
    sampleShape(),
    sampleShape({ kind: 'publish', cpuS: null }),
    sampleShape({ cpuS: null, outcome: 'failed' }),
  ];
  expect(unusableText(rows)).toBe('1 piece of work without CPU: publish');
  expect(unusableText([sampleShape(), sampleShape({ outcome: 'failed' })])).toBeNull();
});

describe('shapes of the lab', () => {
  const rows = [
    sampleShape({ id: 'a', title: 't1', durationS: 10, cpuS: 25, memoryPeak: 1e9, diskWritten: 5e6, network: null }),
    sampleShape({ id: 'b', title: 't1', durationS: 20, cpuS: 20, memoryPeak: null }),
    sampleShape({ id: 'c', title: null, durationS: 30, cpuS: 30 }),
    sampleShape({ id: 'd', title: 't2', outcome: 'failed' }),
    sampleShape({ id: 'e', title: 't2', phase: 'encode' }),
    sampleShape({ id: 'f', title: 't2', cpuS: null }),
  ];

  test('are replayed as they were, so many times, in their titles', () => {
    const { items, truth, titles, groups } = draw("shapes: {filter: 'codec=x', times: 2}", 1, { 'codec=x': rows });
    expect(titles).toBe(4);
    expect(groups.count).toBe(4);
    expect([...truth.durationS]).toEqual([10, 20, 30, 10, 20, 30]);
    expect([...truth.cores]).toEqual([2.5, 1, 1, 2.5, 1, 1]);
    expect([...items.need.subarray(0, R)]).toEqual([2.5, 1e9, 5e6, 0]);
    expect(items.need[R + 1]).toBe(0);
  });

  test('wait in their titles as work of titles does', () => {
    const kinds = ['publish', 'encode', 'inspect', 'encode', 'assemble'];
    const title = kinds.map((kind, i) => sampleShape({ id: `${i}`, kind, durationS: 1 + i, cpuS: 1 }));
    const { truth, groups } = draw('shapes: lab', 1, { '': title });
    expect([...truth.durationS]).toEqual([3, 2, 4, 5, 1]);
    expect([...groups.first]).toEqual([0, 1, 3, 4, 5]);
    expect([...groups.follows]).toEqual([0, 1, 1, 1]);
  });

  test('are drawn from by a class', () => {
    const yaml = 'classes: {e: {shapes: codec=x}}\ntitles: [{count: 40, stages: [{e: 5}]}]';
    const { truth } = draw(yaml, 1, { 'codec=x': rows });
    expect(new Set(truth.durationS)).toEqual(new Set([10, 20, 30]));
  });

  test('have as many threads as a worker would give them: many narrow ones where all are done sooner', () => {
    const wide = [sampleShape({ durationS: 10, cpuS: 60, threads: 8 })];
    const drawn = (count: number) =>
      draw(`classes: {e: {shapes: codec=x}}\ntitles: [{stages: [{e: ${count}}]}]`, 1, { 'codec=x': wide }).truth;
    expect([drawn(1).durationS[0], drawn(1).cores[0]]).toEqual([10, 6]);
    expect([drawn(1600).durationS[0], drawn(1600).cores[0]]).toEqual([60, 1]);
    const title = Array.from({ length: 1600 }, (_, i) => ({ ...wide[0]!, id: `${i}` }));
    expect(draw('shapes: {filter: codec=x}', 1, { 'codec=x': title }).truth.durationS[0]).toBe(60);
  });

  test('are told to be none where a filter chose none that can be used', () => {
    expect(() => draw('shapes: lab', 1, { '': rows.slice(3) })).toThrow('no shape of the lab tells');
    expect(() => draw('shapes: {filter: codec=y}', 1, { 'codec=y': [] })).toThrow(
      "no shape of the lab matches 'codec=y'",
    );
  });
});

test('more items than can be simulated are refused', () => {
  const yaml = 'classes: {e: {duration: 1s, cpu: 1}}\ntitles: [{count: 100000, stages: [{e: 60}]}]';
  expect(() => draw(yaml)).toThrow(/6000000 items/);
});

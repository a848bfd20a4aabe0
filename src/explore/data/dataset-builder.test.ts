// Runs become columns: one row each, what a run does not have is absent.

import { expect, test } from 'vitest';
import type { Metrics } from '#core/metric';
import type { Outcome, RunRecord } from '#core/run';
import { DatasetBuilder } from './dataset-builder.ts';

const fps = (value: number): Metrics => ({ 'encode.fps': { value, unit: 'frame/s', better: 'higher' } });

type Run = Pick<
  RunRecord,
  'id' | 'kind' | 'benchmark' | 'repeat' | 'settings' | 'labels' | 'sameKey' | 'reason' | 'startedAt' | 'metrics'
> & { readonly outcome: Outcome };

function run(id: string, fields: Partial<Run> = {}): Run {
  return {
    id,
    kind: 'encode',
    benchmark: 'one',
    repeat: 1,
    settings: {},
    labels: [],
    sameKey: 'key',
    outcome: 'ok',
    reason: null,
    startedAt: '2026-11-21T23:59:59.000Z',
    metrics: {},
    ...fields,
  };
}

function built(runs: readonly Run[], excluded: readonly (readonly [string, string])[] = []) {
  const builder = new DatasetBuilder(runs.length);
  for (const one of runs) {
    const texts = { settings: one.settings, labels: one.labels, metrics: one.metrics };
    const [settings, labels, metrics] = Object.values(texts).map((value) => JSON.stringify(value)) as [
      string,
      string,
      string,
    ];
    builder.add({ ...one, settings, labels, metrics }, { host: `host of ${one.id}` });
  }
  return builder.finish([{ name: 'preset', values: ['fast', 'slow'] }], new Map(excluded));
}

test('settings come first and in the order of the file, facts follow; each run has the code of its value', () => {
  const dataset = built([
    run('a', { settings: { bitrate: '4M', preset: 'slow', frames: [0, 9] } }),
    run('b', { settings: { preset: 'fast', bitrate: '500k', tune: true }, benchmark: null }),
  ]);
  const told = dataset.properties.map(({ name, origin, values, codes }) => [
    `${origin} ${name}`,
    ...[...codes].map((code) => values[code] ?? null),
  ]);
  expect(told).toEqual([
    ['setting preset', 'slow', 'fast'],
    ['setting bitrate', '4M', '500k'],
    ['setting frames', '0..9', null],
    ['setting tune', null, 'true'],
    ['fact benchmark', 'one', null],
    ['fact kind', 'encode', 'encode'],
    ['fact outcome', 'ok', 'ok'],
    ['fact host', 'host of a', 'host of b'],
    ['fact day', '2026-11-21', '2026-11-21'],
  ]);
  expect([...dataset.properties[1]!.numbers!]).toEqual([5e5, 4e6]);
});

test('a metric that a run lacks is NaN, and so is one that is no number', () => {
  const { metrics } = built([
    run('a', { metrics: fps(60) }),
    run('b'),
    run('c', { metrics: fps(null as unknown as number) }),
  ]);
  expect(metrics).toMatchObject([{ name: 'encode.fps', unit: 'frame/s', better: 'higher' }]);
  expect([...metrics[0]!.values]).toEqual([60, NaN, NaN]);
});

test('scores of two models, and a name with two units, are columns of their own', () => {
  const vmaf = (model: string, value: number) =>
    ({ 'quality.vmaf': { value, unit: '1', better: 'higher', model } }) as const;
  const { metrics } = built([
    run('a', { metrics: { ...vmaf('vmaf_v0.6.1', 80), ...fps(1) } }),
    run('b', { metrics: { ...vmaf('vmaf_4k', 90), 'encode.fps': { value: 2, unit: '1', better: null } } }),
    run('c', { metrics: vmaf('vmaf_v0.6.1', 70) }),
  ]);
  expect(metrics.map(({ name, values }) => [name, ...values])).toEqual([
    ['quality.vmaf', 80, NaN, 70],
    ['quality.vmaf (1, vmaf_4k)', NaN, 90, NaN],
    ['encode.fps', 1, NaN, NaN],
    ['encode.fps (1)', NaN, 2, NaN],
  ]);
});

test('repeats share their cell; another label or key is another cell', () => {
  const { cells, cellCount } = built([
    run('a', { settings: { load: 'idle' }, labels: ['load'] }),
    run('b', { settings: { load: 'busy' }, labels: ['load'] }),
    run('c', { settings: { load: 'idle' }, labels: ['load'], repeat: 2 }),
    run('d', { sameKey: 'other' }),
  ]);
  expect([...cells]).toEqual([0, 1, 0, 2]);
  expect(cellCount).toBe(3);
});

test('why a run failed is told by its first line, and why it was left out as it was said', () => {
  const dataset = built(
    [run('a'), run('b', { outcome: 'failed', reason: 'no encoder\nand a log' })],
    [
      ['a', 'a fan had failed'],
      ['gone', 'was deleted'],
    ],
  );
  expect(dataset.reasons).toEqual(new Map([[1, 'no encoder']]));
  expect(dataset.excluded).toEqual(new Map([[0, 'a fan had failed']]));
  expect([...dataset.outcomes]).toEqual([0, 1]);
});

test('a setting that is called like a fact keeps its name', () => {
  const { properties } = built([run('a', { settings: { host: 'mine' } })]);
  expect(properties.filter(({ name }) => name.startsWith('host')).map(({ name, origin }) => [name, origin])).toEqual([
    ['host', 'setting'],
    ['host (fact)', 'fact'],
  ]);
});

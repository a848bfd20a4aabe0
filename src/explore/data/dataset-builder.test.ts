// Runs become columns: one row each, what a run does not have is absent.

import { expect, test } from 'vitest';
import type { Metrics } from '#core/metric';
import type { Outcome, RunRecord } from '#core/run';
import { DatasetBuilder } from './dataset-builder.ts';

const fps = (value: number): Metrics => ({ 'encode.fps': { value, unit: 'frame/s', better: 'higher' } });

type Run = Pick<
  RunRecord,
  'id' | 'kind' | 'benchmark' | 'repeat' | 'settings' | 'labels' | 'sameKey' | 'reason' | 'startedAt' | 'metrics'
> & { readonly outcome: Outcome; readonly host?: string };

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

function built(
  runs: readonly Run[],
  excluded: readonly (readonly [string, string])[] = [],
  presets: readonly string[] = ['fast', 'slow'],
) {
  const builder = new DatasetBuilder(runs.length);
  for (const one of runs) {
    const texts = { settings: one.settings, labels: one.labels, metrics: one.metrics };
    const [settings, labels, metrics] = Object.values(texts).map((value) => JSON.stringify(value)) as [
      string,
      string,
      string,
    ];
    builder.add({ ...one, settings, labels, metrics }, { host: one.host ?? `host of ${one.id}` });
  }
  return builder.finish([{ name: 'preset', values: presets }], new Map(excluded));
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

test('numbers of one dimension are one column in the unit that came first, whatever unit they were written in', () => {
  const cpu = (value: number, unit: string): Metrics => ({ 'cpu.time': { value, unit, better: 'lower' } });
  const { metrics } = built([
    run('a', { metrics: cpu(1.5, 's') }),
    run('b', { metrics: cpu(1600, 'ms') }),
    run('c', { metrics: cpu(null as unknown as number, 'ms') }),
    run('d', { metrics: cpu(1.7, 's') }),
  ]);
  expect(metrics).toHaveLength(1);
  expect(metrics[0]).toMatchObject({ name: 'cpu.time', unit: 's' });
  expect([...metrics[0]!.values]).toEqual([1.5, 1.6, NaN, 1.7]);
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

test('spellings of one value are one value and one cell, shown as first met, with repeats counted on', () => {
  const { properties, cells, cellCount, repeats } = built([
    run('a', { settings: { bitrate: '1M' }, sameKey: 'M' }),
    run('b', { settings: { bitrate: '2M' }, sameKey: '2' }),
    run('c', { settings: { bitrate: '1000k' }, sameKey: 'k', host: 'host of a' }),
    run('d', { settings: { bitrate: '1M' }, sameKey: 'M', repeat: 2 }),
    run('e', { settings: { bitrate: 1000000 }, sameKey: 'number', host: 'host of a' }),
    run('f', { settings: { bitrate: '1000k' }, sameKey: 'k', repeat: 0 }),
    run('g', { settings: { bitrate: '2000k' }, sameKey: 'elsewhere' }),
  ]);
  expect(properties[0]!.values).toEqual(['1M', '2M']);
  expect([...properties[0]!.codes]).toEqual([0, 1, 0, 0, 0, 0, 1]);
  expect([...cells]).toEqual([0, 1, 0, 0, 0, 0, 2]);
  expect(cellCount).toBe(3);
  expect([...repeats]).toEqual([1, 1, 3, 2, 4, 0, 1]);
});

test("of several spellings the one of the benchmark's file is shown", () => {
  const settings = ['1000k', '1M', '1000000'].map((rate) => ({ settings: { preset: rate } }));
  const [property] = built(
    settings.map((fields, i) => run(`${i}`, fields)),
    [],
    ['1G', '1M', '1000k'],
  ).properties;
  expect(property!.values).toEqual(['1M']);
});

test('names that look like numbers are told apart, and cells that something unseen tells apart stay two', () => {
  const { properties, cells } = built([
    run('a', { settings: { version: '3.1', rate: '1M' }, sameKey: 'one source' }),
    run('b', { settings: { version: '3.10', rate: '1M' }, sameKey: 'other', host: 'host of a' }),
    run('c', { settings: { version: '3.1', rate: '1M' }, sameKey: 'another source', host: 'host of a' }),
    run('d', { settings: { version: '3.1', rate: '1000k' }, sameKey: 'of which?', host: 'host of a' }),
  ]);
  expect(properties[0]!.values).toEqual(['3.1', '3.10']);
  expect([...cells]).toEqual([0, 1, 2, 3]);
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

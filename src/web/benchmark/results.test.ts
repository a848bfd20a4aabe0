import { expect, test } from 'vitest';
import type { BenchmarkPage, ResultColumns } from '#server/wire';
import { Results } from './results.ts';
import { formatOrder, nextOrder, parseOrder, sortRows } from './table-rows.ts';

function columns(
  rows: readonly [id: string, cell: number, repeat: number, outcome: 'ok' | 'failed' | null, fps: number | null][],
): ResultColumns {
  return {
    id: rows.map(([id]) => id),
    cell: rows.map(([, cell]) => cell),
    repeat: rows.map(([, , repeat]) => repeat),
    outcome: rows.map(([, , , outcome]) => outcome),
    reason: rows.map(() => null),
    startedAtMs: rows.map(() => 0),
    durationS: rows.map(() => 1),
    metrics: [{ name: 'encode.fps', unit: 'frame/s', better: 'higher', values: rows.map(([, , , , fps]) => fps) }],
  };
}

function benchmark(results: ResultColumns): BenchmarkPage {
  return {
    version: 1,
    benchmark: {
      name: 'b',
      file: '',
      properties: [{ name: 'bitrate', values: ['4M', '10M'] }],
      repeat: 2,
      seed: null,
      thresholds: [],
      startedAt: '',
    },
    thresholds: [],
    encodes: true,
    cells: { label: ['bitrate=10M', 'bitrate=4M', 'bitrate=2M'], properties: [['10M', '4M', '2M']] },
    results,
    progress: null,
  };
}

test('a run that ends takes the place of the run that it was', () => {
  const results = new Results(
    benchmark(
      columns([
        ['a', 0, 1, 'ok', 10],
        ['b', 0, 2, null, null],
      ]),
    ),
  );
  expect([results.cellState(0, false), results.medians('encode.fps')[0]]).toEqual(['partial', 10]);
  results.merge(columns([['b', 0, 2, 'ok', 20]]));
  expect([results.cellState(0, false), results.medians('encode.fps')[0]]).toEqual(['done', 15]);
  expect(results.id).toEqual(['a', 'b']);
  expect(results.cellState(1, false)).toBe('waiting');
  expect(results.medians('encode.fps')[1]).toBeNaN();
});

test('of a repeat that was run again only the newest run counts, and a failed run has no say in a median', () => {
  const results = new Results(
    benchmark(
      columns([
        ['a', 0, 1, 'failed', 99],
        ['b', 0, 2, 'ok', 20],
      ]),
    ),
  );
  expect([results.cellState(0, false), results.medians('encode.fps')[0]]).toEqual(['failed', 20]);
  results.merge(columns([['c', 0, 1, 'ok', 30]]));
  expect([results.cellState(0, false), results.medians('encode.fps')[0]]).toEqual(['done', 25]);
  expect(results.rowsOfCell[0]!.map((row) => results.id[row])).toEqual(['c', 'b']);
});

test('rows are sorted as numbers, names with numbers too, and what is absent comes last both ways', () => {
  const results = new Results(
    benchmark(
      columns([
        ['a', 0, 1, 'ok', 10],
        ['b', 1, 1, 'ok', 9],
      ]),
    ),
  );
  const context = {
    kind: 'cells' as const,
    results,
    states: ['done', 'done', 'waiting'] as const,
    propertyNames: ['bitrate'],
    properties: [['10M', '4M', '2M']],
  };
  const sort = (text: string | null) => sortRows([0, 1, 2], parseOrder(text), context);
  expect(sort(null)).toEqual([0, 1, 2]);
  expect(sort('m:encode.fps')).toEqual([1, 0, 2]);
  expect(sort('-m:encode.fps')).toEqual([0, 1, 2]);
  expect(sort('p:bitrate')).toEqual([2, 1, 0]);
  expect(sort('no such column')).toEqual([0, 1, 2]);
});

test('a column is sorted upwards, downwards, and not at all', () => {
  const first = nextOrder(null, 'state');
  const second = nextOrder(first, 'state');
  expect([first, second].map(formatOrder)).toEqual(['state', '-state']);
  expect(nextOrder(second, 'state')).toBeNull();
});

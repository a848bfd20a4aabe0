import { expect, test } from 'vitest';
import type { PhaseRow } from '#core/recording';
import { ColumnCollector, joinColumns } from './column-collector.ts';
import { JointPhases } from './run-work.ts';

test('phases of encodes at once last from the first start to the last end, with the CPU of all', () => {
  const rows: PhaseRow[] = [];
  const phases = new JointPhases(2, (row) => rows.push(row));
  phases.add({ phase: 'open', startUs: 10, endUs: 20, cpuS: 1 });
  phases.add({ phase: 'encode', startUs: 20, endUs: 50, cpuS: 2 });
  expect(rows).toEqual([]);
  phases.add({ phase: 'open', startUs: 5, endUs: 12, cpuS: 3 });
  phases.add({ phase: 'encode', startUs: 12, endUs: 40, cpuS: null });
  expect(rows).toEqual([
    { phase: 'open', startUs: 5, endUs: 20, cpuS: 4 },
    { phase: 'encode', startUs: 12, endUs: 50, cpuS: null },
  ]);
});

test('the phases of one encode go through as they are', () => {
  const rows: PhaseRow[] = [];
  new JointPhases(1, (row) => rows.push(row)).add({ phase: 'open', startUs: 1, endUs: 2, cpuS: null });
  expect(rows).toEqual([{ phase: 'open', startUs: 1, endUs: 2, cpuS: null }]);
});

test('columns of several streams are joined, and a stream plays as long as it did', () => {
  const stream = (bytes: number[]) => {
    const columns = new ColumnCollector();
    const numbers = bytes.map((_, i) => i);
    columns.addFrames({
      stream: 'video',
      timeBase: [1, 25],
      frame: Int32Array.from(numbers),
      sourceFrame: Int32Array.from(numbers),
      pts: Float64Array.from(numbers),
      type: Uint8Array.from(numbers, () => 1),
      key: Uint8Array.from(numbers, () => 1),
      bytes: Int32Array.from(bytes),
      quantizer: Float32Array.from(numbers, () => NaN),
    });
    return columns.columns();
  };
  const joined = joinColumns([stream([1, 2]), stream([3, 4, 5])]);
  expect([...joined.bytes]).toEqual([1, 2, 3, 4, 5]);
  expect(joined.playS).toBeCloseTo(5 / 25);
});

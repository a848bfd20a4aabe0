// A dataset for tests: every combination of some settings, with numbers that are known.

import type { Dataset, MetricColumn, Property } from '#explore/data/dataset';
import { numberOf } from '#explore/scene/plot-axis';

export interface MadeMetric {
  readonly unit: string;
  readonly better: 'higher' | 'lower' | null;
  /** NaN where absent. */
  readonly of: (settings: Readonly<Record<string, string>>, repeat: number) => number;
}

/** Each combination of the values `repeats` times. */
export function madeDataset(
  settings: Readonly<Record<string, readonly string[]>>,
  repeats = 1,
  metrics: Readonly<Record<string, MadeMetric>> = {},
  changes: Partial<Dataset> = {},
): Dataset {
  const names = Object.keys(settings);
  const cellCount = names.reduce((count, name) => count * settings[name]!.length, 1);
  const count = cellCount * repeats;
  const codes = names.map(() => new Int32Array(count));
  for (let cell = 0; cell < cellCount; cell++) {
    let rest = cell;
    for (const [at, name] of names.entries()) {
      const size = settings[name]!.length;
      codes[at]!.fill(rest % size, cell * repeats, (cell + 1) * repeats);
      rest = Math.floor(rest / size);
    }
  }
  const ofRow = (row: number) =>
    Object.fromEntries(names.map((name, at) => [name, settings[name]![codes[at]![row]!]!]));
  const rows = Array.from({ length: count }, (_, row) => row);
  return {
    count,
    ids: rows.map((row) => `run-${row}`),
    outcomes: new Uint8Array(count),
    startedAtMs: Float64Array.from(rows, (row) => 1e12 + row * 1e3),
    repeats: Int32Array.from(rows, (row) => (row % repeats) + 1),
    cells: Int32Array.from(rows, (row) => Math.floor(row / repeats)),
    cellCount,
    excluded: new Map(),
    reasons: new Map(),
    properties: names.map((name, at): Property => {
      const numbers = Float64Array.from(settings[name]!, numberOf);
      const isNumber = numbers.some((value) => !Number.isNaN(value));
      return {
        name,
        origin: 'setting',
        values: settings[name]!,
        numbers: isNumber ? numbers : null,
        codes: codes[at]!,
      };
    }),
    metrics: Object.entries(metrics).map(([name, { unit, better, of }]): MetricColumn => ({
      name,
      unit,
      better,
      values: Float64Array.from(rows, (row) => of(ofRow(row), (row % repeats) + 1)),
    })),
    ...changes,
  };
}

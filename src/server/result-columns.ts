// Runs turned into columns: what the page draws ten thousand of.

import type { CellRecord } from '#core/catalogue';
import type { Better, Unit } from '#core/metric';
import type { RunRecord } from '#core/run';
import type { CellColumns, MetricColumn, ResultColumns } from './wire.ts';

/**
 * The runs of a benchmark's cells as columns, in the given order.
 * @param cellOfKey position of the cell that a run belongs to, by its key; runs of other cells are left out
 * @param wanted metrics that come with their values; the others are only named. All where it is null
 */
export function resultColumns(
  runs: Iterable<RunRecord>,
  cellOfKey: ReadonlyMap<string, number>,
  wanted: ReadonlySet<string> | null = null,
): ResultColumns {
  const kept: RunRecord[] = [];
  const cell: number[] = [];
  for (const run of runs) {
    const index = cellOfKey.get(run.sameKey);
    if (index === undefined) continue;
    kept.push(run);
    cell.push(index);
  }
  return {
    id: kept.map((run) => run.id),
    cell,
    repeat: kept.map((run) => run.repeat),
    outcome: kept.map((run) => run.outcome),
    // The tail of the log is on the run's own page; here its first line is enough.
    reason: kept.map((run) => run.reason?.split('\n', 1)[0]?.slice(0, MAX_REASON) ?? null),
    startedAtMs: kept.map((run) => Date.parse(run.startedAt)),
    durationS: kept.map((run) => run.durationS),
    metrics: metricColumns(kept, wanted),
  };
}

const MAX_REASON = 200;

function metricColumns(runs: readonly RunRecord[], wanted: ReadonlySet<string> | null): MetricColumn[] {
  const columns = new Map<string, { name: string; unit: Unit; better: Better; values: (number | null)[] | null }>();
  for (const [row, run] of runs.entries()) {
    for (const name in run.metrics) {
      const metric = run.metrics[name]!;
      let column = columns.get(name);
      if (column === undefined) {
        const isWanted = wanted === null || wanted.has(name);
        const values = isWanted ? Array.from<number | null>({ length: runs.length }).fill(null) : null;
        column = { name, unit: metric.unit, better: metric.better, values };
        columns.set(name, column);
      }
      if (column.values !== null) column.values[row] = metric.value;
    }
  }
  return [...columns.values()];
}

export function cellColumns(
  cells: readonly CellRecord[],
  properties: readonly { readonly name: string }[],
): CellColumns {
  return {
    label: cells.map((cell) => cell.label),
    properties: properties.map(({ name }) => cells.map((cell) => cell.properties[name] ?? null)),
  };
}

// The cells of a heatmap as a table, for who does not see the picture: what is in view, thinned to what can be read.

import { useState } from 'preact/hooks';
import { ABSENT } from '#core/format-quantity';
import { heatmapCells } from '#profile/heatmap-cells';
import type { Occupancy, OccupancyRow } from '#profile/occupancy';
import type { TimeRange } from '../chart/chart-group.ts';
import { tableCells } from './heatmap-layout.ts';
import { shownName } from './heatmap-scene.ts';

/** Rows of the table: cells are made longer until there are no more. */
const MAX_ROWS = 60;
/** Lengths of its cells, seconds. */
const STEPS_S = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600];

interface HeatmapTableProps {
  readonly occupancy: Occupancy;
  readonly rows: readonly OccupancyRow[];
  readonly range: TimeRange;
  readonly zeroNs: number;
}

export function HeatmapTable(props: HeatmapTableProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details class="heatmap-table" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Cells as a table</summary>
      {isOpen && <Table {...props} />}
    </details>
  );
}

function Table({ occupancy, rows, range, zeroNs }: HeatmapTableProps) {
  const longest = STEPS_S.at(-1)!;
  const span = range.to - range.from;
  const stepS = STEPS_S.find((step) => (span / step) * rows.length <= MAX_ROWS) ?? Math.max(longest, span / 10);
  const { first, count } = tableCells(range, stepS);
  const cells = heatmapCells(rows, occupancy.source.header, zeroNs + first * stepS * 1e9, stepS * 1e9, count);
  const cpus = (ns: number) => (Number.isNaN(ns) ? ABSENT : (ns / stepS / 1e9).toFixed(2));
  return (
    <table class="data">
      <caption class="muted">CPUs on the mean of {stepS} s; threads in the run queue</caption>
      <thead>
        <tr>
          {rows.length > 1 && <th scope="col">row</th>}
          {[
            'from, s',
            'busy',
            'of',
            (rows[0]?.threads ?? null) === null ? 'idle' : 'not running',
            'stolen or lost',
            'no data',
            'run queue',
          ].map((name) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.flatMap((row, position) =>
          Array.from({ length: count }, (_, column) => {
            const at = position * count + column;
            const { capacityNs, busyNs, idleNs, stolenNs, noDataNs, readyNs } = cells;
            if (!(capacityNs[at]! > 0)) return null;
            return (
              <tr key={`${row.name} ${column}`}>
                {rows.length > 1 && <th scope="row">{shownName(row)}</th>}
                <td>{Number(((first + column) * stepS).toFixed(3))}</td>
                {[busyNs, capacityNs, idleNs, stolenNs, noDataNs, readyNs].map((values, i) => (
                  <td key={i}>{cpus(values[at]!)}</td>
                ))}
              </tr>
            );
          }),
        )}
      </tbody>
    </table>
  );
}

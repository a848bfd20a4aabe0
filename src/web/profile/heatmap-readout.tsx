// What a heatmap says of the cell under the crosshair.

import type { Signal } from '@preact/signals';
import { ABSENT, formatQuantity } from '#core/format-quantity';
import { heatmapCells } from '#profile/heatmap-cells';
import { cellErrorCpus } from '#profile/heatmap-error';
import type { Occupancy, OccupancyRow } from '#profile/occupancy';

interface CellFacts {
  readonly timeS: number;
  readonly cellS: number;
  readonly busyCpus: number;
  readonly capacityCpus: number;
  /** 19 times in 20 it is right to so many; 0 where it is exact. */
  readonly errorCpus: number;
  /** CPUs; NaN where nobody knows. */
  readonly idleCpus: number;
  readonly stolenCpus: number;
  readonly noDataCpus: number;
  /** Threads that waited for a CPU; NaN where nobody knows. */
  readonly ready: number;
}

/** Null where the row is not at that time. */
function cellFacts(
  occupancy: Occupancy,
  row: OccupancyRow,
  timeS: number,
  cellS: number,
  zeroNs: number,
): CellFacts | null {
  const cellNs = cellS * 1e9;
  const cells = heatmapCells([row], occupancy.source.header, zeroNs + timeS * 1e9, cellNs, 1);
  const capacityCpus = cells.capacityNs[0]! / cellNs;
  if (!(capacityCpus > 0)) return null;
  const busyCpus = cells.busyNs[0]! / cellNs;
  const samples = (occupancy.frequencyHz ?? 0) * cellS * capacityCpus;
  return {
    timeS,
    cellS,
    busyCpus,
    capacityCpus,
    errorCpus: occupancy.isExact ? 0 : cellErrorCpus(busyCpus, capacityCpus, samples),
    idleCpus: cells.idleNs[0]! / cellNs,
    stolenCpus: cells.stolenNs[0]! / cellNs,
    noDataCpus: cells.noDataNs[0]! / cellNs,
    ready: cells.readyNs[0]! / cellNs,
  };
}

interface HeatmapReadoutProps {
  readonly occupancy: Occupancy;
  readonly row: OccupancyRow | undefined;
  readonly time: Signal<number | null>;
  readonly cellS: number;
  readonly zeroNs: number;
}

export function HeatmapReadout({ occupancy, row, time, cellS, zeroNs }: HeatmapReadoutProps) {
  const now = time.value;
  const start = now === null ? 0 : Math.floor(now / cellS + 1e-6) * cellS;
  const facts = now === null || row === undefined ? null : cellFacts(occupancy, row, start, cellS, zeroNs);
  if (facts === null || row === undefined)
    return (
      <p class="heatmap-readout muted" role="status">
        drag to choose a time{' '}
        <span class="heatmap-hint">
          · Alt a rectangle of a folded heatmap · Ctrl one more · arrows where it has the focus
        </span>
      </p>
    );
  const cpus = (value: number) => (Number.isNaN(value) ? ABSENT : value.toFixed(2));
  return (
    <dl class="heatmap-readout" aria-live="off">
      <Item term="t">
        {facts.timeS.toFixed(3)} s <span class="muted">+ {formatQuantity(cellS, 's')}</span>
      </Item>
      <Item term={row.name}>
        {facts.busyCpus.toFixed(2)} {facts.errorCpus > 0 && <span class="muted">± {facts.errorCpus.toFixed(2)}</span>}{' '}
        of {formatQuantity(facts.capacityCpus, '1')} CPU busy
      </Item>
      <Item term={row.threads === null ? 'idle' : 'not running'}>
        {Number.isNaN(facts.idleCpus) ? 'not known' : cpus(facts.idleCpus)}
      </Item>
      <Item term="stolen or lost">{cpus(facts.stolenCpus)}</Item>
      <Item term="no data">{cpus(facts.noDataCpus)}</Item>
      <Item term="run queue">{cpus(facts.ready)}</Item>
    </dl>
  );
}

function Item({ term, children }: { term: string; children: preact.ComponentChildren }) {
  return (
    <div>
      <dt>{term}</dt>
      <dd>{children}</dd>
    </div>
  );
}

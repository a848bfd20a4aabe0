// What the colours and patterns of a heatmap mean, with their unit.

import { formatQuantity } from '#core/format-quantity';
import type { Occupancy, OccupancyRow } from '#profile/occupancy';
import { scheme } from '../shell/theme.ts';
import { colorsOf } from './heatmap-draw.ts';
import { cssOf, RAMP_STEPS } from './heatmap-ramp.ts';

const STOPS = 10;

export function HeatmapLegend({ occupancy, row, cellS, hasOwn }: LegendProps) {
  const capacityCpus = row?.capacityCpus ?? 0;
  const { ramp, stolen, noData, noDataGround, unknown } = colorsOf(scheme.value);
  const stops = Array.from({ length: STOPS + 1 }, (_, i) => cssOf(ramp[(i * RAMP_STEPS) / STOPS]!));
  const stripes = (angle: number, line: number, ground: number) =>
    `repeating-linear-gradient(${angle}deg, ${cssOf(line)} 0 2px, ${cssOf(ground)} 2px 5.6px)`;
  const isSystem = occupancy.source.header.scope === 'system';
  const { isKnown } = occupancy.capacity;
  return (
    <ul class="heatmap-legend" aria-label="Legend">
      <li>
        {isSystem && (row?.threads ?? null) === null ? 'idle 0 %' : '0 %'}
        <i
          class="heatmap-ramp"
          style={{ backgroundImage: `linear-gradient(90deg, ${stops.join(', ')})` }}
          aria-hidden="true"
        />
        100 % busy of {formatQuantity(capacityCpus, '1')} CPU{capacityCpus === 1 ? '' : 's'}
        {!isKnown && <span class="muted">(as many as were seen)</span>}
      </li>
      {!isSystem && (
        <li>
          <i
            style={{
              backgroundColor: cssOf(ramp[0]!),
              backgroundImage: `radial-gradient(${cssOf(unknown)} 1px, transparent 1.4px)`,
              backgroundSize: '6px 6px',
            }}
            aria-hidden="true"
          />
          other programs: not known
        </li>
      )}
      <li>
        <i style={{ backgroundImage: stripes(-45, stolen, ramp[0]!) }} aria-hidden="true" />
        stolen or lost
      </li>
      <li>
        <i style={{ backgroundImage: stripes(45, noData, noDataGround) }} aria-hidden="true" />
        no data
      </li>
      {hasOwn && <li>● of the run itself</li>}
      {occupancy.blindCpus.length > 0 && (
        <li class="warn">
          CPU {occupancy.blindCpus.join(', ')}: idle time gives no samples here, so it can’t be told from no data;
          scheduler events tell it
        </li>
      )}
      <li class="muted">
        cells of {formatQuantity(cellS, 's')}, {sourceWords(occupancy)}
      </li>
    </ul>
  );
}

interface LegendProps {
  readonly occupancy: Occupancy;
  readonly row: OccupancyRow | undefined;
  readonly cellS: number;
  /** Some rows are marked as the run's own. */
  readonly hasOwn: boolean;
}

function sourceWords({ isExact, frequencyHz, sampling }: Occupancy): string {
  if (isExact) return 'exact: from the scheduler';
  if (frequencyHz === null) return 'from samples';
  return `from samples at ${formatQuantity(Math.round(frequencyHz), '1')} Hz${sampling.isGuessed ? ' (guessed)' : ''}`;
}

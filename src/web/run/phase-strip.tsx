// The phases of a run along its time axis, above the charts and in step with them.

import { formatQuantity } from '#core/format-quantity';
import type { RunPage } from '#server/wire';
import type { TimeRange } from '../chart/chart-group.ts';

export interface PhaseStripProps {
  readonly phases: RunPage['phases'];
  readonly range: TimeRange;
  readonly onZoom: (range: TimeRange) => void;
}

/** A click on a phase zooms to it. */
export function PhaseStrip({ phases, range, onZoom }: PhaseStripProps) {
  const percent = (time: number) => (100 * (time - range.from)) / (range.to - range.from);
  return (
    <div class="phases" aria-label="Phases">
      <div class="phase-track">
        {phases.map(({ phase, startS, endS, cpuS }, position) => {
          const left = Math.max(0, percent(startS));
          const right = Math.min(100, percent(endS));
          if (right <= 0 || left >= 100) return null;
          const words = `${phase}: ${formatQuantity(endS - startS, 's')}${cpuS === null ? '' : `, CPU ${formatQuantity(cpuS, 's')}`}`;
          return (
            <button
              key={`${phase} ${startS}`}
              type="button"
              data-parity={position % 2}
              style={{ left: `${left}%`, width: `max(2px, ${right - left}%)` }}
              title={words}
              aria-label={words}
              onClick={() => endS > startS && onZoom({ from: startS, to: endS })}
            >
              <span>
                {phase} <span class="muted">{formatQuantity(endS - startS, 's')}</span>
              </span>
            </button>
          );
        })}
      </div>
    </div>
  );
}

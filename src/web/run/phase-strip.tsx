// The phases of a run along its time axis, above the charts and in step with them.

import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { formatQuantity } from '#core/format-quantity';
import type { RunPage } from '#server/wire';
import type { TimeRange } from '../chart/chart-group.ts';

export interface PhaseStripProps {
  readonly phases: RunPage['phases'];
  readonly range: TimeRange;
  readonly onZoom: (range: TimeRange) => void;
}

/** A word that would be cut is left to the tooltip: the mean width of a character, and what stands beside the words. */
const CHARACTER_PX = 6.2;
const PADDING_PX = 14;

/** A click on a phase zooms to it. */
export function PhaseStrip({ phases, range, onZoom }: PhaseStripProps) {
  const track = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = track.current!;
    const sizes = new ResizeObserver(() => setWidth(element.clientWidth));
    sizes.observe(element);
    setWidth(element.clientWidth);
    return () => sizes.disconnect();
  }, []);
  const percent = (time: number) => (100 * (time - range.from)) / (range.to - range.from);
  return (
    <div class="phases" aria-label="Phases">
      <div class="phase-track" ref={track}>
        {phases.map(({ phase, startS, endS, cpuS }, position) => {
          const left = Math.max(0, percent(startS));
          const right = Math.min(100, percent(endS));
          if (right <= 0 || left >= 100) return null;
          const took = formatQuantity(endS - startS, 's');
          const room = ((right - left) / 100) * width - PADDING_PX;
          const words = `${phase}: ${took}${cpuS === null ? '' : `, CPU ${formatQuantity(cpuS, 's')}`}`;
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
              {room >= phase.length * CHARACTER_PX && (
                <span>
                  {phase} {room >= (phase.length + 1 + took.length) * CHARACTER_PX && <span class="muted">{took}</span>}
                </span>
              )}
            </button>
          );
        })}
      </div>
    </div>
  );
}

// What people have marked while it ran, along the time axis: a click chooses the frames around it.

import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { RunMarker } from '#server/wire';
import type { TimeRange } from '../chart/chart-group.ts';

interface MarkerStripProps {
  /** By their times. */
  readonly markers: readonly RunMarker[];
  readonly range: TimeRange;
  /** Position of the one whose frames are chosen; -1 for none. */
  readonly chosen: number;
  readonly onChoose: (marker: RunMarker) => void;
}

/** Flag and room around it. */
const FLAG_PX = 20;
const CHARACTER_PX = 6.2;
/** A longer text is left to the tooltip, and to the list beside the frames. */
const LONGEST_PX = 180;

export function MarkerStrip({ markers, range, chosen, onChoose }: MarkerStripProps) {
  const track = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = track.current!;
    const sizes = new ResizeObserver(() => setWidth(element.clientWidth));
    sizes.observe(element);
    setWidth(element.clientWidth);
    return () => sizes.disconnect();
  }, []);
  const placeOf = (timeS: number) => (width * (timeS - range.from)) / (range.to - range.from);
  return (
    <div class="phases profile-markers" aria-label="Markers">
      <div class="phase-track" ref={track}>
        {markers.map((marker, position) => {
          const left = placeOf(marker.timeS);
          if (left < 0 || left > width) return null;
          const next = markers[position + 1];
          const room = Math.min(LONGEST_PX, (next === undefined ? width : placeOf(next.timeS)) - left, width - left);
          const words = markerWords(marker);
          return (
            <button
              key={`${marker.timeS} ${position}`}
              type="button"
              aria-pressed={position === chosen}
              title={words}
              aria-label={words}
              style={{ left: `${left}px`, maxWidth: `${Math.max(FLAG_PX, room)}px` }}
              onClick={() => onChoose(marker)}
            >
              ⚑{room >= FLAG_PX + 3 * CHARACTER_PX && <span>{marker.text}</span>}
            </button>
          );
        })}
      </div>
    </div>
  );
}

export function markerWords({ timeS, source, text }: RunMarker): string {
  return `${timeS.toFixed(2)} s, ${source}: ${text === '' ? 'marker' : text}`;
}

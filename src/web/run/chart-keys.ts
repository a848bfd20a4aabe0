// Keys that move the crosshair and the zoom of the charts.

import type { FrameColumns } from '#server/wire';
import type { TimeRange } from '../chart/chart-group.ts';
import { nearest } from '../chart/nearest.ts';
import { useShortcuts } from '../shell/keyboard.ts';
import type { TimeAxisView } from './time-axes.ts';

/** @param axis the one that the frames are on */
export function useChartKeys(axis: TimeAxisView, frames: FrameColumns | null, onShowAll: () => void): void {
  const { group, range, whole, onZoom } = axis;
  const step = (by: number) => {
    const times = frames?.timeS ?? [];
    const now = group.time.peek() ?? range.from;
    const at = nearest(times, now);
    const next = times[Math.max(0, Math.min(times.length - 1, at + by))] ?? now + (by * (range.to - range.from)) / 200;
    group.setTime(next);
  };
  const zoomBy = (factor: number) => {
    const centre = group.time.peek() ?? (range.from + range.to) / 2;
    const closer: TimeRange = {
      from: Math.max(whole.from, centre - (centre - range.from) * factor),
      to: Math.min(whole.to, centre + (range.to - centre) * factor),
    };
    onZoom(closer.from <= whole.from && closer.to >= whole.to ? null : closer);
  };
  useShortcuts('Charts', [
    { keys: ['ArrowRight', 'l'], does: 'crosshair to the next frame', run: () => step(1) },
    { keys: ['ArrowLeft', 'h'], does: 'crosshair to the frame before', run: () => step(-1) },
    { keys: ['+', '='], does: 'zoom in at the crosshair', run: () => zoomBy(0.5) },
    { keys: ['-'], does: 'zoom out', run: () => zoomBy(2) },
    { keys: ['0'], does: 'see all of the run', run: onShowAll },
  ]);
}

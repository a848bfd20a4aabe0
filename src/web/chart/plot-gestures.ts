// What a mouse does on every chart over time: the crosshair of its group, a drag that zooms, a double click that shows all.

import type uPlot from 'uplot';
import type { ChartGroup, TimeRange } from './chart-group.ts';

/** A drag that is shorter was meant as a click. */
const LEAST_DRAG_PX = 4;

/** @param onZoom called when a stretch was dragged over; null on a double click */
export function plotCursor(
  group: ChartGroup,
  points: uPlot.Cursor.Points,
  onZoom: (range: TimeRange | null) => void,
): uPlot.Cursor {
  return {
    sync: { key: group.key, scales: ['x', null], setSeries: false },
    drag: { x: true, y: false, setScale: false, dist: LEAST_DRAG_PX },
    points,
    y: false,
    bind: {
      dblclick: () => () => {
        onZoom(null);
        return null;
      },
    },
  };
}

/** The hooks that go with it. */
export function cursorHooks(
  group: ChartGroup,
  onZoom: (range: TimeRange) => void,
): Pick<uPlot.Hooks.Arrays, 'setCursor' | 'setSelect'> {
  return {
    setCursor: [
      (self) => {
        // Each chart is told; the one under the mouse tells the page.
        if (self.cursor.event === undefined || !self.over.matches(':hover')) return;
        const left = self.cursor.left ?? -1;
        group.time.value = left < 0 ? null : self.posToVal(left, 'x');
      },
    ],
    setSelect: [
      (self) => {
        const { left, width: dragged } = self.select;
        if (dragged < LEAST_DRAG_PX) return;
        self.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        // Every chart of the group hears of the drag; the one that was dragged on speaks.
        if (!self.over.matches(':hover')) return;
        onZoom({ from: self.posToVal(left, 'x'), to: self.posToVal(left + dragged, 'x') });
      },
    ],
  };
}

// Points of a shape on a stem, for uPlot: what a frame weighs, told by type.

import type uPlot from 'uplot';
import { addShape, type Shape } from '#explore/scene/shapes';

/** With more points than this stems would be a wall of ink. */
const MAX_STEMS = 1_500;

/** @param hasStems a line from each mark to the foot of the chart */
export function pointMarks(shape: Shape, radius: number, hasStems = true): uPlot.Series.PathBuilder {
  return (chart, seriesIndex, from, to) => {
    const times = chart.data[0];
    const values = chart.data[seriesIndex]!;
    const scale = chart.series[seriesIndex]!.scale ?? 'y';
    const ratio = devicePixelRatio;
    const foot = chart.bbox.top + chart.bbox.height;
    const stems = hasStems && to - from <= MAX_STEMS ? new Path2D() : null;
    const marks = new Path2D();
    const size = (to - from > 600 ? radius * 0.7 : radius) * ratio;
    for (let i = from; i <= to; i++) {
      const value = values[i];
      if (value === null || value === undefined) continue;
      const x = Math.round(chart.valToPos(times[i]!, 'x', true));
      const y = Math.round(chart.valToPos(value, scale, true));
      if (stems !== null) {
        stems.moveTo(x + 0.5, foot);
        stems.lineTo(x + 0.5, y);
      }
      addShape(marks, shape, x, y, size);
    }
    return { stroke: stems, fill: marks, flags: 0 };
  };
}

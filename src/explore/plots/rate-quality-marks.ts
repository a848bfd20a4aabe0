// What rate-quality curves are drawn with: points with their intervals, and the curves that BD-rate integrates.

import { pchip, valueAt } from '#analysis/pchip';
import { unfitness, upperHull } from '#analysis/rate-quality';
import type { Brushed } from '../data/filter-rows.ts';
import { pixelScale } from '../scene/axis-scale.ts';
import type { Mark, Panel } from '../scene/scene.ts';
import { isBrushed, PALE } from './arranged.ts';
import { behindGroups } from './grouping.ts';
import type { Curve, Curves } from './rate-quality-curves.ts';

/** Places at which a smooth curve is drawn. */
const STEPS = 48;

export function curveMarks(
  at: number,
  panel: Panel,
  ofPanel: readonly Curve[],
  curves: Curves,
  hull: boolean,
  brushed: Brushed | null,
): Mark[] {
  const xScale = pixelScale(panel.xAxis, panel.x, panel.x + panel.width);
  const yScale = pixelScale(panel.yAxis, panel.y + panel.height, panel.y);
  const { rates, qualities, groups } = curves;
  const shown = ofPanel.flatMap(({ points, series }) => points.map(({ group }) => ({ group, look: 1 + series })));
  const strokes = shown.flatMap(({ group, look }) => {
    const [x, y] = [xScale(rates.median[group]!), yScale(qualities.median[group]!)];
    const across = { x1: xScale(rates.low[group]!), y1: y, x2: xScale(rates.high[group]!), y2: y, look };
    const up = { x1: x, y1: yScale(qualities.low[group]!), x2: x, y2: yScale(qualities.high[group]!), look };
    return [across, up].filter((stroke) => Number.isFinite(stroke.x1) && Number.isFinite(stroke.y1));
  });
  const points = [false, true].flatMap((isStrong): Mark[] => {
    const chosen = shown.filter(({ group }) => isBrushed(brushed, groups, group) === isStrong);
    if (chosen.length === 0) return [];
    return [
      {
        kind: 'points',
        panel: at,
        x: Float32Array.from(chosen, ({ group }) => xScale(rates.median[group]!)),
        y: Float32Array.from(chosen, ({ group }) => yScale(qualities.median[group]!)),
        looks: Uint16Array.from(chosen, ({ look }) => look),
        radius: shown.length > 500 ? 2.6 : 4.2,
        behind: behindGroups(
          groups,
          chosen.map(({ group }) => group),
        ),
        opacity: isStrong ? 1 : PALE,
      },
    ];
  });
  return [
    ...lineMarks(at, ofPanel, xScale, yScale, hull),
    {
      kind: 'segments',
      panel: at,
      behind: null,
      x1: Float32Array.from(strokes, ({ x1 }) => x1),
      y1: Float32Array.from(strokes, ({ y1 }) => y1),
      x2: Float32Array.from(strokes, ({ x2 }) => x2),
      y2: Float32Array.from(strokes, ({ y2 }) => y2),
      looks: Uint16Array.from(strokes, ({ look }) => look),
      width: 1,
    },
    ...points,
  ];
}

/** Where a curve can be compared its own PCHIP; else straight and faint from point to point. */
function lineMarks(
  at: number,
  ofPanel: readonly Curve[],
  xScale: (x: number) => number,
  yScale: (y: number) => number,
  hull: boolean,
): Mark[] {
  const lines = ofPanel.map(({ points, series }) => {
    const used = hull ? upperHull(points) : points;
    const rates = used.map(({ rate }) => rate);
    const qualities = used.map(({ quality }) => quality);
    if (unfitness(used) !== null) return { x: rates, y: qualities, look: 1 + series, isFit: false };
    const curve = pchip(qualities, rates.map(Math.log));
    const [low, high] = [qualities[0]!, qualities.at(-1)!];
    // The last place is the last point itself: a sum of steps could end beyond it.
    const y = Array.from({ length: STEPS + 1 }, (_, i) => (i === STEPS ? high : low + ((high - low) * i) / STEPS));
    return { x: y.map((quality) => Math.exp(valueAt(curve, quality))), y, look: 1 + series, isFit: true };
  });
  return [true, false].flatMap((isFit): Mark[] => {
    const chosen = lines.filter((line) => line.isFit === isFit && line.x.length > 1);
    if (chosen.length === 0) return [];
    const first = new Uint32Array(chosen.length + 1);
    for (const [i, { x }] of chosen.entries()) first[i + 1] = first[i]! + x.length;
    return [
      {
        kind: 'lines',
        panel: at,
        behind: null,
        x: Float32Array.from(
          chosen.flatMap(({ x }) => x),
          xScale,
        ),
        y: Float32Array.from(
          chosen.flatMap(({ y }) => y),
          yScale,
        ),
        first,
        looks: Uint16Array.from(chosen, ({ look }) => look),
        width: isFit ? 2 : 1.2,
        opacity: isFit ? 1 : 0.4,
      },
    ];
  });
}

// Draws points, lines and intervals in facets as SVG: the one file that knows Observable Plot. It is a chunk of its own, loaded
// when a plot comes into view.

import * as Plot from '@observablehq/plot';
import { roomyTicks, textWidth, type PlotAxis, type Tick } from '#explore/scene/plot-axis';
import { addShape, type ShapePath } from '#explore/scene/shapes';
import type { PlotLine, PlotPoint, PlotSeries, PlotSpec } from './plot-spec.ts';

export interface PlotColors {
  readonly text: string;
  readonly muted: string;
  readonly line: string;
  readonly grid: string;
  readonly surface: string;
}

/** A point as the marks read it: the value of an axis of names is its name. */
interface Datum {
  readonly x: number | string;
  readonly y: number;
  readonly fx: string | undefined;
  readonly fy: string | undefined;
  readonly point: PlotPoint;
}

/** Where several series have points at one place, they stand this far apart. */
const ASIDE_PX = 6;
const MAX_ASIDE = 5;
const POINT_RADIUS = 4.2;
const SMALL_RADIUS = 3;
/** Points from which on they are drawn small. */
const MANY_POINTS = 400;
const LONGEST_SIDE_NAME = 150;

/** Draws a plot of a width in pixels. The result has no style of its own: the page's content policy allows none. */
export function drawPlot(spec: PlotSpec, width: number, colors: PlotColors): SVGSVGElement {
  const columns = spec.columns?.names ?? [];
  const rows = spec.rows?.names ?? [];
  const side = rows.length > 0 ? Math.min(LONGEST_SIDE_NAME, Math.max(...rows.map(textWidth)) + 14) : 14;
  const margin = { left: 62, right: side, top: columns.length > 0 ? 30 : 14 };
  const facetWidth = (width - margin.left - margin.right) / Math.max(1, columns.length);
  const tilted =
    spec.x.kind === 'names' && Math.max(...spec.x.names.map(textWidth)) * spec.x.names.length > facetWidth * 0.9;
  const bottom =
    tilted && spec.x.kind === 'names' ? 44 + Math.min(90, Math.max(...spec.x.names.map(textWidth)) * 0.6) : 46;
  const height = margin.top + bottom + Math.max(1, rows.length) * spec.facetHeight;
  const facets = {
    ...(columns.length > 0 && { fx: { domain: columns, padding: 0.06, label: null } }),
    ...(rows.length > 0 && { fy: { domain: rows, padding: 0.09, label: null } }),
  };
  const svg = Plot.plot({
    width,
    height,
    marginLeft: margin.left,
    marginRight: margin.right,
    marginTop: margin.top,
    marginBottom: bottom,
    style: {
      fontFamily: 'system-ui, sans-serif',
      fontSize: '12px',
      background: 'none',
      color: colors.muted,
      overflow: 'visible',
    },
    x: scaleOf(spec.x),
    y: scaleOf(spec.y),
    ...facets,
    marks: [
      Plot.frame({ stroke: colors.line, rx: 3 }),
      ...axisMarks(spec, facetWidth, tilted, colors),
      ...(columns.length > 0
        ? [
            Plot.axisFx({
              anchor: 'top',
              label: null,
              fill: colors.text,
              fontWeight: 600,
              tickFormat: facetText(spec.columns!.label, columns, facetWidth),
            }),
          ]
        : []),
      ...(rows.length > 0 ? [Plot.axisFy({ anchor: 'right', label: null, fill: colors.text, fontWeight: 600 })] : []),
      ...spec.series.flatMap((series, position) => seriesMarks(spec, series, position, colors)),
      tipMark(spec, colors),
    ],
  }) as SVGSVGElement;
  // Its rules stand in the page's own style sheet.
  for (const style of svg.querySelectorAll('style')) style.remove();
  return svg;
}

/** `codec=x264` where all of them have room, else `x264`. */
function facetText(label: string, names: readonly string[], width: number): (name: string) => string {
  const full = (name: string) => `${label}=${name}`;
  return names.every((name) => textWidth(full(name)) * 1.1 < width) ? full : (name) => name;
}

function axisMarks(
  { x, y, facetHeight }: PlotSpec,
  facetWidth: number,
  tilted: boolean,
  colors: PlotColors,
): Plot.Markish[] {
  const look = { fill: colors.muted, stroke: colors.line, labelAnchor: 'center' as const, labelArrow: 'none' as const };
  const ticksX = x.kind === 'names' ? null : roomyTicks(x, facetWidth * 0.94);
  const ticksY = y.kind === 'names' ? null : y.ticks;
  return [
    ...(ticksY === null
      ? []
      : [
          Plot.gridY(
            ticksY.map(({ at }) => at),
            { stroke: colors.grid, strokeOpacity: 1 },
          ),
        ]),
    ...(ticksX === null
      ? []
      : [
          Plot.gridX(
            ticksX.map(({ at }) => at),
            { stroke: colors.grid, strokeOpacity: 1 },
          ),
        ]),
    ticksX === null
      ? Plot.axisX({ ...look, label: x.label, labelOffset: tilted ? 60 : 38, ...(tilted && { tickRotate: -35 }) })
      : Plot.axisX(
          ticksX.map(({ at }) => at),
          { ...look, label: x.label, labelOffset: 38, text: textOf(ticksX) },
        ),
    ticksY === null
      ? Plot.axisY({ ...look, label: y.label })
      : Plot.axisY(
          ticksY.map(({ at }) => at),
          {
            ...look,
            label: facetHeight < 100 ? null : y.label,
            labelOffset: 54,
            text: textOf(ticksY),
          },
        ),
  ];
}

/** Plot's own formats leave texts out on logarithmic axes. */
function textOf(ticks: readonly Tick[]): (at: number) => string {
  const texts = new Map(ticks.map(({ at, text }) => [at, text]));
  return (at) => texts.get(at) ?? '';
}

function seriesMarks(spec: PlotSpec, series: PlotSeries, position: number, colors: PlotColors): Plot.Markish[] {
  const points = spec.points.filter((point) => point.series === position).map((point) => datumOf(spec, point));
  const lines = spec.lines.filter((line) => line.series === position);
  const spread = spec.apart && spec.series.length <= MAX_ASIDE ? ASIDE_PX : 0;
  const dx = (position - (spec.series.length - 1) / 2) * spread;
  const place = { ...facetKeys(spec), dx };
  const bar = { ...place, stroke: series.stroke, strokeWidth: 1.4, strokeOpacity: 0.85 };
  const small = spec.points.length > MANY_POINTS;
  return [
    ...lines.map((line) =>
      Plot.line(lineData(spec, line), {
        ...place,
        x: 'x',
        y: 'y',
        stroke: series.stroke,
        strokeWidth: small ? 1 : 1.6,
        strokeOpacity: line.faint ? 0.55 : 1,
        strokeDasharray: line.faint ? '2 4' : series.dash.join(' '),
      }),
    ),
    Plot.ruleX(
      points.filter(({ point }) => isWide(point.yInterval)),
      {
        ...bar,
        x: 'x',
        y1: (d: Datum) => d.point.yInterval![0],
        y2: (d: Datum) => d.point.yInterval![1],
        marker: 'tick',
      },
    ),
    Plot.ruleY(
      points.filter(({ point }) => isWide(point.xInterval)),
      {
        ...bar,
        y: 'y',
        x1: (d: Datum) => d.point.xInterval![0],
        x2: (d: Datum) => d.point.xInterval![1],
        marker: 'tick',
      },
    ),
    Plot.dot(points, {
      ...place,
      x: 'x',
      y: 'y',
      r: small ? SMALL_RADIUS : POINT_RADIUS,
      symbol: {
        draw: (context: ShapePath, size: number) => addShape(context, series.shape, 0, 0, Math.sqrt(size / Math.PI)),
      },
      fill: series.shape === 'ring' ? colors.surface : series.stroke,
      stroke: series.shape === 'ring' ? series.stroke : colors.surface,
      strokeWidth: series.shape === 'ring' ? 1.6 : small ? 1 : 2,
      paintOrder: series.shape === 'ring' ? 'normal' : 'stroke',
    }),
  ];
}

function tipMark(spec: PlotSpec, colors: PlotColors): Plot.Markish {
  return Plot.tip(
    spec.points.map((point) => datumOf(spec, point)),
    Plot.pointer({
      x: 'x',
      y: 'y',
      ...facetKeys(spec),
      title: (d: Datum) => d.point.title,
      fill: colors.surface,
      stroke: colors.muted,
      strokeOpacity: 0.6,
      maxRadius: 24,
      lineWidth: 40,
      lineHeight: 1.35,
    }),
  );
}

/** A facet that is named, even for nothing, would be drawn. */
function facetKeys({ columns, rows }: PlotSpec): { fx?: 'fx'; fy?: 'fy' } {
  return { ...(columns !== null && { fx: 'fx' }), ...(rows !== null && { fy: 'fy' }) };
}

function datumOf(spec: PlotSpec, point: PlotPoint): Datum {
  return {
    x: spec.x.kind === 'names' ? spec.x.names[point.x]! : point.x,
    y: point.y,
    fx: spec.columns?.names[point.column],
    fy: spec.rows?.names[point.row],
    point,
  };
}

function lineData(spec: PlotSpec, line: PlotLine) {
  const { columns, rows, x } = spec;
  return line.x.map((at, i) => ({
    x: x.kind === 'names' ? x.names[at]! : at,
    y: line.y[i]!,
    fx: columns?.names[line.column],
    fy: rows?.names[line.row],
  }));
}

function scaleOf(axis: PlotAxis): Plot.ScaleOptions {
  if (axis.kind === 'names') return { type: 'point', domain: axis.names, padding: 0.6, label: null };
  return { type: axis.kind, domain: [axis.low, axis.high], label: null };
}

/** An interval of no width would be a speck on the point. */
function isWide(interval: readonly [number, number] | null): boolean {
  return interval !== null && interval[1] > interval[0];
}

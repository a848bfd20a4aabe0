// What the charts of a run draw of its frames.

import { median, quantile } from '#analysis/quantile';
import { FRAME_TYPES } from '#core/recording';
import type { FrameColumns } from '#server/wire';
import { SHAPE_SIGNS, type Shape } from '#explore/scene/shapes';
import type { ChartSeries } from '../chart/time-chart.tsx';
import type { ValueColumn } from './chart-panel.tsx';
import { color, seriesColor } from '../shell/theme.ts';

const TYPE_LOOKS: Readonly<Record<(typeof FRAME_TYPES)[number], readonly [shape: Shape, color: string]>> = {
  I: ['diamond', '--frame-i'],
  P: ['circle', '--frame-p'],
  B: ['triangle', '--frame-b'],
  unknown: ['ring', '--muted'],
};

/** Sizes by type, and the time of each frame in the encoder. */
export function frameSeries(frames: FrameColumns) {
  const sizes = (['I', 'P', 'B', 'unknown'] as const).flatMap((type): ChartSeries[] => {
    const code = FRAME_TYPES.indexOf(type);
    if (!frames.type.includes(code)) return [];
    const [shape, name] = TYPE_LOOKS[type];
    return [
      {
        label: type === 'unknown' ? 'type not known' : type,
        sign: SHAPE_SIGNS[shape],
        stroke: color(name),
        draw: shape,
        values: frames.bytes.map((bytes, row) => (frames.type[row] === code ? bytes : null)),
      },
    ];
  });
  const times: ChartSeries[] = [
    { label: 'busy', sign: '●', stroke: seriesColor(0).stroke, draw: 'circle', values: frames.encodeBusyMs },
    { label: 'delay', sign: '—', stroke: seriesColor(1).stroke, draw: 'line', values: frames.encodeDelayMs },
  ];
  const columns: ValueColumn[] = [
    { name: 'frame', unit: '1', values: frames.frame },
    {
      name: 'type',
      unit: null,
      values: frames.type.map((code, row) => `${FRAME_TYPES[code]}${frames.key[row] === 1 ? ' key' : ''}`),
    },
    { name: 'bytes', unit: 'byte', values: frames.bytes },
    ...(frames.axis === 'video'
      ? []
      : [
          { name: 'busy', unit: 'ms', values: frames.encodeBusyMs },
          { name: 'delay', unit: 'ms', values: frames.encodeDelayMs },
        ]),
    { name: 'q', unit: '1', values: frames.quantizer },
  ];
  return {
    sizes,
    /** A row for each frame: both charts have the same table. */
    columns,
    // Encoders that show a frame again write some of five bytes: what most of the rate goes into has the unit.
    usualSize: quantile(frames.bytes, LARGE),
    // Of both: lookahead may part them by decades, and the unit is one for both.
    usualTime: middle([...frames.encodeBusyMs, ...frames.encodeDelayMs]),
    times: times.filter(({ values }) => values.some((value) => value !== null)),
    // With lookahead a frame stays inside a hundred times as long as it is worked on: one straight scale would flatten that.
    spansDecades: middle(frames.encodeDelayMs) > DECADES * middle(frames.encodeBusyMs),
  };
}

/** The share of frames that are smaller than a large one. */
const LARGE = 0.9;

/** From so many times on two middles are shown on a logarithmic scale. */
const DECADES = 20;

function middle(values: readonly (number | null)[]): number {
  return median(values.filter((value) => value !== null));
}

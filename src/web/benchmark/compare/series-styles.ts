// How many series can be told apart, and by what: colour, shape and dash together.

import { SHAPES } from '#explore/scene/shapes';
import type { PlotSeries } from '../../chart/plot-spec.ts';
import { seriesColor } from '../../shell/theme.ts';

/** Seven colours in three dashes. */
export const MAX_SERIES = 21;

/** Looks in their order; with each round of colours the shapes move on by one, so that no two looks share both. */
export function seriesStyles(): Omit<PlotSeries, 'name'>[] {
  return Array.from({ length: MAX_SERIES }, (_, i) => ({
    ...seriesColor(i),
    shape: SHAPES[(i + Math.floor(i / SHAPES.length)) % SHAPES.length]!,
  }));
}

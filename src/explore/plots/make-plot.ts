// Kinds of plots by name.

import type { PlotKind } from '../view.ts';
import { bars } from './bars.ts';
import { distribution } from './distribution.ts';
import { frameRate } from './frame-rate.ts';
import { heatmap } from './heatmap.ts';
import { lines } from './lines.ts';
import { parallel } from './parallel.ts';
import { pareto } from './pareto.ts';
import type { MakePlot, NoPlot, Plot, PlotInput } from './plot.ts';
import { rateQuality } from './rate-quality.ts';
import { regression } from './regression.ts';
import { report } from './report-mode.ts';
import { scatter } from './scatter.ts';
import { stack } from './stack.ts';

const PLOTS: Readonly<Record<PlotKind, MakePlot>> = {
  bars,
  lines,
  scatter,
  distribution,
  heatmap,
  regression,
  stack,
  'frame-rate': frameRate,
  report,
  'rate-quality': rateQuality,
  pareto,
  parallel,
};

/** Draws the rows of a view as a plot of a kind; says why where there is nothing to draw. */
export function makePlot(kind: PlotKind, input: PlotInput): Plot | NoPlot {
  return PLOTS[kind](input);
}

/** Properties that bars name group by group, and that lines show the course of. */
const MOST_FOR_BARS = 2;
const MOST_FOR_LINES = 4;

/**
 * The kind for a count of properties that vary still: bars name each group, lines show a course, and of many all that can be shown is the
 * order of the values.
 */
export function choosePlot(freeCount: number): PlotKind {
  if (freeCount <= MOST_FOR_BARS) return 'bars';
  return freeCount <= MOST_FOR_LINES ? 'lines' : 'scatter';
}

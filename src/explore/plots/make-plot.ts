// Kinds of plots by name.

import type { PlotKind } from '../view.ts';
import { bars } from './bars.ts';
import { distribution } from './distribution.ts';
import { frameRate } from './frame-rate.ts';
import { heatmap } from './heatmap.ts';
import { lines } from './lines.ts';
import { parallel } from './parallel.ts';
import { pareto } from './pareto.ts';
import type { MakePlot, NoPlot, Plot, PlotInput, PlotOption } from './plot.ts';
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

/** Draws the rows of a view as a plot of a kind; says why where there is nothing to draw, and which options it does not have. */
export function makePlot(kind: PlotKind, input: PlotInput): Plot | NoPlot {
  const plot = PLOTS[kind](input);
  if (!plot.ok) return plot;
  const { scene, options } = plot;
  const strange = strangeOptions(input, options);
  if (strange.length === 0) return plot;
  return {
    ok: true,
    scene,
    options,
    notes: [...strange, ...plot.notes],
    get table() {
      return plot.table;
    },
  };
}

/** Options of other kinds are theirs, and wait for them. */
function strangeOptions(input: PlotInput, options: readonly PlotOption[]): string[] {
  return options.flatMap(({ name, values, chosen }) => {
    const asked = Object.hasOwn(input.options, name) ? input.options[name] : undefined;
    if (asked === undefined || values.some(({ value }) => value === asked)) return [];
    return [`the link asks for ${name}=${asked}, which this plot does not have: it is ${name}=${chosen}`];
  });
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

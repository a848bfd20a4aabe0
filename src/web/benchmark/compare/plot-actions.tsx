// What can be done with a plot: see its numbers, save its picture.

import type { PlotSeries } from '../../chart/plot-spec.ts';
import { savePlotPng, savePlotSvg } from '../../chart/save-plot.ts';

export interface PlotActionsProps {
  readonly drawing: { readonly current: SVGSVGElement | null };
  readonly title: string;
  readonly series: readonly PlotSeries[];
  readonly hasTable: boolean;
  readonly onTable: () => void;
}

export function PlotActions({ drawing, title, series, hasTable, onTable }: PlotActionsProps) {
  const save = (how: (picture: Parameters<typeof savePlotSvg>[0]) => unknown) => {
    if (drawing.current !== null) void how({ drawing: drawing.current, title, series, name: title });
  };
  return (
    <span class="plot-actions">
      <button type="button" class="quiet" aria-pressed={hasTable} onClick={onTable}>
        Table
      </button>
      <button type="button" class="quiet" onClick={() => save(savePlotPng)}>
        PNG
      </button>
      <button type="button" class="quiet" onClick={() => save(savePlotSvg)}>
        SVG
      </button>
    </span>
  );
}

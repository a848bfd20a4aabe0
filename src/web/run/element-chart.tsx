// How long buffers stay in each element of a pipeline.

import { useMemo } from 'preact/hooks';
import { formatQuantity } from '#core/format-quantity';
import type { RunPage, SeriesColumn } from '#server/wire';
import type { ChartSeries } from '../chart/time-chart.tsx';
import { scheme, seriesColor } from '../shell/theme.ts';
import { ChartPanel } from './chart-panel.tsx';
import { agentWords, seriesLabel, seriesOf, type PlannedChart } from './chart-plan.ts';
import { elementTimes } from './element-times.ts';
import type { CommonProps } from './indicator-chart.tsx';

export function ElementChart(
  props: CommonProps & { page: RunPage; chart: PlannedChart; series: readonly SeriesColumn[] },
) {
  const { page, chart, series, ...common } = props;
  const { from, to } = common.range;
  const data = useMemo(() => {
    const times = elementTimes(seriesOf(chart, series), { from, to });
    const words = agentWords(page.header?.agents ?? []);
    const lines = times.elements.map(({ values, ...element }, position): ChartSeries => {
      const look = seriesColor(position);
      const sign = look.dash.length > 0 ? '┄' : '—';
      return { label: seriesLabel(element, chart, words), sign, ...look, draw: 'line', values };
    });
    return { ...times, lines };
  }, [page, chart, series, from, to, scheme.value]);
  if (data.lines.length === 0) return null;
  return (
    <ChartPanel
      {...common}
      title={chart.title}
      unit={chart.unit}
      height={220}
      scaleKey="elements"
      prefersLogarithm={data.spansDecades}
      usual={data.usual}
      note={`from a buffer’s way in to its way out, median of each ${formatQuantity(data.stretchS, 's')}; zoom in for less`}
      timeS={data.timeS}
      series={data.lines}
    />
  );
}

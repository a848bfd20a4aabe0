// A chart of indicators of one unit: the cores, the encode's processes, or whatever was chosen.

import { useMemo } from 'preact/hooks';
import type { RunPage, SeriesColumn } from '#server/wire';
import type { ChartSeries } from '../chart/time-chart.tsx';
import { color, scheme, seriesColor } from '../shell/theme.ts';
import { ChartPanel } from './chart-panel.tsx';
import { agentWords, atMost, seriesLabel, seriesOf, type PlannedChart } from './chart-plan.ts';

export type CommonProps = Pick<
  Parameters<typeof ChartPanel>[0],
  'group' | 'range' | 'onZoom' | 'boundaries' | 'marked' | 'timeName' | 'name'
>;

export function IndicatorChart(
  props: CommonProps & { page: RunPage; chart: PlannedChart; series: readonly SeriesColumn[] },
) {
  const { page, chart, series, ...common } = props;
  const data = useMemo(() => {
    const members = seriesOf(chart, series);
    const words = agentWords(page.header?.agents ?? []);
    const isOneHost = members.filter(({ name }) => name === 'cpu.busy').length === 1;
    const { timeS, columns } = align(members);
    // Areas of several agents would hide each other.
    const isArea = chart.key === 'process.memory' && words.size === 0;
    const lines = members.map((member, position): ChartSeries => {
      const look =
        isOneHost && member.name === 'cpu.busy' ? { stroke: color('--muted'), dash: [2, 2] } : seriesColor(position);
      return {
        label: seriesLabel(member, chart, words),
        sign: look.dash.length > 0 ? '┄' : '—',
        stroke: look.stroke,
        dash: look.dash,
        draw: isArea ? 'area' : 'line',
        values: chart.key === CORES ? atMost(columns[position]!, 1) : columns[position]!,
      };
    });
    return { timeS, lines };
  }, [page, chart, series, scheme.value]);
  if (data.lines.length === 0) return null;
  const cores = page.header?.environment.cpu.cores;
  const top = chart.key === CORES ? 1 : chart.unit === 'core' ? cores : undefined;
  return (
    <ChartPanel
      {...common}
      title={chart.title}
      unit={chart.unit}
      height={130}
      note={chart.key === 'process.memory' ? MEMORY_NOTE : undefined}
      timeS={data.timeS}
      series={data.lines}
      top={top}
    />
  );
}

/** The chart of each core. */
const CORES = 'cpu.busy[]';
const MEMORY_NOTE = 'resident, mapped libraries included; memory.peak counts anonymous memory only';

/** Series of one sampler share their times; others are brought onto the union of all times. */
function align(members: readonly SeriesColumn[]): { timeS: readonly number[]; columns: (number | null)[][] } {
  const first = members[0];
  if (first === undefined) return { timeS: [], columns: [] };
  const isShared = members.every(
    ({ timeS }) => timeS.length === first.timeS.length && timeS.every((time, i) => time === first.timeS[i]),
  );
  if (isShared) return { timeS: first.timeS, columns: members.map(({ value }) => [...value]) };
  const timeS = [...new Set(members.flatMap((member) => member.timeS))].toSorted((a, b) => a - b);
  const positions = new Map(timeS.map((time, position) => [time, position]));
  const columns = members.map((member) => {
    const column = Array.from<number | null | undefined>({ length: timeS.length });
    for (const [i, time] of member.timeS.entries()) column[positions.get(time)!] = member.value[i]!;
    // uPlot draws a line through what is undefined, and breaks it at null.
    return column as (number | null)[];
  });
  return { timeS, columns };
}

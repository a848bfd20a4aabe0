// The charts above a heatmap: the run's indicators, as recorded or as the averages that other tools would show of them.

import { useMemo } from 'preact/hooks';
import type { RunPage, SeriesColumn } from '#server/wire';
import { planCharts } from '../run/chart-plan.ts';
import { IndicatorChart, type CommonProps } from '../run/indicator-chart.tsx';
import { query, setQuery } from '../shell/route.ts';
import { bySteps, TIME_STEPS, type TimeStep } from './time-steps.ts';

const STEP_WORDS: Readonly<Record<TimeStep, string>> = {
  recorded: 'as recorded',
  second: '1 second',
  minute: '1 minute',
};
/** What tells of where CPU time went; the run's own page has the others. */
const SHOWN = ['cpu.busy[]', 'process.cpu'];

interface TimeChartsProps extends CommonProps {
  readonly page: RunPage;
  readonly series: readonly SeriesColumn[];
}

export function TimeCharts({ page, series, ...common }: TimeChartsProps) {
  const step = TIME_STEPS.find((known) => known === query.value.get('step')) ?? 'recorded';
  const shown = useMemo(() => bySteps(series, step), [series, step]);
  const { kind } = page.run;
  const charts = useMemo(
    () => planCharts(series, kind).always.filter(({ key }) => SHOWN.includes(key)),
    [series, kind],
  );
  if (charts.length === 0) return null;
  return (
    <>
      <fieldset class="segments profile-steps">
        <legend>Means over</legend>
        {TIME_STEPS.map((one) => (
          <button
            key={one}
            type="button"
            aria-pressed={one === step}
            onClick={() => setQuery({ step: one === 'recorded' ? null : one })}
          >
            {STEP_WORDS[one]}
          </button>
        ))}
      </fieldset>
      {charts.map((chart) => (
        <IndicatorChart key={chart.key} {...common} page={page} chart={chart} series={shown} />
      ))}
    </>
  );
}

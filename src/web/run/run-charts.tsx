// The charts of a run over one time axis: one crosshair, one zoom. Frames whose encode nobody timed have the video's time instead.

import { useMemo } from 'preact/hooks';
import { formatQuantity } from '#core/format-quantity';
import type { FrameColumns, RunPage, SeriesColumn } from '#server/wire';
import { api } from '../shell/api.ts';
import { Show } from '../shell/messages.tsx';
import { resource } from '../shell/resource.ts';
import { query, setQuery } from '../shell/route.ts';
import { scheme } from '../shell/theme.ts';
import { useChartKeys } from './chart-keys.ts';
import { ChartPanel } from './chart-panel.tsx';
import { ELEMENT_TIMES, planCharts, type PlannedChart } from './chart-plan.ts';
import { ElementChart } from './element-chart.tsx';
import { frameSeries } from './frame-series.ts';
import { IndicatorChart } from './indicator-chart.tsx';
import { PhaseStrip } from './phase-strip.tsx';
import { QualityPanel } from './quality-panel.tsx';
import { Readout } from './readout.tsx';
import { StreamChoice, chosenStream } from './stream-choice.tsx';
import { useTimeAxes } from './time-axes.ts';
import { useDetail } from './use-detail.ts';

export function RunCharts({ page }: { page: RunPage }) {
  const id = page.run.id;
  const stream = chosenStream(page.streams);
  const whole = useMemo(
    () =>
      resource(async () => {
        const [frames, series] = await Promise.all([
          api.frames(id, stream, null).catch(() => null),
          api.series(id, null).catch(() => null),
        ]);
        return { frames, series: series ?? [] };
      }),
    [id, stream],
  );
  return <Show of={whole}>{(data) => <Charts page={page} frames={data.frames} series={data.series} />}</Show>;
}

interface ChartsProps {
  readonly page: RunPage;
  readonly frames: FrameColumns | null;
  readonly series: readonly SeriesColumn[];
}

function Charts({ page, frames: allFrames, series: allSeries }: ChartsProps) {
  const id = page.run.id;
  const axes = useTimeAxes(page, allFrames, allSeries);
  const isTimed = allFrames?.axis !== 'video';
  const frameAxis = isTimed ? axes.run : axes.video;
  const frames = useDetail(
    allFrames,
    `${id} ${allFrames?.stream}`,
    allFrames !== null && allFrames.total > allFrames.timeS.length,
    frameAxis.zoom,
    (zoom) => api.frames(id, allFrames!.stream, zoom),
  );
  const isThin = allSeries.some((one) => one.total > one.timeS.length);
  const series = useDetail(allSeries, id, isThin, axes.run.zoom, (zoom) => api.series(id, zoom));
  const plan = useMemo(() => planCharts(allSeries, page.run.kind), [allSeries, page.run.kind]);
  const also = query.value.get('also')?.split(',') ?? [];
  const showAll = () => setQuery({ from: null, to: null, 'video-from': null, 'video-to': null }, 'push');
  useChartKeys(frameAxis, frames, showAll);

  const name = id.slice(0, 8);
  const frameCharts = useMemo(() => (frames === null ? null : frameSeries(frames)), [frames, scheme.value]);
  const indicatorCharts = [...plan.always, ...plan.more.filter((chart) => also.includes(chart.key))];
  const phases = <PhaseStrip phases={page.phases} range={axes.run.range} onZoom={axes.run.onZoom} />;
  return (
    <div class="charts">
      <Readout page={page} axes={axes} frames={frames} series={series} onShowAll={showAll} />
      <StreamChoice streams={page.streams} />
      {isTimed && phases}
      {frames !== null && frameCharts !== null && frames.total > 0 && (
        <ChartPanel
          {...frameAxis}
          name={name}
          title="Frame sizes"
          scaleKey="sizes"
          unit="byte"
          height={170}
          timeS={frames.timeS}
          series={frameCharts.sizes}
          usual={frameCharts.usualSize}
          columns={frameCharts.columns}
          note={notes(
            isTimed ? undefined : 'over the time in the video: when each frame was encoded is not known',
            thinned(frames.timeS.length, frames.total, 'frames'),
          )}
        />
      )}
      {frames !== null && frameCharts !== null && isTimed && frameCharts.times.length > 0 && (
        <ChartPanel
          {...frameAxis}
          name={name}
          title="Encode time of each frame"
          scaleKey="times"
          prefersLogarithm={frameCharts.spansDecades}
          unit="ms"
          height={170}
          timeS={frames.timeS}
          series={frameCharts.times}
          usual={frameCharts.usualTime}
          columns={frameCharts.columns}
          note="busy: in calls for it · delay: from its way in to its way out"
        />
      )}
      <QualityPanel page={page} axes={axes} name={name} stream={allFrames?.stream ?? null} />
      {!isTimed && phases}
      {indicatorCharts.map((chart) =>
        chart.key === ELEMENT_TIMES ? (
          <ElementChart key={chart.key} {...axes.run} page={page} name={name} chart={chart} series={series} />
        ) : (
          <IndicatorChart key={chart.key} {...axes.run} page={page} name={name} chart={chart} series={series} />
        ),
      )}
      {plan.more.length > 0 && <MoreIndicators more={plan.more} shown={also} />}
    </div>
  );
}

function MoreIndicators({ more, shown }: { more: readonly PlannedChart[]; shown: readonly string[] }) {
  const toggle = (key: string) =>
    setQuery({ also: (shown.includes(key) ? shown.filter((one) => one !== key) : [...shown, key]).join(',') });
  return (
    <section class="panel more">
      <h2>More of what was measured</h2>
      <div>
        {more.map((chart) => (
          <label key={chart.key}>
            <input type="checkbox" checked={shown.includes(chart.key)} onChange={() => toggle(chart.key)} />
            {chart.title}
            <span class="muted">{chart.unit === '1' ? '' : chart.unit}</span>
          </label>
        ))}
      </div>
    </section>
  );
}

function notes(...parts: readonly (string | undefined)[]): string | undefined {
  const said = parts.filter((part) => part !== undefined);
  return said.length === 0 ? undefined : said.join(' · ');
}

function thinned(rows: number, total: number, what: string): string | undefined {
  return total > rows ? `${formatQuantity(total, '1')} ${what}, drawn by their extremes; zoom in for each` : undefined;
}

// The charts of a run over one time axis: one crosshair, one zoom.

import { useEffect, useMemo, useState } from 'preact/hooks';
import { formatQuantity } from '#core/format-quantity';
import type { FrameColumns, RunPage, SeriesColumn } from '#server/wire';
import { ChartGroup, type TimeRange } from '../chart/chart-group.ts';
import { nearest } from '../chart/nearest.ts';
import { api } from '../shell/api.ts';
import { useShortcuts } from '../shell/keyboard.ts';
import { Show } from '../shell/messages.tsx';
import { resource } from '../shell/resource.ts';
import { query, setQuery } from '../shell/route.ts';
import { scheme } from '../shell/theme.ts';
import { ChartPanel } from './chart-panel.tsx';
import { planCharts, type PlannedChart } from './chart-plan.ts';
import { frameSeries } from './frame-series.ts';
import { IndicatorChart } from './indicator-chart.tsx';
import { PhaseStrip } from './phase-strip.tsx';
import { QualityPanel } from './quality-panel.tsx';
import { Readout } from './readout.tsx';

export function RunCharts({ page }: { page: RunPage }) {
  const id = page.run.id;
  const from = query.value.get('from');
  const to = query.value.get('to');
  const zoom =
    from === null || to === null || !(Number(to) > Number(from)) ? null : { from: Number(from), to: Number(to) };
  const whole = useMemo(
    () =>
      resource(async () => {
        const [frames, series] = await Promise.all([
          api.frames(id, null).catch(() => null),
          api.series(id, null).catch(() => null),
        ]);
        return { frames, series: series ?? [] };
      }),
    [id],
  );
  return (
    <Show of={whole}>{(data) => <Charts page={page} frames={data.frames} series={data.series} zoom={zoom} />}</Show>
  );
}

interface ChartsProps {
  readonly page: RunPage;
  readonly frames: FrameColumns | null;
  readonly series: readonly SeriesColumn[];
  readonly zoom: TimeRange | null;
}

function Charts({ page, frames: allFrames, series: allSeries, zoom }: ChartsProps) {
  const group = useMemo(() => new ChartGroup(`run ${page.run.id}`), [page.run.id]);
  const whole = useMemo(() => wholeRange(page, allFrames, allSeries), [page, allFrames, allSeries]);
  const range = zoom ?? whole;
  const { frames, series } = useDetail(page.run.id, zoom, allFrames, allSeries);
  const boundaries = useMemo(() => [...new Set(page.phases.flatMap(({ startS, endS }) => [startS, endS]))], [page]);
  const plan = useMemo(() => planCharts(allSeries), [allSeries]);
  const also = query.value.get('also')?.split(',') ?? [];

  const setZoom = (next: TimeRange | null) =>
    setQuery(
      { from: next === null ? null : next.from.toFixed(6), to: next === null ? null : next.to.toFixed(6) },
      'push',
    );
  useChartKeys(group, range, whole, frames, setZoom);

  const common = { group, range, onZoom: setZoom, boundaries, name: page.run.id.slice(0, 8) };
  const frameCharts = useMemo(() => (frames === null ? null : frameSeries(frames)), [frames, scheme.value]);
  const indicatorCharts = [...plan.always, ...plan.more.filter((chart) => also.includes(chart.key))];
  return (
    <div class="charts">
      <Readout
        group={group}
        page={page}
        frames={frames}
        series={series}
        range={range}
        isZoomed={zoom !== null}
        onReset={() => setZoom(null)}
      />
      <PhaseStrip phases={page.phases} range={range} onZoom={setZoom} />
      {frames !== null && frameCharts !== null && (
        <>
          <ChartPanel
            {...common}
            title="Frame sizes"
            scaleKey="sizes"
            unit="byte"
            height={170}
            timeS={frames.timeS}
            series={frameCharts.sizes}
            usual={frameCharts.usualSize}
            columns={frameCharts.columns}
            note={thinned(frames.timeS.length, frames.total, 'frames')}
          />
          <ChartPanel
            {...common}
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
        </>
      )}
      <QualityPanel {...common} page={page} zoom={zoom} />
      {indicatorCharts.map((chart) => (
        <IndicatorChart
          key={chart.key}
          {...common}
          chart={chart}
          series={series}
          cores={page.header?.environment.cpu.cores}
        />
      ))}
      {plan.more.length > 0 && <MoreIndicators more={plan.more} shown={also} />}
    </div>
  );
}

/** The part that is zoomed into is read anew where the whole was thinned out. */
function useDetail(id: string, zoom: TimeRange | null, frames: FrameColumns | null, series: readonly SeriesColumn[]) {
  const isThin =
    (frames !== null && frames.total > frames.timeS.length) || series.some((one) => one.total > one.timeS.length);
  const [detail, setDetail] = useState<{
    frames: FrameColumns | null;
    series: readonly SeriesColumn[];
    key: string;
  } | null>(null);
  const key = zoom === null ? '' : `${zoom.from} ${zoom.to}`;
  useEffect(() => {
    if (zoom === null || !isThin) return;
    let isWanted = true;
    void Promise.all([frames === null ? null : api.frames(id, zoom), api.series(id, zoom)]).then(
      ([closer, closerSeries]) => isWanted && setDetail({ frames: closer, series: closerSeries, key }),
      // The thinned-out whole stays: coarse, and right.
      () => isWanted && setDetail(null),
    );
    return () => {
      isWanted = false;
    };
  }, [id, key, isThin]);
  return detail !== null && detail.key === key && zoom !== null ? detail : { frames, series };
}

function useChartKeys(
  group: ChartGroup,
  range: TimeRange,
  whole: TimeRange,
  frames: FrameColumns | null,
  setZoom: (range: TimeRange | null) => void,
): void {
  const step = (by: number) => {
    const times = frames?.timeS ?? [];
    const now = group.time.peek() ?? range.from;
    const at = nearest(times, now);
    const next = times[Math.max(0, Math.min(times.length - 1, at + by))] ?? now + (by * (range.to - range.from)) / 200;
    group.setTime(next);
  };
  const zoomBy = (factor: number) => {
    const centre = group.time.peek() ?? (range.from + range.to) / 2;
    const from = Math.max(whole.from, centre - (centre - range.from) * factor);
    const to = Math.min(whole.to, centre + (range.to - centre) * factor);
    setZoom(from <= whole.from && to >= whole.to ? null : { from, to });
  };
  useShortcuts('Charts', [
    { keys: ['ArrowRight', 'l'], does: 'crosshair to the next frame', run: () => step(1) },
    { keys: ['ArrowLeft', 'h'], does: 'crosshair to the frame before', run: () => step(-1) },
    { keys: ['+', '='], does: 'zoom in at the crosshair', run: () => zoomBy(0.5) },
    { keys: ['-'], does: 'zoom out', run: () => zoomBy(2) },
    { keys: ['0'], does: 'see all of the run', run: () => setZoom(null) },
  ]);
}

/** Of what the run is: its phases; without them, all that was measured. */
function wholeRange(page: RunPage, frames: FrameColumns | null, series: readonly SeriesColumn[]): TimeRange {
  const ends = [
    ...page.phases.flatMap(({ startS, endS }) => [startS, endS]),
    ...(page.phases.length > 0
      ? []
      : [frames?.timeS ?? [], ...series.map(({ timeS }) => timeS)].flatMap((times) => [times[0], times.at(-1)])),
  ].filter((time) => time !== undefined);
  if (ends.length === 0) return { from: 0, to: 1 };
  const from = Math.min(...ends);
  const to = Math.max(...ends);
  return { from, to: to > from ? to : from + 1 };
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

function thinned(rows: number, total: number, what: string): string | undefined {
  return total > rows ? `${formatQuantity(total, '1')} ${what}, drawn by their extremes; zoom in for each` : undefined;
}

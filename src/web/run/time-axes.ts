// The two axes that charts of a run may have: the time of the run, and the time in its video. Each has one crosshair and one zoom.

import { useMemo } from 'preact/hooks';
import type { FrameColumns, RunPage, SeriesColumn } from '#server/wire';
import { ChartGroup, type TimeRange } from '../chart/chart-group.ts';
import { query, setQuery } from '../shell/route.ts';

export interface TimeAxisView {
  readonly group: ChartGroup;
  /** All of it. */
  readonly whole: TimeRange;
  /** What is in view: the zoom, else all. */
  readonly range: TimeRange;
  readonly zoom: TimeRange | null;
  readonly onZoom: (range: TimeRange | null) => void;
  readonly boundaries: readonly number[];
  /** What its axis measures, where that is not the time of the run. */
  readonly timeName?: string | undefined;
}

export interface TimeAxes {
  readonly run: TimeAxisView;
  readonly video: TimeAxisView;
}

/** Zooms are in the address: `?from=…&to=…` of the run, `?video-from=…&video-to=…` of the video. */
export function useTimeAxes(page: RunPage, frames: FrameColumns | null, series: readonly SeriesColumn[]): TimeAxes {
  const id = page.run.id;
  const groups = useMemo(() => ({ run: new ChartGroup(`run ${id}`), video: new ChartGroup(`video ${id}`) }), [id]);
  const wholes = useMemo(() => ({ run: runRange(page, frames, series), video: videoRange(frames) }), [page, frames]);
  const boundaries = useMemo(() => [...new Set(page.phases.flatMap(({ startS, endS }) => [startS, endS]))], [page]);
  return {
    run: view(groups.run, wholes.run, '', boundaries),
    video: view(groups.video, wholes.video, 'video-', [], 'time in the video'),
  };
}

function view(
  group: ChartGroup,
  whole: TimeRange,
  prefix: string,
  boundaries: readonly number[],
  timeName?: string,
): TimeAxisView {
  const zoom = zoomOf(prefix);
  const onZoom = (next: TimeRange | null) =>
    setQuery(
      { [`${prefix}from`]: next?.from.toFixed(6) ?? null, [`${prefix}to`]: next?.to.toFixed(6) ?? null },
      'push',
    );
  return { group, whole, range: zoom ?? whole, zoom, onZoom, boundaries, timeName };
}

function zoomOf(prefix: string): TimeRange | null {
  const from = query.value.get(`${prefix}from`);
  const to = query.value.get(`${prefix}to`);
  return from === null || to === null || !(Number(to) > Number(from)) ? null : { from: Number(from), to: Number(to) };
}

/** Of what the run is: its phases; without them, all that was measured. */
function runRange(page: RunPage, frames: FrameColumns | null, series: readonly SeriesColumn[]): TimeRange {
  const measured = [frames?.axis === 'run' ? frames.timeS : [], ...series.map(({ timeS }) => timeS)];
  const ends =
    page.phases.length > 0
      ? page.phases.flatMap(({ startS, endS }) => [startS, endS])
      : measured.flatMap((times) => [times[0], times.at(-1)]).filter((time) => time !== undefined);
  return ends.length === 0 ? { from: 0, to: 1 } : spanning(ends);
}

/** From the first frame to the last, with a step at each end, so that neither stands on the edge. */
function videoRange(frames: FrameColumns | null): TimeRange {
  const times = frames?.axis === 'video' ? frames.timeS : [];
  const [first, last] = [times[0], times.at(-1)];
  if (first === undefined || last === undefined) return { from: 0, to: 1 };
  const step = (last - first) / Math.max(1, frames!.total - 1);
  return spanning([first - step, last + step]);
}

function spanning(times: readonly number[]): TimeRange {
  const from = Math.min(...times);
  const to = Math.max(...times);
  return { from, to: to > from ? to : from + 1 };
}

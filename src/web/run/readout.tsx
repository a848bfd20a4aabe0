// What all charts say at the crosshair, in one line that stays in view.

import { FRAME_TYPES } from '#core/recording';
import { formatQuantity } from '#core/format-quantity';
import type { FrameColumns, RunPage, SeriesColumn } from '#server/wire';
import { nearest } from '../chart/nearest.ts';
import type { TimeAxes } from './time-axes.ts';

export interface ReadoutProps {
  readonly page: RunPage;
  readonly axes: TimeAxes;
  readonly frames: FrameColumns | null;
  readonly series: readonly SeriesColumn[];
  readonly onShowAll: () => void;
}

export function Readout({ page, axes, frames, series, onShowAll }: ReadoutProps) {
  const { run, video } = axes;
  const time = run.group.time.value;
  const videoTime = video.group.time.value;
  const frameTime = frames?.axis === 'video' ? videoTime : time;
  return (
    <div class="readout" aria-live="off">
      {time === null && videoTime === null ? (
        <span class="muted">
          {formatQuantity(run.range.to - run.range.from, 's')} shown · drag zooms, a double click shows all, ← → go
          frame by frame
        </span>
      ) : (
        <dl>
          {time !== null && <Moment time={time} page={page} />}
          {frames !== null && frameTime !== null && <Frame frames={frames} time={frameTime} />}
          {time !== null && page.header?.agents.length === 1 && <Cpu series={series} time={time} />}
        </dl>
      )}
      <button type="button" class="quiet" disabled={run.zoom === null && video.zoom === null} onClick={onShowAll}>
        show all <kbd>0</kbd>
      </button>
    </div>
  );
}

function Moment({ time, page }: { time: number; page: RunPage }) {
  const phase = page.phases.find(({ startS, endS }) => time >= startS && time < endS)?.phase;
  return (
    <>
      <Item term="t">{time.toFixed(3)} s</Item>
      <Item term="phase">{phase ?? '–'}</Item>
    </>
  );
}

/** The nearest, as the legends of the charts have it. */
function Frame({ frames, time }: { frames: FrameColumns; time: number }) {
  const row = nearest(frames.timeS, time);
  if (row < 0) return null;
  return (
    <>
      {frames.axis === 'video' && <Item term="in the video">{frames.timeS[row]!.toFixed(3)} s</Item>}
      <Item term="frame">{frames.frame[row]}</Item>
      <Item term="type">
        {FRAME_TYPES[frames.type[row]!]}
        {frames.key[row] === 1 ? ' key' : ''}
      </Item>
      <Item term="size">{formatQuantity(frames.bytes[row], 'byte')}</Item>
      {frames.axis === 'run' && (
        <>
          <Item term="busy">{formatQuantity(frames.encodeBusyMs[row], 'ms')}</Item>
          <Item term="delay">{formatQuantity(frames.encodeDelayMs[row], 'ms')}</Item>
        </>
      )}
      <Item term="q">{formatQuantity(frames.quantizer[row], '1')}</Item>
    </>
  );
}

/** Of the run's processes: those of several agents are told by the charts. */
function Cpu({ series, time }: { series: readonly SeriesColumn[]; time: number }) {
  const cpu = series.find(({ name, unit }) => unit === 'core' && name.endsWith('.cpu'));
  if (cpu === undefined) return null;
  return <Item term="CPU">{formatQuantity(cpu.value[nearest(cpu.timeS, time)], 'core')}</Item>;
}

function Item({ term, children }: { term: string; children: preact.ComponentChildren }) {
  return (
    <div>
      <dt>{term}</dt>
      <dd>{children}</dd>
    </div>
  );
}

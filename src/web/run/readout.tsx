// What all charts say at the crosshair, in one line that stays in view.

import { FRAME_TYPES } from '#core/recording';
import { formatQuantity } from '#core/format-quantity';
import type { FrameColumns, RunPage, SeriesColumn } from '#server/wire';
import type { ChartGroup, TimeRange } from '../chart/chart-group.ts';
import { nearest } from '../chart/nearest.ts';

export interface ReadoutProps {
  readonly group: ChartGroup;
  readonly page: RunPage;
  readonly frames: FrameColumns | null;
  readonly series: readonly SeriesColumn[];
  readonly range: TimeRange;
  readonly isZoomed: boolean;
  readonly onReset: () => void;
}

export function Readout({ group, page, frames, series, range, isZoomed, onReset }: ReadoutProps) {
  const time = group.time.value;
  return (
    <div class="readout" aria-live="off">
      {time === null ? (
        <span class="muted">
          {formatQuantity(range.to - range.from, 's')} shown · drag zooms, a double click shows all, ← → go frame by
          frame
        </span>
      ) : (
        <AtTime time={time} page={page} frames={frames} series={series} />
      )}
      <button type="button" class="quiet" disabled={!isZoomed} onClick={onReset}>
        show all <kbd>0</kbd>
      </button>
    </div>
  );
}

function AtTime({ time, page, frames, series }: { time: number } & Pick<ReadoutProps, 'page' | 'frames' | 'series'>) {
  const phase = page.phases.find(({ startS, endS }) => time >= startS && time < endS)?.phase;
  // The nearest, as the legends of the charts have it.
  const row = frames === null ? -1 : nearest(frames.timeS, time);
  const cpu = series.filter(({ name, unit }) => unit === 'core' && name.endsWith('.cpu'))[0];
  const cpuRow = cpu === undefined ? -1 : nearest(cpu.timeS, time);
  return (
    <dl>
      <Item term="t">{time.toFixed(3)} s</Item>
      <Item term="phase">{phase ?? '–'}</Item>
      {frames !== null && row >= 0 && (
        <>
          <Item term="frame">{frames.frame[row]}</Item>
          <Item term="type">
            {FRAME_TYPES[frames.type[row]!]}
            {frames.key[row] === 1 ? ' key' : ''}
          </Item>
          <Item term="size">{formatQuantity(frames.bytes[row], 'byte')}</Item>
          <Item term="busy">{formatQuantity(frames.encodeBusyMs[row], 'ms')}</Item>
          <Item term="delay">{formatQuantity(frames.encodeDelayMs[row], 'ms')}</Item>
          <Item term="q">{formatQuantity(frames.quantizer[row], '1')}</Item>
        </>
      )}
      {cpu !== undefined && <Item term="CPU">{formatQuantity(cpu.value[cpuRow], 'core')}</Item>}
    </dl>
  );
}

function Item({ term, children }: { term: string; children: preact.ComponentChildren }) {
  return (
    <div>
      <dt>{term}</dt>
      <dd>{children}</dd>
    </div>
  );
}

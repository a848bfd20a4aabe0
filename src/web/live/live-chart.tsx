// A live chart with its head, its legend, and the table behind it.

import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { formatNumber, formatQuantity, displayUnit } from '#core/format-quantity';
import { savePng, saveText } from '../chart/save-file.ts';
import { ScrollChart, type ScrollSeries } from '../chart/scroll-chart.ts';
import { SHAPE_SIGNS } from '#explore/scene/shapes';
import { firstAt, nearestAt, type Track } from '../chart/track.ts';
import { color, scheme, seriesColor } from '../shell/theme.ts';
import { VirtualTable, type TableColumn } from '../shell/virtual-table.tsx';
import type { Live } from './live.ts';
import { seriesKind, sourceOf, type DrawnSource } from './live-series.ts';
import { snapshot, snapshotCsv, type Snapshot } from './snapshot.ts';
import type { ChartPlan } from './tab-charts.ts';

const HEIGHT = 132;
const TALL = 230;
/** Between two looks of the legend at its values: faster can't be read. */
const LEGEND_MS = 250;
const TABLE_MS = 1_000;

interface DrawnSeries extends ScrollSeries {
  readonly id: string;
  readonly label: string;
  readonly sign: string;
  readonly source: DrawnSource;
  /** A value holds until the next. */
  readonly isHeld: boolean;
  /** Of a layer of a stack: the step itself, which may not be told at all. */
  readonly step?: Track;
}

export function LiveChart({ live, plan, actions }: { live: Live; plan: ChartPlan; actions?: ComponentChildren }) {
  const [showsTable, setShowsTable] = useState(false);
  const [alone, setAlone] = useState<number | null>(null);
  const [unitName, setUnitName] = useState(displayUnit(plan.unit, 1).name);
  const box = useRef<HTMLDivElement>(null);
  const legend = useRef<HTMLDivElement>(null);
  const nothing = useRef<HTMLParagraphElement>(null);
  const chart = useRef<ScrollChart | null>(null);
  const ids = plan.series.map(({ id, label }) => `${id} ${label}`).join('|');
  const series = useMemo(() => drawnSeries(live, plan), [live, plan.unit, ids, scheme.value]);
  const { view, loop, group } = live;

  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const created = new ScrollChart(element, {
      group,
      unit: plan.unit,
      height: plan.isTall === true ? TALL : HEIGHT,
      series,
      markers: () => live.markers.peek(),
      timeText: live.timeText,
      originS: live.originS,
      onZoom: (range) => live.look(range),
      onUnit: setUnitName,
    });
    chart.current = created;
    let saidAt = -Infinity;
    const remove = loop.add({
      element,
      invalidate: () => created.invalidate(),
      draw(from, to, touchedFrom, atMs) {
        const now = view.nowAt(performance.now() / 1e3);
        for (const { source } of series) source.prepare(from, to, now, view.rateWindowS.peek());
        created.draw(from, to, touchedFrom, atMs);
        if (atMs - saidAt < LEGEND_MS) return;
        saidAt = atMs;
        sayValues(legend.current, series, group.time.peek() ?? to, plan.unit);
        if (nothing.current !== null) nothing.current.hidden = series.some((one) => hasValues(one, from, to));
      },
    });
    // A crosshair that moves while the time stands still has other values.
    const unsubscribe = group.time.subscribe((time) => {
      if (time !== null) sayValues(legend.current, series, time, plan.unit);
    });
    const sizes = new ResizeObserver(() => {
      created.resize(element.clientWidth);
      loop.redraw();
    });
    sizes.observe(element);
    return () => {
      sizes.disconnect();
      unsubscribe();
      remove();
      created.destroy();
      chart.current = null;
    };
  }, [series, showsTable, plan.isTall]);

  useEffect(() => {
    chart.current?.show((position) => alone === null || alone === position);
    loop.redraw();
  }, [alone, series, showsTable]);

  const inView = () => {
    const range = view.rangeAt(performance.now() / 1e3) ?? { from: 0, to: 0 };
    for (const { source } of series) source.prepare(range.from, range.to, range.to, view.rateWindowS.peek());
    return snapshot(
      series.map(({ columns }) => columns),
      range.from,
      range.to,
    );
  };
  const names = series.map(({ label }) => label);
  return (
    <figure class="panel chart live-chart" data-chart={plan.title}>
      <figcaption>
        <h2>
          {plan.title}
          <span class="unit">{unitName}</span>
        </h2>
        {plan.note !== undefined && (
          <span class="muted note" title={plan.note}>
            {plan.note}
          </span>
        )}
        <span class="chart-actions">
          {actions}
          <button type="button" class="quiet" aria-pressed={showsTable} onClick={() => setShowsTable(!showsTable)}>
            table
          </button>
          <button
            type="button"
            class="quiet"
            onClick={() => saveText(snapshotCsv(inView(), names, plan.unit), `live ${plan.title}.csv`, 'text/csv')}
          >
            CSV
          </button>
          <button
            type="button"
            class="quiet"
            disabled={showsTable}
            onClick={() => chart.current !== null && savePng(chart.current.canvas, `live ${plan.title}`)}
          >
            PNG
          </button>
        </span>
      </figcaption>
      {showsTable ? (
        <LiveTable live={live} title={plan.title} unit={plan.unit} names={names} read={inView} />
      ) : (
        <>
          <div
            ref={box}
            class="time-chart"
            role="img"
            aria-label={`${plan.title}; its table button shows the values`}
          />
          <p ref={nothing} class="muted live-nothing" hidden>
            Nothing of this was told in the time in view.
          </p>
          <div ref={legend} class="live-legend">
            {legendOrder(series).map((position) => (
              <button
                key={series[position]!.id}
                type="button"
                class="quiet"
                data-position={position}
                data-off={alone !== null && alone !== position ? '' : undefined}
                title="shows this one alone, and all again"
                onClick={() => setAlone(alone === position ? null : position)}
              >
                <i style={{ color: series[position]!.stroke }} aria-hidden="true">
                  {series[position]!.sign}
                </i>{' '}
                {series[position]!.label} <output>–</output>
              </button>
            ))}
          </div>
        </>
      )}
    </figure>
  );
}

function drawnSeries({ store }: Live, plan: ChartPlan): DrawnSeries[] {
  const state = store.state.peek();
  const hued = plan.series.filter(({ id }) => seriesKind(id, state)?.isRequested !== true);
  return plan.series.map(({ id, label }): DrawnSeries => {
    const kind = seriesKind(id, state);
    const source = sourceOf(id, store, plan.meanOverS);
    const place = hued.findIndex((one) => one.id === id);
    // A stack is planned from its top: counted from its foot, as one reads it.
    const position = kind?.draw === 'stack' ? hued.length - 1 - place : place;
    const look = seriesColor(Math.max(0, position));
    const isHeld = kind?.isRequested === true;
    const common = { id, source, isHeld, columns: source.track, label: label === '' ? (kind?.label ?? id) : label };
    if (isHeld) return { ...common, draw: 'line', stroke: color('--text'), dash: [2, 3], width: 1.2, sign: '┄' };
    const draw = kind?.draw ?? 'line';
    const stroke = kind?.color === undefined ? look.stroke : color(kind.color);
    if (draw === 'stack') {
      const step = sourceOf(id.replace('stack.', 'step.'), store).track;
      return { ...common, step, draw, stroke, sign: CIRCLED[position] ?? '■' };
    }
    if (draw !== 'line') return { ...common, draw, stroke, sign: SHAPE_SIGNS[draw] };
    return { ...common, draw, ...look, sign: look.dash.length > 0 ? '┄' : '—' };
  });
}

function hasValues({ columns: { times, values, length } }: DrawnSeries, from: number, to: number): boolean {
  for (let i = firstAt(times, length, from); i < length && times[i]! <= to; i++)
    if (!Number.isNaN(values[i]!)) return true;
  return false;
}

/** Numbers of the layers of a stack, from its foot. */
const CIRCLED = ['①', '②', '③', '④', '⑤', '⑥', '⑦', '⑧', '⑨', '⑩', '⑪', '⑫'];

/** A stack is drawn from its top, and read from its foot. */
function legendOrder(series: readonly DrawnSeries[]): number[] {
  const positions = series.map((_, position) => position);
  return series[0]?.draw === 'stack' ? positions.toReversed() : positions;
}

/** Text is put into the document by hand: ten charts four times a second are no work for a renderer of pages. */
function sayValues(legend: HTMLElement | null, series: readonly DrawnSeries[], time: number, unit: string): void {
  if (legend === null) return;
  for (const output of legend.querySelectorAll('output')) {
    const position = Number(output.parentElement!.dataset['position']);
    const one = series[position];
    if (one === undefined) continue;
    const value =
      one.step === undefined
        ? valueAt(one, time)
        : layerAt(one.columns, series[position + 1]?.columns ?? null, one.step, time);
    const text = formatQuantity(value, unit);
    if (output.textContent !== text) output.textContent = text;
    // Types of frames that do not come need no place.
    output.parentElement!.hidden =
      Number.isNaN(value) && one.draw !== 'line' && one.draw !== 'stack' && one.id !== 'frames.size.I';
  }
}

/** A value that is older says nothing of the time that is asked for. */
const STALE_S = 3;
/** How far a value is looked for beside a row that has none of this series. */
const BESIDE = 200;

function valueAt({ columns, isHeld }: DrawnSeries, time: number): number {
  if (isHeld) {
    // What was asked for holds until it is asked for otherwise.
    const after = firstAt(columns.times, columns.length, time);
    return after === 0 ? NaN : columns.values[after - 1]!;
  }
  const at = toldAt(columns, columns, time);
  return at < 0 ? NaN : columns.values[at]!;
}

/** What a layer of a stack itself takes, not where its top is: of the last frame of which the step is told. */
function layerAt(top: Track, below: Track | null, step: Track, time: number): number {
  const at = toldAt(top, step, time);
  return at < 0 ? NaN : top.values[at]! - (below?.values[at] ?? 0);
}

/** The nearest row that both tracks have a value in, or one before it; -1 where that says nothing of the time. Their rows are the same. */
function toldAt(one: Track, other: Track, time: number): number {
  const isTold = (row: number) => !Number.isNaN(one.values[row]!) && !Number.isNaN(other.values[row]!);
  let at = nearestAt(one, time);
  for (let steps = 0; at > 0 && steps < BESIDE && !isTold(at); steps++) at--;
  return at < 0 || !isTold(at) || Math.abs(one.times[at]! - time) > STALE_S ? -1 : at;
}

interface LiveTableProps {
  readonly live: Live;
  readonly title: string;
  readonly unit: string;
  readonly names: readonly string[];
  readonly read: () => Snapshot;
}

/** The values in view, newest first. */
function LiveTable({ live, title, unit, names, read }: LiveTableProps) {
  const [shown, setShown] = useState(read);
  useEffect(() => {
    const timer = setInterval(() => setShown(read()), TABLE_MS);
    return () => clearInterval(timer);
  }, [read]);
  const last = shown.timeS.length - 1;
  const largest = shown.columns.reduce((most, column) => column.reduce<number>((a, b) => Math.max(a, b ?? 0), most), 0);
  const { name, divisor } = displayUnit(unit, largest);
  const columns: TableColumn[] = [
    {
      key: 'time',
      title: 'time',
      unit: live.view.isReplay ? 's' : '',
      width: 110,
      align: 'right',
      cell: (row) => live.exactTime(shown.timeS[last - row]!),
    },
    ...names.map((label, position): TableColumn => ({
      key: `${position}`,
      title: label,
      unit: name,
      width: 130,
      align: 'right',
      cell: (row) => {
        const value = shown.columns[position]?.[last - row] ?? null;
        return value === null ? <span class="muted">–</span> : formatNumber(value / divisor);
      },
    })),
  ];
  return (
    <div class="chart-table">
      <VirtualTable
        label={`${title}, values`}
        columns={columns}
        rows={shown.timeS.length}
        rowKey={(row) => String(shown.timeS[last - row])}
      />
    </div>
  );
}

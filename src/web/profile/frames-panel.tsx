// From frames to a flame graph: the encode time of each, the choices that are asked for most, and a table to choose any of them.

import { useMemo, useState } from 'preact/hooks';
import { formatQuantity } from '#core/format-quantity';
import { FRAME_TYPES } from '#core/recording';
import { chooseFrames, framesWords, type FrameRanges } from '#profile/frame-ranges';
import { FRAME_WAYS, frameSpans, type FrameTimes, type FrameWay } from '#profile/frame-times';
import { printFrameChoice, type FrameChoice } from '#profile/frame-ranges-text';
import type { FrameColumns, RunMarker } from '#server/wire';
import type { TimeRange } from '../chart/chart-group.ts';
import { nearest } from '../chart/nearest.ts';
import { SHAPE_SIGNS } from '#explore/scene/shapes';
import type { ChartSeries } from '../chart/time-chart.tsx';
import { ChartPanel } from '../run/chart-panel.tsx';
import { frameSeries } from '../run/frame-series.ts';
import { useShortcuts } from '../shell/keyboard.ts';
import { color, scheme, seriesColor } from '../shell/theme.ts';
import { VirtualTable, type Sorting, type TableColumn } from '../shell/virtual-table.tsx';
import { markerWords } from './marker-strip.tsx';
import type { ProfileAxis } from './profile-axis.ts';

interface FramesPanelProps {
  readonly columns: FrameColumns;
  readonly times: FrameTimes;
  readonly axis: ProfileAxis;
  readonly name: string;
  /** What is chosen now; null where that is no frames. */
  readonly choice: FrameChoice | null;
  readonly exact: FrameRanges | null;
  readonly marked: Float64Array | undefined;
  readonly markers: readonly RunMarker[];
  readonly way: FrameWay;
  /** What the encoder's own way of working suggests. */
  readonly usualWay: FrameWay;
  readonly onWay: (way: FrameWay) => void;
  readonly onChoose: (choice: FrameChoice | null) => void;
  /** A stretch of time was dragged over. */
  readonly onDrag: (range: TimeRange | null) => void;
}

const SLOWEST: FrameChoice = { kind: 'slowest', percent: 1 };
const WAY_WORDS: Readonly<Record<FrameWay, string>> = {
  calls: 'in their calls',
  output: 'before their packets',
  way: 'all their way',
};
/** Around a place in a video that somebody has marked. */
export const MARKER_REACH_S = 0.5;

export function FramesPanel(props: FramesPanelProps) {
  const { columns, times, axis, choice, exact, way } = props;
  const [showsTable, setShowsTable] = useState(false);
  const ownMs = useMemo(() => ownTimesMs(times, way), [times, way]);
  const series = useMemo(() => frameSeries(columns), [columns, scheme.value]);
  const shown = useMemo(
    () => (way === 'output' ? [waitSeries(ownMs), ...series.times] : series.times),
    [series, ownMs, way],
  );
  const rows = useMemo(() => (choice === null ? NO_ROWS : chooseFrames(times, choice, way)), [times, choice, way]);
  const drawn = useMemo(
    () => (rows.length === 0 || shown[0] === undefined ? shown : [...shown, chosenSeries(shown, rows)]),
    [shown, rows, scheme.value],
  );
  const markers = useMemo(
    () => props.markers.map((marker) => ({ marker, frames: framesAround(marker.timeS) })),
    [props.markers],
  );
  const inView = useMemo(() => framesInView(columns, axis.range), [columns, axis.range.from, axis.range.to]);
  const quick: readonly (readonly [key: string, label: string, choice: FrameChoice | null])[] = [
    ['1', 'slowest 1 %', SLOWEST],
    ['2', 'keyframes', { kind: 'keyframes' }],
    ['3', 'largest 1 %', { kind: 'largest', percent: 1 }],
    ['4', 'in view', inView],
    ['5', 'at the crosshair', axis.group.time.value === null ? null : framesAround(axis.group.time.value)],
  ];
  const chosenText = choice === null ? null : printFrameChoice(choice);
  const toggle = (one: FrameChoice | null) =>
    one !== null && props.onChoose(printFrameChoice(one) === chosenText ? null : one);
  useShortcuts(
    'Frames',
    quick.map(([key, label, one]) => ({
      keys: [key],
      does: `choose the frames: ${label}`,
      run: () =>
        toggle(
          label === 'at the crosshair' && axis.group.time.peek() !== null ? framesAround(axis.group.time.peek()!) : one,
        ),
    })),
  );
  const pick = (timeS: number, reachS: number) => {
    const row = nearest(columns.timeS, timeS);
    if (row < 0 || Math.abs(columns.timeS[row]! - timeS) > reachS) return;
    toggle({ kind: 'numbers', ranges: [[columns.frame[row]!, columns.frame[row]!]] });
  };
  return (
    <section class="profile-frames" aria-label="Frames">
      <div class="panel profile-frame-choices">
        <span class="segments">
          <b>Frames</b>
          {quick.map(([key, label, one]) => (
            <button
              key={key}
              type="button"
              disabled={one === null}
              aria-pressed={one !== null && printFrameChoice(one) === chosenText}
              onClick={() => toggle(one)}
            >
              {label}
            </button>
          ))}
          {markers.length > 0 && (
            <select
              aria-label="of a marker"
              data-narrowed={markers.some(({ frames }) => printFrameChoice(frames) === chosenText)}
              value={markers.findIndex(({ frames }) => printFrameChoice(frames) === chosenText)}
              onChange={(event) => props.onChoose(markers[Number(event.currentTarget.value)]?.frames ?? null)}
            >
              <option value={-1}>of a marker</option>
              {markers.map(({ marker }, position) => (
                <option key={position} value={position}>
                  {markerWords(marker)}
                </option>
              ))}
            </select>
          )}
          <button type="button" aria-pressed={showsTable} onClick={() => setShowsTable(!showsTable)}>
            choose from a table
          </button>
        </span>
        {choice !== null && (
          <label class="profile-way">
            their time
            <select value={way} onChange={(event) => props.onWay(event.currentTarget.value as FrameWay)}>
              {FRAME_WAYS.map((one) => (
                <option key={one} value={one}>
                  {WAY_WORDS[one]}
                  {one === props.usualWay && ' (best here)'}
                </option>
              ))}
            </select>
          </label>
        )}
        {exact !== null && (
          <p class="profile-exactness" role="status">
            {framesWords(exact)} {namedFrames(columns, rows)}
          </p>
        )}
      </div>
      {shown.length > 0 && (
        <ChartPanel
          group={axis.group}
          range={axis.range}
          boundaries={axis.boundaries}
          marked={props.marked}
          onZoom={props.onDrag}
          onPick={pick}
          name={props.name}
          title="Encode time of each frame"
          scaleKey="times"
          prefersLogarithm={series.spansDecades}
          unit="ms"
          height={150}
          timeS={columns.timeS}
          series={drawn}
          usual={series.usualTime}
          columns={series.columns}
          note={
            columns.total > columns.timeS.length
              ? `${columns.total.toLocaleString('en')} frames, of which the extremes are here`
              : 'busy: in calls for it · delay: from its way in to its way out · wait: from the packet before to its own · a click chooses a frame'
          }
        />
      )}
      {showsTable && (
        <FrameTable columns={columns} times={times} ownMs={ownMs} way={way} choice={choice} onChoose={props.onChoose} />
      )}
    </section>
  );
}

function FrameTable({
  columns,
  times,
  ownMs,
  way,
  choice,
  onChoose,
}: Pick<FramesPanelProps, 'columns' | 'times' | 'way' | 'choice' | 'onChoose'> & { readonly ownMs: OwnTimes }) {
  const [sorting, setSorting] = useState<Sorting>({ key: 'own', descending: true });
  const chosen = useMemo(() => new Set(choice === null ? [] : chooseFrames(times, choice, way)), [times, choice, way]);
  const values: Readonly<Record<string, readonly (number | null)[]>> = {
    frame: columns.frame,
    time: columns.timeS,
    type: columns.type,
    bytes: columns.bytes,
    own: ownMs,
    busy: columns.encodeBusyMs,
    delay: columns.encodeDelayMs,
  };
  const order = useMemo(() => {
    const by = values[sorting.key]!;
    const sign = sorting.descending ? -1 : 1;
    return columns.frame.map((_, row) => row).toSorted((a, b) => sign * ((by[a] ?? -1) - (by[b] ?? -1)) || a - b);
  }, [columns, ownMs, sorting]);
  const number = (
    key: string,
    title: string,
    unit: string | undefined,
    format: (value: number) => string,
  ): TableColumn => ({
    key,
    title,
    unit,
    width: 110,
    align: 'right',
    cell: (at) => {
      const value = values[key]![order[at]!]!;
      return value === null ? <span class="muted">–</span> : format(value);
    },
  });
  const toggle = (at: number) => {
    const row = order[at]!;
    const rows = new Set(chosen);
    if (!rows.delete(row)) rows.add(row);
    const frames = [...rows].map((one) => columns.frame[one]!).toSorted((a, b) => a - b);
    onChoose(frames.length === 0 ? null : { kind: 'numbers', ranges: stretches(frames) });
  };
  return (
    <div class="panel profile-frame-table">
      <VirtualTable
        label="Frames, a click chooses one"
        rows={order.length}
        rowKey={(at) => String(order[at])}
        rowClass={(at) => (chosen.has(order[at]!) ? 'profile-chosen' : undefined)}
        sorting={sorting}
        onSort={(key) => setSorting({ key, descending: sorting.key === key ? !sorting.descending : key !== 'frame' })}
        onActivate={toggle}
        columns={[
          {
            key: 'chosen',
            title: '',
            width: 40,
            sortable: false,
            cell: (at) => (
              <input
                type="checkbox"
                aria-label={`frame ${columns.frame[order[at]!]}`}
                checked={chosen.has(order[at]!)}
                onClick={(event) => event.stopPropagation()}
                onChange={() => toggle(at)}
              />
            ),
          },
          number('frame', 'frame', undefined, String),
          {
            key: 'type',
            title: 'type',
            width: 80,
            cell: (at) => `${FRAME_TYPES[columns.type[order[at]!]!]}${columns.key[order[at]!] === 1 ? ' key' : ''}`,
          },
          number('time', 'time', 's', (value) => value.toFixed(3)),
          number('own', WAY_WORDS[way], 'ms', (value) => value.toFixed(2)),
          number('busy', 'busy', 'ms', (value) => value.toFixed(2)),
          number('delay', 'delay', 'ms', (value) => value.toFixed(1)),
          number('bytes', 'size', undefined, (value) => formatQuantity(value, 'byte')),
        ]}
      />
    </div>
  );
}

/** Milliseconds by row; null where a frame's time is not known. */
type OwnTimes = readonly (number | null)[];

function ownTimesMs(times: FrameTimes, way: FrameWay): OwnTimes {
  const { fromUs, toUs } = frameSpans(times, way);
  return Array.from(toUs, (to, row) => (Number.isFinite(to) ? (to - fromUs[row]!) / 1e3 : null));
}

const NO_ROWS = new Uint32Array(0);

/** A mark on each chosen frame, on the highest of what is drawn of it. */
function chosenSeries(shown: readonly ChartSeries[], rows: Uint32Array): ChartSeries {
  const values = Array.from<number | null>({ length: shown[0]!.values.length }).fill(null);
  for (const row of rows) for (const series of shown) values[row] = higher(values[row]!, series.values[row] ?? null);
  return { label: 'chosen', sign: SHAPE_SIGNS.square, stroke: color('--text'), draw: 'square', bare: true, values };
}

function higher(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b);
}

/** More are no list that anybody reads. */
const NAMED_FRAMES = 12;

/** `Chosen: frame 66.`; empty where they are many. */
function namedFrames({ frame }: FrameColumns, rows: Uint32Array): string {
  if (rows.length === 0 || rows.length > NAMED_FRAMES) return '';
  const numbers = Array.from(rows, (row) => frame[row]!).toSorted((a, b) => a - b);
  return `Chosen: ${numbers.length === 1 ? 'frame' : 'frames'} ${numbers.join(', ')}.`;
}

function waitSeries(values: OwnTimes): ChartSeries {
  return { label: 'wait', sign: SHAPE_SIGNS.diamond, stroke: seriesColor(2).stroke, draw: 'diamond', values };
}

/** Ascending numbers as ranges, both ends part of each. */
function stretches(numbers: readonly number[]): [number, number][] {
  const made: [number, number][] = [];
  for (const number of numbers) {
    const last = made.at(-1);
    if (last !== undefined && last[1] + 1 === number) last[1] = number;
    else made.push([number, number]);
  }
  return made;
}

/** Those that went into the encoder in what the charts show; null where there are none, or all. */
function framesInView({ timeS, frame }: FrameColumns, { from, to }: TimeRange): FrameChoice | null {
  const numbers = frame.filter((_, row) => timeS[row]! >= from && timeS[row]! < to);
  if (numbers.length === 0 || numbers.length === frame.length) return null;
  return { kind: 'numbers', ranges: stretches(numbers.toSorted((a, b) => a - b)) };
}

/** Those that were in the encoder about that time. */
export function framesAround(timeS: number): FrameChoice {
  return { kind: 'around', timeS: Number(timeS.toFixed(3)), withinS: MARKER_REACH_S };
}

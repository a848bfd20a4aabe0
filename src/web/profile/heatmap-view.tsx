// The heatmap of a profile: how busy the CPUs were, cell by cell, from a whole run down to a millisecond. What is chosen on it and the
// crosshair are shared with the charts of the run.

import { effect } from '@preact/signals';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Occupancy } from '#profile/occupancy';
import type { NamedRange } from '#profile/heatmap-rows';
import { NO_RANGES } from '#profile/selection-ranges';
import type { ChartGroup, TimeRange } from '../chart/chart-group.ts';
import { scheme } from '../shell/theme.ts';
import type { HeatmapChoice } from './heatmap-choice.ts';
import { AXIS_PX, colorsOf, drawCells, drawOverlay } from './heatmap-draw.ts';
import { chosenWith, draggedRanges, isClick, periodicWithin, wheelRange, type Drag } from './heatmap-gestures.ts';
import { pressKey, shiftedSelection, useHeatmapKeys, type HeatmapHandle } from './heatmap-keys.ts';
import { clampRange, placeAt } from './heatmap-layout.ts';
import { HeatmapLegend } from './heatmap-legend.tsx';
import { usePlaying } from './heatmap-play.ts';
import { HeatmapReadout } from './heatmap-readout.tsx';
import {
  foldedCells,
  foldedRow,
  foldedScene,
  linearScene,
  rowsOf,
  shortestCellNs,
  shownName,
} from './heatmap-scene.ts';
import { HeatmapTable } from './heatmap-table.tsx';
import { HeatmapToolbar } from './heatmap-toolbar.tsx';

/** The wheel's last turn is so long ago that the view is told to the page. */
const QUIET_MS = 160;
/** Of a line of time; a folded heatmap shows some seconds. */
const LEAST_LINEAR_S = 0.002;
const LEAST_FOLDED_S = 5;

export interface HeatmapProps {
  /** Made once for a profile: `new Occupancy(profile)`. */
  readonly occupancy: Occupancy;
  /** Where second 0 of the run is on the profile's clock, nanoseconds. */
  readonly zeroNs: number;
  readonly phases: readonly { readonly phase: string; readonly startS: number; readonly endS: number }[];
  readonly markers?: readonly { readonly timeS: number }[];
  /** The crosshair that it shares, seconds. */
  readonly group: ChartGroup;
  readonly whole: TimeRange;
  readonly range: TimeRange;
  readonly onZoom: (range: TimeRange | null) => void;
  /** Normal, seconds; null for nothing chosen. */
  readonly selection: Float64Array | null;
  readonly onSelect: (ranges: Float64Array | null) => void;
  readonly choice: HeatmapChoice;
  readonly onChoice: (choice: HeatmapChoice) => void;
}

export function Heatmap(props: HeatmapProps) {
  const { occupancy, zeroNs, group, whole, choice, onSelect } = props;
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const overlay = useRef<HTMLCanvasElement>(null);
  const image = useRef<ImageData | null>(null);
  const anchorS = useRef<number | null>(null);
  const [boxPx, setBoxPx] = useState(0);
  const [drag, setDrag] = useState<(Drag & { readonly adds: boolean }) | null>(null);
  const [pointedRow, setPointedRow] = useState(0);
  const { range, turn } = useTurning(props);
  const selection = props.selection ?? NO_RANGES;
  const select = (ranges: Float64Array) => onSelect(ranges.length === 0 ? null : ranges);

  useLayoutEffect(() => {
    const sizes = new ResizeObserver(() => setBoxPx(box.current!.clientWidth));
    sizes.observe(box.current!);
    setBoxPx(box.current!.clientWidth);
    return () => sizes.disconnect();
  }, []);

  const phases = useMemo<NamedRange[]>(
    () =>
      props.phases.map(({ phase, startS, endS }) => ({
        name: phase,
        fromNs: zeroNs + startS * 1e9,
        toNs: zeroNs + endS * 1e9,
      })),
    [props.phases, zeroNs],
  );
  const boundaries = useMemo(() => props.phases.flatMap(({ startS, endS }) => [startS, endS]), [props.phases]);
  const markersS = useMemo(() => props.markers?.map(({ timeS }) => timeS) ?? [], [props.markers]);
  const rows = useMemo(() => rowsOf(occupancy, choice, phases), [occupancy, choice.rows, phases]);
  const row = foldedRow(rows, choice.row);
  const isFolded = choice.form === 'folded';
  const cells = useMemo(
    () => (isFolded && row !== undefined ? foldedCells(occupancy, row, choice, whole, zeroNs) : null),
    [occupancy, row, isFolded, choice.cells, whole, zeroNs],
  );
  const scene = useMemo(
    () =>
      cells !== null && row !== undefined
        ? foldedScene(row, cells, range, boxPx)
        : linearScene(occupancy, rows, range, boxPx, zeroNs),
    [cells, row, rows, range.from, range.to, boxPx],
  );
  const { layout } = scene;

  useLayoutEffect(() => {
    if (boxPx > 0) drawCells(canvas.current!, scene, colorsOf(scheme.value), image);
  }, [scene, scheme.value]);
  useEffect(() => {
    if (boxPx === 0) return;
    const names = scene.rows.map((each) => (isFolded ? each.name : shownName(each)));
    const dragged = drag === null ? NO_RANGES : draggedRanges(layout, drag);
    // The crosshair moves often: then nothing but this canvas is drawn.
    return effect(() => {
      drawOverlay(overlay.current!, {
        layout,
        names,
        selection,
        dragged,
        crosshairS: group.time.value,
        boundaries,
        markersS,
      });
    });
  }, [scene, selection, drag, boundaries, markersS, scheme.value, boxPx]);

  const playing = usePlaying((seconds) => {
    const now = group.time.peek() ?? selection[0] ?? whole.from;
    const next = now + seconds;
    if (next >= whole.to) return false;
    group.setTime(next);
    group.time.value = next;
    // What has holes goes on second by second, so that a rectangle keeps its rows.
    const shiftS = selection.length > 2 ? Math.floor(next) - Math.floor(now) : seconds;
    if (selection.length > 0 && shiftS > 0) select(shiftedSelection(selection, shiftS, whole));
    return true;
  });
  const moveTo = (timeS: number, anchor: number | null) => {
    anchorS.current = anchor;
    group.setTime(timeS);
    group.time.value = timeS;
  };
  const handle = (): HeatmapHandle => ({
    layout,
    whole,
    crosshairS: group.time.peek(),
    selection,
    anchorS: anchorS.current,
    moveTo,
    select,
    zoomTo: (next) => turn(next, true),
    play: playing.toggle,
  });
  useHeatmapKeys((key) => pressKey(handle(), { key, shiftKey: false, ctrlKey: false, altKey: false, metaKey: false }));
  const onPointerMove = (event: PointerEvent) => {
    const place = placeAt(layout, event.offsetX, event.offsetY);
    setPointedRow(place.row);
    moveTo(place.timeS, null);
    if (drag !== null)
      setDrag({ ...drag, toX: event.offsetX, toY: event.offsetY, isRectangle: event.altKey, adds: event.ctrlKey });
  };
  const onPointerUp = (event: PointerEvent) => {
    if (drag === null) return;
    const done = { ...drag, toX: event.offsetX, toY: event.offsetY };
    setDrag(null);
    if (!isClick(done)) select(chosenWith(selection, draggedRanges(layout, done), done.adds));
    else if (!done.adds) select(NO_RANGES);
  };
  const choosePeriodic = (everyMs: number, heldMs: number) => {
    const within = selection.length > 0 ? { from: selection[0]!, to: selection.at(-1)! } : range;
    const chosen = periodicWithin(within, group.time.peek(), everyMs / 1e3, heldMs / 1e3);
    if (chosen !== null) select(chosen);
  };
  const pointed = scene.rows[isFolded ? 0 : Math.min(pointedRow, scene.rows.length - 1)];

  return (
    <div class="heatmap">
      <HeatmapToolbar
        choice={choice}
        onChoice={props.onChoice}
        rows={rows}
        hasPhases={phases.length > 0}
        shortestS={shortestCellNs(occupancy) / 1e9}
        isPlaying={playing.isPlaying}
        onPlay={playing.toggle}
        speed={playing.speed}
        onSpeed={playing.setSpeed}
        onPeriodic={choosePeriodic}
      />
      <div ref={box} class="heatmap-box" style={{ height: `${layout.height + AXIS_PX}px` }}>
        <canvas
          ref={canvas}
          class="heatmap-cells"
          style={{ left: `${layout.left}px`, width: `${layout.width}px`, height: `${layout.height}px` }}
        />
        <canvas
          ref={overlay}
          class="heatmap-overlay"
          style={{ width: `${layout.left + layout.width}px`, height: `${layout.height + AXIS_PX}px` }}
          tabIndex={0}
          role="img"
          aria-label="How busy the CPUs were over time; the table below has the same. Arrow keys move the cursor, Enter chooses."
          onKeyDown={(event) => {
            if (!pressKey(handle(), event)) return;
            event.preventDefault();
            event.stopPropagation();
          }}
          onPointerDown={(event) => {
            if (event.button !== 0) return;
            event.currentTarget.setPointerCapture(event.pointerId);
            const [x, y] = [event.offsetX, event.offsetY];
            setDrag({ fromX: x, fromY: y, toX: x, toY: y, isRectangle: event.altKey, adds: event.ctrlKey });
          }}
          onPointerMove={onPointerMove}
          onPointerUp={onPointerUp}
          onPointerCancel={() => setDrag(null)}
          onPointerLeave={() => drag === null && (group.time.value = null)}
          onDblClick={() => turn(null, true)}
          onWheel={(event) => {
            const next = wheelRange(layout, event);
            if (next === null) return;
            event.preventDefault();
            turn(next, false);
          }}
        />
      </div>
      {scene.rows.length === 0 && <p class="muted">Nothing was seen to run.</p>}
      <HeatmapReadout occupancy={occupancy} row={pointed} time={group.time} cellS={layout.cellS} zeroNs={zeroNs} />
      <HeatmapLegend
        occupancy={occupancy}
        row={pointed}
        cellS={layout.cellS}
        hasOwn={!isFolded && rows.some(({ isOwn }) => isOwn)}
      />
      <HeatmapTable occupancy={occupancy} rows={scene.rows} range={range} zeroNs={zeroNs} />
    </div>
  );
}

/** The view while the wheel turns it: the page, and its address, are told when it has come to rest. */
function useTurning({ range, whole, onZoom, choice }: HeatmapProps) {
  const [turning, setTurning] = useState<TimeRange | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => setTurning(null), [range.from, range.to]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const turn = (next: TimeRange | null, atOnce: boolean) => {
    const leastS = choice.form === 'folded' ? LEAST_FOLDED_S : LEAST_LINEAR_S;
    const clamped = next === null ? null : clampRange(next, whole, leastS);
    clearTimeout(timer.current);
    if (atOnce) return onZoom(clamped);
    setTurning(clamped ?? whole);
    timer.current = setTimeout(() => onZoom(clamped), QUIET_MS);
  };
  return { range: turning ?? range, turn };
}

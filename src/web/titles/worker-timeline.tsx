// Who did what when: a lane for each thing that workers did at once. Drag to zoom, double click for all, arrow keys to move.

import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { formatDuration, formatQuantity } from '#core/format-quantity';
import type { TitleTimeline } from '#server/titles-wire';
import type { Range } from '../shell/api.ts';
import { scheme, seriesColor } from '../shell/theme.ts';
import { blockAt, blockWords, drawTimeline, LABEL_PX, timelineHeight, type TimelineDrawing } from './draw-timeline.ts';
import { titlesApi } from './title-requests.ts';

/** A drag that is shorter was meant as a click. */
const LEAST_DRAG_PX = 4;
const LEAST_SPAN_S = 0.05;
/** Lanes that are seen at once; more are scrolled. */
const MAX_HEIGHT_PX = 420;

interface WorkerTimelineProps {
  readonly id: string;
  /** Read again when it changes. */
  readonly counter: number;
  readonly onOpen: (kind: string, group: string, chunk: number) => void;
}

export function WorkerTimeline({ id, counter, onOpen }: WorkerTimelineProps) {
  const [data, setData] = useState<TitleTimeline | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [range, setRange] = useState<Range | null>(null);
  const [isolated, setIsolated] = useState(-1);
  const [hovered, setHovered] = useState(-1);
  const [width, setWidth] = useState(0);
  const [dragged, setDragged] = useState<readonly [number, number] | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const dragFrom = useRef<number | null>(null);
  useEffect(() => {
    let isOld = false;
    titlesApi.timeline(id, range).then(
      (answer) => {
        if (isOld) return;
        setData(answer);
        setProblem(null);
      },
      (error: Error) => !isOld && setProblem(error.message),
    );
    return () => {
      isOld = true;
    };
  }, [id, counter, range?.from, range?.to]);
  useLayoutEffect(() => {
    const element = box.current!;
    const sizes = new ResizeObserver(() => setWidth(element.clientWidth));
    sizes.observe(element);
    setWidth(element.clientWidth);
    return () => sizes.disconnect();
  }, []);
  const allS = data === null ? 1 : Math.max(LEAST_SPAN_S, (data.toMs - data.fromMs) / 1000);
  const { from, to } = range ?? { from: 0, to: allS };
  const drawing: TimelineDrawing | null = data && { data, width, from, to, isolated, hovered, dragged };
  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (element === null || context === null || context === undefined || drawing === null || width === 0) return;
    const ratio = devicePixelRatio;
    element.width = Math.round(width * ratio);
    element.height = Math.round(timelineHeight(drawing.data) * ratio);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    drawTimeline(context, drawing);
  }, [data, width, from, to, isolated, hovered, dragged, scheme.value]);
  const zoomTo = (low: number, high: number) => {
    const span = Math.max(LEAST_SPAN_S, high - low);
    const start = Math.max(0, Math.min(low, allS - span));
    setRange(span >= allS ? null : { from: start, to: start + span });
  };
  const secondsAt = (px: number) => from + ((px - LABEL_PX) * (to - from)) / Math.max(1, width - LABEL_PX);
  const onKey = (event: KeyboardEvent) => {
    const span = to - from;
    const moves: Readonly<Record<string, () => void>> = {
      ArrowLeft: () => zoomTo(from - span / 4, to - span / 4),
      ArrowRight: () => zoomTo(from + span / 4, to + span / 4),
      '+': () => zoomTo(from + span / 4, to - span / 4),
      '-': () => zoomTo(from - span / 2, to + span / 2),
      '0': () => setRange(null),
    };
    const move = moves[event.key];
    if (move === undefined) return;
    event.preventDefault();
    move();
  };
  return (
    <section class="panel timeline" aria-label="Timeline of workers">
      <header class="panel-head">
        <h2>Who did what when</h2>
        <span class="muted small">drag zooms, double click shows all; arrows, + and − where it has the focus</span>
        {range !== null && (
          <button type="button" class="quiet" onClick={() => setRange(null)}>
            Show all
          </button>
        )}
      </header>
      <div ref={box} class="timeline-box" style={{ maxHeight: `${MAX_HEIGHT_PX}px` }}>
        {problem !== null && <p class="bad pad">{problem}</p>}
        {data !== null && data.slot.length === 0 && range === null && <p class="muted pad">Nothing was begun yet.</p>}
        <canvas
          ref={canvas}
          tabIndex={0}
          role="img"
          aria-label={`Timeline of ${data?.slots.length ?? 0} lanes over ${formatDuration(allS)}; the table of items below has the same`}
          style={{ width: `${width}px`, height: data === null ? '88px' : `${timelineHeight(data)}px` }}
          onKeyDown={onKey}
          onPointerDown={(event) => {
            if (event.offsetX < LABEL_PX) return;
            dragFrom.current = event.offsetX;
            event.currentTarget.setPointerCapture(event.pointerId);
          }}
          onPointerMove={(event) => {
            const start = dragFrom.current;
            if (start !== null) setDragged([Math.min(start, event.offsetX), Math.max(start, event.offsetX)]);
            else if (drawing !== null) setHovered(blockAt(drawing, event.offsetX, event.offsetY));
          }}
          onPointerUp={(event) => {
            const start = dragFrom.current;
            dragFrom.current = null;
            setDragged(null);
            if (start === null || drawing === null) return;
            const [low, high] = [Math.min(start, event.offsetX), Math.max(start, event.offsetX)];
            if (high - low >= LEAST_DRAG_PX) zoomTo(secondsAt(low), secondsAt(high));
            else {
              const block = blockAt(drawing, event.offsetX, event.offsetY);
              const work = block < 0 ? undefined : drawing.data.works[drawing.data.work[block]!];
              if (work !== undefined && drawing.data.count[block] === 1)
                onOpen(work.kind, work.group, drawing.data.chunk[block]!);
            }
          }}
          onPointerLeave={() => setHovered(-1)}
          onDblClick={() => setRange(null)}
        />
      </div>
      <footer class="timeline-foot">
        <Legend data={data} isolated={isolated} onIsolate={setIsolated} />
        <p class="muted" role="status">
          {data !== null && hovered >= 0 && hovered < data.slot.length ? hoverWords(data, hovered) : ' '}
        </p>
      </footer>
    </section>
  );
}

interface LegendProps {
  readonly data: TitleTimeline | null;
  readonly isolated: number;
  readonly onIsolate: (work: number) => void;
}

function Legend({ data, isolated, onIsolate }: LegendProps) {
  // Drawn anew when the colours change.
  void scheme.value;
  return (
    <span class="timeline-legend">
      {data?.works.map(({ kind, group }, work) => (
        <button
          key={`${kind} ${group}`}
          type="button"
          class="quiet"
          aria-pressed={isolated === work}
          onClick={() => onIsolate(isolated === work ? -1 : work)}
        >
          <i
            aria-hidden="true"
            data-again={seriesColor(work).dash.length > 0 ? '' : undefined}
            style={{ backgroundColor: seriesColor(work).stroke }}
          />
          {`${kind} ${group.replaceAll('+', ' + ')}`.trim()}
        </button>
      ))}
    </span>
  );
}

function hoverWords(data: TitleTimeline, block: number): string {
  const began = data.began[block]! / 1000;
  const ended = data.ended[block]! < 0 ? (data.toMs - data.fromMs) / 1000 : data.ended[block]! / 1000;
  const took = formatQuantity(Math.max(0, ended - began), 's');
  const what = data.count[block] === 1 && data.works[data.work[block]!]!.kind === 'encode' ? 'encode of chunk ' : '';
  const at = new Date(data.fromMs + data.began[block]!).toLocaleTimeString();
  return `${what}${blockWords(data, block)}: ${data.ends[data.end[block]!]}, ${took}, began at ${at} on ${data.slots[data.slot[block]!]}`;
}

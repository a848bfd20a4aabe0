// A scene on the page: the canvas, what the pointer and the keys read off it, a click that opens, a drag that brushes, and its legend.

import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { hitIndex, rowsBehind, type Hit } from '#explore/scene/hit-index';
import { paletteOf } from '#explore/scene/palette';
import { readOut } from '#explore/scene/read-out';
import type { LegendEntry, Scene } from '#explore/scene/scene';
import type { Brush } from '#explore/view';
import { scheme } from '../shell/theme.ts';
import { axisBrush, brushBox, joinBrushes, panelAt, withRuns, type Place } from './brush-drag.ts';
import { drawOverlay, drawScene } from './draw-scene.ts';
import { SceneLegend } from './scene-legend.tsx';
import { ReadOutBox } from './scene-read-out.tsx';

export interface SceneViewProps {
  readonly scene: Scene;
  /** The width that there is; the scene is made for it. Told when it changes. */
  readonly onWidth: (widthPx: number) => void;
  /** Brushes of the page: shown where an axis has their metric. */
  readonly brushes: readonly Brush[];
  /** Further lines for the runs under the pointer: their settings. */
  readonly about?: ((rows: Uint32Array) => readonly string[]) | undefined;
  /** Runs under the pointer or under the keys; null where it left. */
  readonly onHover?: ((rows: Uint32Array | null) => void) | undefined;
  /** Of each row the value of a metric: what is marked by keys are runs, and not where they are drawn. */
  readonly valuesOf?: ((metric: string) => Float64Array | undefined) | undefined;
  readonly onOpen: (rows: Uint32Array) => void;
  /** Null takes the brushes of this plot away. */
  readonly onBrush: (brush: Brush | null) => void;
  readonly onLegend: (entry: LegendEntry) => void;
}

/** A press that moves less is a click. */
const CLICK_PX = 4;

export function SceneView(props: SceneViewProps) {
  const { scene, brushes, about, valuesOf, onWidth, onHover, onOpen, onBrush, onLegend } = props;
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const overlay = useRef<HTMLCanvasElement>(null);
  const press = useRef<{ readonly from: Place; readonly panel: number } | null>(null);
  const mark = useRef<Brush | null>(null);
  const [hit, setHit] = useState<{ readonly hit: Hit; readonly by: 'pointer' | 'keys' } | null>(null);
  const [drag, setDrag] = useState<Brush | null>(null);
  const [ratio, setRatio] = useState(() => devicePixelRatio);
  // Made when it is first asked: a scene that nobody points at needs none.
  const index = useMemo(() => {
    let made: ReturnType<typeof hitIndex> | null = null;
    return () => (made ??= hitIndex(scene));
  }, [scene]);

  useLayoutEffect(() => {
    const element = box.current!;
    let told = 0;
    const tell = () => {
      const width = element.clientWidth;
      if (width > 0 && width !== told) onWidth((told = width));
      setRatio(devicePixelRatio);
    };
    const sizes = new ResizeObserver(tell);
    sizes.observe(element);
    tell();
    return () => sizes.disconnect();
  }, []);

  useLayoutEffect(() => {
    const context = sized(canvas.current!, scene, ratio);
    drawScene(context, scene, paletteOf(scheme.value));
  }, [scene, ratio, scheme.value]);

  // An item of an earlier scene is none of this one.
  const shown = hit !== null && scene.marks[hit.hit.mark] !== undefined ? hit : null;
  useEffect(() => {
    // Who walks by keys goes on from the same place; what the pointer is on it says itself with its next move.
    const at = hit?.by === 'keys' ? index().at(hit.hit.x, hit.hit.y) : null;
    setHit(at === null ? null : { hit: at, by: 'keys' });
  }, [scene]);

  useLayoutEffect(() => {
    const context = sized(overlay.current!, scene, ratio);
    const boxes = [...brushes, ...(drag === null ? [] : [drag])].flatMap((brush) =>
      scene.panels.flatMap((panel) => brushBox(panel, brush) ?? []),
    );
    drawOverlay(context, scene, paletteOf(scheme.value), boxes, shown?.hit ?? null);
  }, [scene, ratio, scheme.value, brushes, drag, shown]);

  const point = (next: Hit | null, by: 'pointer' | 'keys') => {
    if (next?.mark === hit?.hit.mark && next?.item === hit?.hit.item && next?.x === hit?.hit.x) return;
    setHit(next === null ? null : { hit: next, by });
    onHover?.(next === null ? null : rowsBehind(scene, next));
  };

  const placeOf = (event: PointerEvent): Place => {
    const { left, top } = canvas.current!.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  };

  const onPointerDown = (event: PointerEvent) => {
    if (event.button !== 0) return;
    const from = placeOf(event);
    press.current = { from, panel: panelAt(scene, from) };
    overlay.current!.setPointerCapture(event.pointerId);
  };

  const onPointerMove = (event: PointerEvent) => {
    const at = placeOf(event);
    const pressed = press.current;
    if (pressed === null) return point(index().at(at.x, at.y), 'pointer');
    const panel = scene.panels[pressed.panel];
    if (panel !== undefined && distance(pressed.from, at) >= CLICK_PX) setDrag(axisBrush(panel, pressed.from, at));
  };

  const onPointerUp = (event: PointerEvent) => {
    const pressed = press.current;
    press.current = null;
    setDrag(null);
    if (pressed === null) return;
    const at = placeOf(event);
    const panel = scene.panels[pressed.panel];
    if (distance(pressed.from, at) >= CLICK_PX) {
      const brush = panel === undefined ? null : axisBrush(panel, pressed.from, at);
      if (brush !== null) onBrush(brush);
      return;
    }
    const found = index().at(at.x, at.y);
    if (found !== null) onOpen(rowsBehind(scene, found));
    else if (brushes.length > 0) onBrush(null);
  };

  /** The first press keeps what is shown, the second brushes from there to here. */
  const brushByKey = () => {
    const panel = shown === null ? undefined : scene.panels[scene.marks[shown.hit.mark]!.panel];
    if (shown === null || panel === undefined) return;
    const place = axisBrush(panel, shown.hit, shown.hit);
    if (place === null) return;
    const here = withRuns(place, valuesOf?.(place.metric) ?? [], rowsBehind(scene, shown.hit));
    const kept = mark.current;
    if (kept === null || kept.metric !== here.metric) {
      mark.current = here;
      return;
    }
    mark.current = null;
    onBrush(joinBrushes(kept, here));
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const from = shown?.hit ?? null;
    const walk = (by: number) => point(from === null ? index().first() : index().step(from, by), 'keys');
    const keys: Readonly<Record<string, () => void>> = {
      ArrowRight: () => walk(1),
      ArrowLeft: () => walk(-1),
      PageDown: () => walk(PAGE),
      PageUp: () => walk(-PAGE),
      ArrowUp: () => point(from === null ? index().first() : index().stepUpright(from, -1), 'keys'),
      ArrowDown: () => point(from === null ? index().first() : index().stepUpright(from, 1), 'keys'),
      Home: () => point(index().first(), 'keys'),
      End: () => point(index().last(), 'keys'),
      Enter: () => from !== null && onOpen(rowsBehind(scene, from)),
      b: brushByKey,
      Escape: () => {
        mark.current = null;
        point(null, 'keys');
        if (brushes.length > 0) onBrush(null);
      },
    };
    const act = keys[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act();
  };

  const told = shown === null ? [] : [...readOut(scene, shown.hit), ...(about?.(rowsBehind(scene, shown.hit)) ?? [])];
  const lines = [...new Set(told)];
  return (
    <div class="scene-view">
      <SceneLegend scene={scene} onLegend={onLegend} />
      <div ref={box} class="scene-box" style={{ height: `${scene.height}px` }}>
        <canvas ref={canvas} class="scene-canvas" aria-hidden="true" />
        <canvas
          ref={overlay}
          class="scene-canvas scene-overlay"
          role="application"
          aria-roledescription="plot"
          aria-label={`${scene.description} ${KEYS}`}
          tabIndex={0}
          onPointerDown={onPointerDown}
          onPointerMove={onPointerMove}
          onPointerUp={onPointerUp}
          onPointerCancel={() => {
            press.current = null;
            setDrag(null);
          }}
          onPointerLeave={() => press.current === null && shown?.by === 'pointer' && point(null, 'pointer')}
          onKeyDown={onKeyDown}
          onBlur={() => shown?.by === 'keys' && point(null, 'keys')}
        />
        {shown !== null && <ReadOutBox at={shown.hit} scene={scene} lines={lines} />}
      </div>
      <Announced>{shown?.by === 'keys' ? lines.join(', ') : ''}</Announced>
    </div>
  );
}

/** Items that a page key walks. */
const PAGE = 20;
const KEYS = 'Arrow keys walk through its items, Enter opens, b marks the ends of a range, Escape takes it away.';

function Announced({ children }: { children: ComponentChildren }) {
  return (
    <p class="scene-announced" aria-live="polite">
      {children}
    </p>
  );
}

const distance = (a: Place, b: Place) => Math.hypot(a.x - b.x, a.y - b.y);

/** The canvas in the device's own pixels, cleared, its context in the page's. */
function sized(canvas: HTMLCanvasElement, { width, height }: Scene, ratio: number): CanvasRenderingContext2D {
  const [across, down] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== across || canvas.height !== down) {
    canvas.width = across;
    canvas.height = down;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  const context = canvas.getContext('2d')!;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}

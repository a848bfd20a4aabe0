// A flame graph on a canvas: wheel zooms, drag pans, click zooms to a function; the arrow keys walk through it.

import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { nodePath, sameNode } from '#profile/call-node';
import type { CallTree } from '#profile/call-tree';
import { flameLayout, neighbour, nodeAt } from '#profile/flame-layout';
import { panned, windowOf, zoomed } from '#profile/flame-window';
import { scheme } from '../shell/theme.ts';
import type { FlameColor } from './flame-choice.ts';
import { flamePaint } from './flame-colors.ts';
import {
  drawFlame,
  drawOutlines,
  flameTheme,
  ROW_PX,
  rowAt,
  type FlameDrawing,
  type FlameOutlines,
} from './flame-draw.ts';
import { useFlameGestures } from './flame-gestures.ts';
import { FlameMotion } from './flame-motion.ts';
import { FlameReadOut } from './flame-read-out.tsx';

export interface FlameGraphProps {
  readonly tree: CallTree;
  /** What it is of, for who can't see it. */
  readonly label: string;
  readonly form: 'icicle' | 'flame';
  readonly color: FlameColor;
  /** Those of the profile, the one with the most samples first. */
  readonly libraries?: readonly string[] | undefined;
  /** Differences are of shares, not of weights. */
  readonly isNormalised: boolean;
  /** 1 for each label that is searched for; null where nothing is. */
  readonly found: Uint8Array | null;
  /** The node that is zoomed to. */
  readonly node: number;
  readonly onNode: (node: number) => void;
  /** A key that isn't about where one is; with the node it was pressed on. True where it did something. */
  readonly onKey: (key: string, node: number) => boolean;
  /** Told what is below the pointer or where the keys are; the node that is zoomed to where neither is. */
  readonly onCurrent?: ((node: number) => void) | undefined;
  /** Rows that are seen at once; more are panned to. */
  readonly maxRows?: number | undefined;
}

const MAX_ROWS = 32;
const WAYS = {
  icicle: { ArrowUp: 'parent', ArrowDown: 'child', ArrowLeft: 'previous', ArrowRight: 'next' },
  flame: { ArrowUp: 'child', ArrowDown: 'parent', ArrowLeft: 'previous', ArrowRight: 'next' },
} as const;

export function FlameGraph(props: FlameGraphProps) {
  const { tree, form, color, isNormalised, found, node: given, onNode, maxRows = MAX_ROWS } = props;
  const node = given < tree.label.length ? given : 0;
  const canvas = useRef<HTMLCanvasElement>(null);
  const above = useRef<HTMLCanvasElement>(null);
  const outlines = useRef<FlameOutlines>({ hovered: -1, active: -1 });
  const drawAbove = useRef<() => void>(() => undefined);
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  const [hovered, setHovered] = useState(-1);
  const [active, setActive] = useState(-1);
  const layout = useMemo(() => flameLayout(tree), [tree]);
  const paint = useMemo(
    () => flamePaint(tree, color, isNormalised, props.libraries),
    [tree, color, isNormalised, props.libraries, scheme.value],
  );
  const theme = useMemo(flameTheme, [scheme.value]);
  const visibleRows = Math.min(layout.rows, maxRows);
  const height = visibleRows * ROW_PX;
  const whole = tree.total[0]!;
  const [motion] = useState(() => new FlameMotion(windowOf(layout, node, visibleRows)));
  const shown = useRef({ tree, node });

  useLayoutEffect(() => {
    const element = box.current!;
    const sizes = new ResizeObserver(() => setWidth(element.clientWidth));
    sizes.observe(element);
    setWidth(element.clientWidth);
    return () => {
      sizes.disconnect();
      motion.stop();
    };
  }, []);
  useLayoutEffect(() => {
    const before = shown.current;
    shown.current = { tree, node };
    if (before.tree === tree) {
      if (before.node === node) return;
      // What is below the pointer moves away.
      setHovered(-1);
      motion.moveTo(windowOf(layout, node, visibleRows, motion.window.top));
      return;
    }
    setHovered(-1);
    setActive(-1);
    // Another selection: what one looked at is looked at again, where it is there. Both at once is another page of the history.
    const same = before.node === node && node !== 0 ? sameNode(before.tree, node, tree) : node;
    motion.set(windowOf(layout, same, visibleRows));
    shown.current.node = same;
    if (same !== node) onNode(same);
  }, [tree, node, layout]);

  const view = () => ({ form, height, window: motion.window });
  useEffect(() => {
    const ratio = devicePixelRatio;
    const context = sizedContext(canvas.current, width, height, ratio);
    const contextAbove = sizedContext(above.current, width, height, ratio);
    if (context === null || contextAbove === null) return;
    const difference = tree.baseline === null ? null : { isNormalised };
    const drawing: Omit<FlameDrawing, 'window'> = {
      layout,
      width,
      height,
      ratio,
      form,
      paint,
      found,
      zoomed: node,
      difference,
    };
    drawAbove.current = () =>
      drawOutlines(contextAbove, { ...drawing, window: motion.window }, theme, outlines.current);
    motion.draw = () => {
      if (whole > 0) drawFlame(context, { ...drawing, window: motion.window }, theme);
      else context.clearRect(0, 0, width, height);
      drawAbove.current();
    };
    motion.redraw();
  }, [layout, width, height, form, paint, theme, found, node, isNormalised]);
  useEffect(() => {
    outlines.current = { hovered, active };
    drawAbove.current();
  }, [hovered, active]);

  const placeAt = (x: number) => motion.window.from + (x / width) * (motion.window.to - motion.window.from);
  const at = (x: number, y: number) => (whole > 0 ? nodeAt(layout, rowAt(view(), y), placeAt(x)) : -1);
  const walk = (to: number) => {
    setActive(to);
    setHovered(-1);
    const { window } = motion;
    const row = tree.depth[to]!;
    const from = layout.edge[to]!;
    const isInSight = row >= window.top && row < window.top + visibleRows && from < window.to;
    if (!isInSight || from + tree.total[to]! <= window.from)
      motion.moveTo(windowOf(layout, tree.parent[to]! < 0 ? to : tree.parent[to]!, visibleRows, window.top));
  };
  const zoomTo = (to: number) => {
    setActive(-1);
    // The window may have been moved since: the same node again is looked at again.
    if (to === node) motion.moveTo(windowOf(layout, node, visibleRows, motion.window.top));
    else onNode(to);
  };
  useFlameGestures(canvas, {
    onZoom: (x, factor) => whole > 0 && motion.set(zoomed(motion.window, placeAt(x), factor, whole)),
    onPan: (x, y) => {
      if (whole === 0) return;
      const by = (-x / width) * (motion.window.to - motion.window.from);
      const rows = (form === 'icicle' ? -y : y) / ROW_PX;
      motion.set(panned(motion.window, by, rows, whole, layout.rows - visibleRows));
    },
    onPoint: (x, y) => setHovered(at(x, y)),
    onLeave: () => setHovered(-1),
    onPick: (x, y) => at(x, y) >= 0 && zoomTo(at(x, y)),
    onOut: () => zoomTo(0),
  });
  const current = hovered >= 0 ? hovered : active >= 0 ? active : node;
  useEffect(() => props.onCurrent?.(current), [tree, current]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || whole === 0) return;
    const way = WAYS[form][event.key as keyof (typeof WAYS)['icicle']];
    if (way !== undefined) walk(neighbour(tree, current, way));
    else if (event.key === 'Enter') zoomTo(current);
    else if (event.key === 'Escape' && (node !== 0 || active >= 0)) zoomTo(Math.max(0, tree.parent[node]!));
    else if (!props.onKey(event.key, current)) return;
    event.preventDefault();
    // The `?` sheet and what else listens for Escape is not meant.
    event.stopPropagation();
  };
  return (
    <div class="flame-half">
      <Crumbs tree={tree} node={node} onNode={zoomTo} />
      <div ref={box} class="flame-box">
        <canvas
          ref={canvas}
          class="flame-canvas"
          tabIndex={0}
          role="img"
          aria-label={`${props.label}, ${(tree.label.length - 1).toLocaleString('en')} nodes; the table of functions below has the same. Arrow keys walk, Enter zooms, Escape goes out.`}
          style={{ width: '100%', height: `${height}px` }}
          onKeyDown={onKeyDown}
        />
        <canvas
          ref={above}
          class="flame-outlines"
          aria-hidden="true"
          style={{ width: '100%', height: `${height}px` }}
        />
      </div>
      <FlameReadOut tree={tree} node={current} isNormalised={isNormalised} />
    </div>
  );
}

/** Null where there is nothing to draw on. */
function sizedContext(
  canvas: HTMLCanvasElement | null,
  width: number,
  height: number,
  ratio: number,
): CanvasRenderingContext2D | null {
  const context = canvas?.getContext('2d') ?? null;
  if (canvas === null || context === null || width === 0) return null;
  const [pixelsX, pixelsY] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== pixelsX) canvas.width = pixelsX;
  if (canvas.height !== pixelsY) canvas.height = pixelsY;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return context;
}

interface CrumbsProps {
  readonly tree: CallTree;
  readonly node: number;
  readonly onNode: (node: number) => void;
}

/** Callers of the node that was zoomed to: of a long way its beginning and its end. */
function Crumbs({ tree, node, onNode }: CrumbsProps) {
  if (node === 0) return null;
  const path = nodePath(tree, node);
  const isLong = path.length > MOST_CRUMBS;
  const shown = isLong ? [0, -1, ...path.slice(2 - MOST_CRUMBS)] : path;
  return (
    <nav class="flame-crumbs" aria-label="Zoomed to">
      {shown.map((one) =>
        one < 0 ? (
          <span key="more" class="muted">
            … {path.length - MOST_CRUMBS + 1} more ›
          </span>
        ) : (
          <button
            key={one}
            type="button"
            class="quiet"
            aria-current={one === node ? 'location' : undefined}
            onClick={() => onNode(one)}
          >
            {tree.labels.name[tree.label[one]!]}
            {one !== node && ' ›'}
          </button>
        ),
      )}
    </nav>
  );
}

const MOST_CRUMBS = 7;

// The matrix of a large benchmark: all cells at a glance, on one canvas.

import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { scheme } from '../shell/theme.ts';
import { WORDED_HEIGHT, drawMatrix, type MatrixDrawing } from './draw-matrix.ts';

const HEAD_WIDTH = 120;
const LEAST_TILE = 2;
const LARGEST_TILE = 18;
/** What the panel has for tiles. */
const HEIGHT = 286;

export interface MatrixCanvasProps extends Pick<
  MatrixDrawing,
  'layout' | 'states' | 'strength' | 'isShown' | 'marked'
> {
  /** Whatever else it is drawn of: it is drawn again when one of these changes. */
  readonly when: readonly unknown[];
  readonly onMark: (cell: number) => void;
  readonly onOpen: (cell: number) => void;
}

export function MatrixCanvas(props: MatrixCanvasProps) {
  const { layout, marked } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  const rows = layout.cells.length;
  const columns = layout.columns.entries.length;
  const tileHeight = clampTile(HEIGHT / rows);
  const headWidth = tileHeight < WORDED_HEIGHT ? 0 : HEAD_WIDTH;
  const tileWidth = Math.max(LEAST_TILE, (width - headWidth) / Math.max(1, columns));
  const total = { width: headWidth + columns * tileWidth, height: rows * tileHeight };

  useLayoutEffect(() => {
    const element = box.current!;
    const sizes = new ResizeObserver(() => setWidth(element.clientWidth - 1));
    sizes.observe(element);
    setWidth(element.clientWidth - 1);
    return () => sizes.disconnect();
  }, []);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (context === null || context === undefined || width <= 0) return;
    const ratio = devicePixelRatio;
    canvas.current!.width = Math.round(total.width * ratio);
    canvas.current!.height = Math.round(total.height * ratio);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    drawMatrix(context, { ...props, width: total.width, tileWidth, tileHeight, headWidth });
  }, [width, layout, marked, scheme.value, ...props.when]);

  const cellAt = (event: MouseEvent) =>
    layout.cells[Math.floor(event.offsetY / tileHeight)]?.[Math.floor((event.offsetX - headWidth) / tileWidth)] ?? -1;
  return (
    <div ref={box} class="matrix-scroll">
      <p class="matrix-axes muted">
        {layout.rows.properties.join(' × ')} down, {layout.columns.properties.join(' × ')} across
      </p>
      <canvas
        ref={canvas}
        style={{ width: `${total.width}px`, height: `${total.height}px` }}
        role="img"
        aria-label="Matrix of all cells; the table below holds the same values"
        onMouseMove={(event) => props.onMark(cellAt(event))}
        onClick={(event) => cellAt(event) >= 0 && props.onOpen(cellAt(event))}
      />
    </div>
  );
}

function clampTile(size: number): number {
  return Math.max(LEAST_TILE, Math.min(LARGEST_TILE, size));
}

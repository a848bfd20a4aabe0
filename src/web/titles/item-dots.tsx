// The items of a lane as dots, told apart by shape as well as colour; where they are many, a dot stands for several.

import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { LaneView } from '#server/titles-wire';
import { color, scheme } from '../shell/theme.ts';
import { drawDot } from './draw-dot.ts';
import { countWords, DOT_STATES } from './title-words.ts';

const LARGE_PX = 14;
const SMALL_PX = 9;
/** More dots than these are drawn small. */
const MANY = 100;

interface ItemDotsProps {
  readonly lane: LaneView;
  /** @param chunk the first that the dot stands for */
  readonly onHover: (chunk: number | null) => void;
  readonly onOpen: (chunk: number) => void;
}

export function ItemDots({ lane, onHover, onOpen }: ItemDotsProps) {
  const { cells, perCell, counts } = lane;
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [width, setWidth] = useState(0);
  const pitch = cells.length > MANY ? SMALL_PX : LARGE_PX;
  const columns = Math.max(1, Math.floor(width / pitch));
  const height = Math.ceil(cells.length / columns) * pitch;
  useLayoutEffect(() => {
    const element = box.current!;
    const sizes = new ResizeObserver(() => setWidth(element.clientWidth));
    sizes.observe(element);
    setWidth(element.clientWidth);
    return () => sizes.disconnect();
  }, []);
  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (element === null || context === null || context === undefined || width === 0) return;
    const ratio = devicePixelRatio;
    element.width = Math.round(width * ratio);
    element.height = Math.round(height * ratio);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    const paint = {
      done: color('--good'),
      running: color('--accent'),
      failed: color('--bad'),
      ready: color('--muted'),
      waiting: color('--boundary'),
      cancelled: color('--boundary'),
      mixed: color('--good'),
    };
    for (let i = 0; i < cells.length; i++) {
      const state = DOT_STATES[cells[i]!];
      if (state === undefined) continue;
      drawDot(
        context,
        state,
        paint[state],
        ((i % columns) + 0.5) * pitch,
        (Math.floor(i / columns) + 0.5) * pitch,
        pitch,
      );
    }
  }, [cells, width, height, columns, scheme.value]);
  const chunkAt = ({ offsetX, offsetY }: MouseEvent) => {
    const cell = Math.floor(offsetY / pitch) * columns + Math.floor(offsetX / pitch);
    return offsetX >= columns * pitch || cells[cell] === undefined ? null : cell * perCell;
  };
  return (
    <div ref={box} class="item-dots">
      <canvas
        ref={canvas}
        style={{ width: `${width}px`, height: `${height}px` }}
        role="img"
        aria-label={`${lane.kind} ${lane.group}: ${countWords(counts)}`}
        onMouseMove={(event) => onHover(chunkAt(event))}
        onMouseLeave={() => onHover(null)}
        onClick={(event) => {
          const chunk = chunkAt(event);
          if (chunk !== null) onOpen(chunk);
        }}
      />
    </div>
  );
}

// One or two panes over the same part of a frame: wheel and drag move all of them together.

import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { PicturePair } from './picture-pair.ts';
import { fitted, moved, pictureAt, zoomed, type PictureView, type Pointer, type Size } from './picture-view.ts';

export const PICTURE_MODES = ['side', 'wipe', 'difference', 'source', 'output'] as const;
export type PictureMode = (typeof PICTURE_MODES)[number];

export interface PictureStageProps {
  readonly pair: PicturePair;
  readonly mode: PictureMode;
  readonly gain: number;
  /** Share of the pane that shows the source, from the left. */
  readonly wipe: number;
  readonly onWipe: (share: number) => void;
  /** Null for all of the picture. */
  readonly view: PictureView | null;
  readonly onView: (view: PictureView | null) => void;
  /** Told the size of a pane, for zooming by key. */
  readonly onPane: (size: Size) => void;
  /** Told the pixel under the pointer. */
  readonly onPoint: (at: Pointer | null) => void;
}

type Content = 'source' | 'output' | 'wipe' | 'difference';

const PANES: Readonly<Record<PictureMode, readonly Content[]>> = {
  side: ['output', 'source'],
  wipe: ['wipe'],
  difference: ['difference'],
  source: ['source'],
  output: ['output'],
};

const LABELS: Readonly<Record<Content, string>> = {
  source: 'source',
  output: 'encoded',
  wipe: '',
  difference: 'difference',
};

/** A drag that begins so near the line of the wipe moves it. */
const WIPE_REACH_PX = 14;
/** A notch of the wheel. */
const WHEEL_STEP = 1.0015;

export function PictureStage(props: PictureStageProps) {
  return (
    <div class="stage" data-mode={props.mode}>
      {PANES[props.mode].map((content) => (
        <Pane key={content} {...props} content={content} />
      ))}
    </div>
  );
}

function Pane(props: PictureStageProps & { content: Content }) {
  const { pair, content, view, wipe, gain, mode } = props;
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [pane, setPane] = useState<Size>({ width: 0, height: 0 });
  const drag = useRef<{ readonly what: 'picture' | 'wipe'; readonly x: number; readonly y: number } | null>(null);

  useLayoutEffect(() => {
    const element = box.current!;
    const measure = () => {
      const size = { width: element.clientWidth, height: element.clientHeight };
      setPane(size);
      props.onPane(size);
    };
    measure();
    const sizes = new ResizeObserver(measure);
    sizes.observe(element);
    return () => sizes.disconnect();
  }, [mode]);

  useLayoutEffect(() => {
    if (pane.width > 0) draw(canvas.current!, pane, view ?? fitted(pair.size, pane), { pair, content, wipe, gain });
  }, [pair, content, view, wipe, gain, pane]);

  const shown = view ?? fitted(pair.size, pane);
  const place = (event: PointerEvent | WheelEvent): Pointer => {
    const { left, top } = box.current!.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  };
  const onMove = (event: PointerEvent) => {
    const at = place(event);
    const { x, y } = pictureAt(shown, at, pane);
    const isInside = x >= 0 && y >= 0 && x < pair.size.width && y < pair.size.height;
    props.onPoint(isInside ? { x: Math.floor(x), y: Math.floor(y) } : null);
    if (drag.current === null) return;
    if (drag.current.what === 'wipe') props.onWipe(Math.min(1, Math.max(0, at.x / pane.width)));
    else props.onView(moved(shown, at.x - drag.current.x, at.y - drag.current.y, pair.size, pane));
    drag.current = { ...drag.current, x: at.x, y: at.y };
  };
  return (
    <div
      ref={box}
      class="pane"
      data-content={content}
      onPointerDown={(event) => {
        const at = place(event);
        const isOnLine = content === 'wipe' && Math.abs(at.x - wipe * pane.width) <= WIPE_REACH_PX;
        drag.current = { what: isOnLine ? 'wipe' : 'picture', x: at.x, y: at.y };
        box.current!.setPointerCapture(event.pointerId);
      }}
      onPointerMove={onMove}
      onPointerUp={() => (drag.current = null)}
      onPointerCancel={() => (drag.current = null)}
      onPointerLeave={() => props.onPoint(null)}
      onWheel={(event) => {
        event.preventDefault();
        props.onView(zoomed(shown, WHEEL_STEP ** -event.deltaY, place(event), pair.size, pane));
      }}
      onDblClick={() => props.onView(null)}
    >
      <canvas ref={canvas} role="img" aria-label={LABELS[content] || 'source on the left, encoded on the right'} />
      {content === 'wipe' ? (
        <>
          <span class="tag left">source</span>
          <span class="tag right">encoded</span>
          <i class="wipe-line" style={{ left: `${wipe * 100}%` }} />
        </>
      ) : (
        <span class="tag left">
          {LABELS[content]}
          {content === 'difference' && ` ×${gain}`}
        </span>
      )}
    </div>
  );
}

interface Drawn {
  readonly pair: PicturePair;
  readonly content: Content;
  readonly wipe: number;
  readonly gain: number;
}

function draw(canvas: HTMLCanvasElement, pane: Size, view: PictureView, { pair, content, wipe, gain }: Drawn): void {
  const ratio = devicePixelRatio;
  canvas.width = Math.round(pane.width * ratio);
  canvas.height = Math.round(pane.height * ratio);
  const context = canvas.getContext('2d')!;
  // Enlarged, each pixel is a square of its own; made smaller, they are averaged.
  context.imageSmoothingEnabled = view.scale * ratio < 1;
  context.imageSmoothingQuality = 'high';
  const scale = view.scale * ratio;
  const left = canvas.width / 2 - view.x * scale;
  const top = canvas.height / 2 - view.y * scale;
  const paint = (image: CanvasImageSource) =>
    context.drawImage(image, left, top, pair.size.width * scale, pair.size.height * scale);
  switch (content) {
    case 'source':
    case 'output':
      return paint(pair[content]);
    case 'difference':
      return paint(pair.difference(gain));
    case 'wipe':
      paint(pair.output);
      context.save();
      context.beginPath();
      context.rect(0, 0, wipe * canvas.width, canvas.height);
      context.clip();
      paint(pair.source);
      context.restore();
  }
}

// What the pointer and the wheel do to a flame graph's window.

import { useLayoutEffect, useRef } from 'preact/hooks';
import type { RefObject } from 'preact';

export interface FlameGestures {
  /** A place of the canvas, pixels; factor below 1 to look closer. */
  readonly onZoom: (x: number, factor: number) => void;
  /** By pixels. */
  readonly onPan: (x: number, y: number) => void;
  readonly onPoint: (x: number, y: number) => void;
  readonly onLeave: () => void;
  readonly onPick: (x: number, y: number) => void;
  readonly onOut: () => void;
}

/** A drag that is shorter was meant as a click. */
const LEAST_DRAG_PX = 4;
/** One notch of a wheel is 100 to 120 of these. */
const ZOOM_PER_WHEEL_PX = 0.002;

/** The wheel zooms, with Shift or sideways it pans; a drag pans; a click picks, a double click goes out. */
export function useFlameGestures(canvas: RefObject<HTMLCanvasElement | null>, gestures: FlameGestures): void {
  const latest = useRef(gestures);
  latest.current = gestures;
  useLayoutEffect(() => {
    const element = canvas.current!;
    let last: { x: number; y: number } | null = null;
    let dragged = 0;
    const stop = new AbortController();
    const listen = <K extends keyof HTMLElementEventMap>(name: K, does: (event: HTMLElementEventMap[K]) => void) =>
      element.addEventListener(name, does, { signal: stop.signal, passive: false });
    listen('wheel', (event) => {
      event.preventDefault();
      const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 33 : 1;
      const [x, y] = [event.deltaX * unit, event.deltaY * unit];
      if (event.shiftKey || Math.abs(x) > Math.abs(y)) latest.current.onPan(-(event.shiftKey && x === 0 ? y : x), 0);
      else latest.current.onZoom(event.offsetX, Math.exp(y * ZOOM_PER_WHEEL_PX));
    });
    listen('pointerdown', (event) => {
      if (event.button !== 0) return;
      last = { x: event.offsetX, y: event.offsetY };
      dragged = 0;
      element.setPointerCapture(event.pointerId);
    });
    listen('pointermove', (event) => {
      if (last === null) return latest.current.onPoint(event.offsetX, event.offsetY);
      const [x, y] = [event.offsetX - last.x, event.offsetY - last.y];
      dragged += Math.abs(x) + Math.abs(y);
      last = { x: event.offsetX, y: event.offsetY };
      if (dragged >= LEAST_DRAG_PX) latest.current.onPan(x, y);
    });
    listen('pointerup', (event) => {
      if (last !== null && dragged < LEAST_DRAG_PX) latest.current.onPick(event.offsetX, event.offsetY);
      last = null;
    });
    listen('pointercancel', () => (last = null));
    listen('pointerleave', () => latest.current.onLeave());
    listen('dblclick', () => latest.current.onOut());
    return () => stop.abort();
  }, []);
}

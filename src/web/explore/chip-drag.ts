// Drags a chip to another place with a mouse, a pen or a finger.

import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/** A press that moves less is a click. */
const THRESHOLD_PX = 4;

/** @param position in the place, counted in the chips that stand before the pointer */
type Drop = (property: string, slot: string, position: number) => void;

/**
 * @param shelf holds elements with `data-slot`, and in them chips with `data-property`
 * @returns begins a drag, for `onPointerDown` of a chip
 */
export function useChipDrag(
  shelf: RefObject<HTMLElement | null>,
  drop: Drop,
): (event: PointerEvent, property: string) => void {
  const latest = useRef(drop);
  latest.current = drop;
  const stop = useRef<(() => void) | null>(null);
  useEffect(() => () => stop.current?.(), []);
  return (event, property) => {
    if (event.button !== 0) return;
    const chip = event.currentTarget as HTMLElement;
    const start = { x: event.clientX, y: event.clientY };
    let target: HTMLElement | null = null;
    let isDragging = false;
    const mark = (next: HTMLElement | null) => {
      if (next === target) return;
      target?.removeAttribute('data-target');
      next?.setAttribute('data-target', '');
      target = next;
    };
    const onMove = (move: PointerEvent) => {
      const [dx, dy] = [move.clientX - start.x, move.clientY - start.y];
      if (!isDragging && Math.hypot(dx, dy) < THRESHOLD_PX) return;
      isDragging = true;
      chip.setAttribute('data-dragged', '');
      chip.style.transform = `translate(${dx}px, ${dy}px)`;
      const under = document.elementsFromPoint(move.clientX, move.clientY);
      const slot = under.map((one) => one.closest<HTMLElement>('[data-slot]')).find((one) => one !== null) ?? null;
      mark(slot !== null && shelf.current?.contains(slot) === true ? slot : null);
    };
    const end = () => {
      chip.removeEventListener('pointermove', onMove);
      chip.removeEventListener('pointerup', onUp);
      chip.removeEventListener('pointercancel', end);
      removeEventListener('keydown', onKey, true);
      chip.removeAttribute('data-dragged');
      chip.style.transform = '';
      mark(null);
      stop.current = null;
    };
    const onUp = (up: PointerEvent) => {
      const slot = target;
      end();
      if (!isDragging || slot === null) return;
      const before = [...slot.querySelectorAll<HTMLElement>('[data-property]')].filter((other) => {
        if (other === chip) return false;
        const box = other.getBoundingClientRect();
        return up.clientY > box.bottom || (up.clientY > box.top && up.clientX > (box.left + box.right) / 2);
      });
      latest.current(property, slot.dataset['slot']!, before.length);
    };
    const onKey = (key: KeyboardEvent) => {
      if (key.key !== 'Escape') return;
      key.stopPropagation();
      end();
    };
    chip.setPointerCapture(event.pointerId);
    chip.addEventListener('pointermove', onMove);
    chip.addEventListener('pointerup', onUp);
    chip.addEventListener('pointercancel', end);
    addEventListener('keydown', onKey, true);
    stop.current = end;
  };
}

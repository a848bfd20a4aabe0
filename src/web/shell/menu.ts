// What opens below a button closes with Escape and with a click beside it.

import type { RefObject } from 'preact';
import { useLayoutEffect } from 'preact/hooks';

/**
 * @param parts elements that belong to it, its button first: Escape gives the focus back to that
 */
export function useDismiss(isOpen: boolean, parts: readonly RefObject<HTMLElement | null>[], close: () => void): void {
  useLayoutEffect(() => {
    if (!isOpen) return;
    const onClick = (event: MouseEvent) => {
      // A click, not the press before it: what lies under the mouse must not move in between.
      if (!parts.some((part) => part.current?.contains(event.target as Node))) close();
    };
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return;
      close();
      parts[0]?.current?.focus();
    };
    addEventListener('click', onClick);
    addEventListener('keydown', onKey);
    return () => {
      removeEventListener('click', onClick);
      removeEventListener('keydown', onKey);
    };
  }, [isOpen]);
}

// Keys of the page. Every one that is registered is on the `?` sheet.

import { signal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';

export interface Shortcut {
  /** `?`, `j`, `ArrowLeft`, or two one after the other: `g b`. */
  readonly keys: readonly string[];
  readonly does: string;
  readonly run: () => void;
}

export interface ShortcutGroup {
  readonly title: string;
  readonly shortcuts: readonly Shortcut[];
}

/** How long the second key of two may take. */
const SEQUENCE_MS = 1_000;

export const shortcutGroups = signal<readonly ShortcutGroup[]>([]);

/** Registers keys for as long as a component is shown. The newest registration of a key wins. */
export function useShortcuts(title: string, shortcuts: readonly Shortcut[]): void {
  // A key that follows another at once must already see what the first has changed: not what it was when registered.
  const latest = useRef(shortcuts);
  latest.current = shortcuts;
  useLayoutEffect(() => {
    const group: ShortcutGroup = {
      title,
      get shortcuts() {
        return latest.current;
      },
    };
    shortcutGroups.value = [...shortcutGroups.peek(), group];
    return () => {
      shortcutGroups.value = shortcutGroups.peek().filter((one) => one !== group);
    };
  }, [title]);
}

export function listenForShortcuts(): void {
  let first: { key: string; at: number } | null = null;
  addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
    // Over an open sheet only the key that closes it works; Escape is the browser's own.
    if (event.key !== '?' && document.querySelector('dialog[open]') !== null) return;
    const now = performance.now();
    const sequence = first !== null && now - first.at < SEQUENCE_MS ? `${first.key} ${event.key}` : null;
    first = null;
    const shortcut = (sequence === null ? undefined : find(sequence)) ?? find(event.key);
    if (shortcut === undefined) {
      first = { key: event.key, at: now };
      return;
    }
    event.preventDefault();
    shortcut.run();
  });
}

function find(keys: string): Shortcut | undefined {
  for (const group of shortcutGroups.peek().toReversed()) {
    const found = group.shortcuts.find((shortcut) => shortcut.keys.includes(keys));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Keys belong to the field that is typed in; Escape leaves it. */
function isTyping(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement;
  const field = target.closest?.('input:not([type=checkbox]), textarea, select');
  if (field === null || field === undefined) return isPressing(event, target);
  if (event.key === 'Escape') (field as HTMLElement).blur();
  return true;
}

/** Enter and space press the button or follow the link that has the focus. */
function isPressing(event: KeyboardEvent, target: HTMLElement): boolean {
  return (event.key === 'Enter' || event.key === ' ') && target.closest?.('a, button, summary, [role=button]') !== null;
}

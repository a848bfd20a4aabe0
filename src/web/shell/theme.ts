// Colours for what is drawn on a canvas: the custom properties of the style sheet, in the scheme that the system has.

import { signal } from '@preact/signals';

const dark = typeof matchMedia === 'undefined' ? null : matchMedia('(prefers-color-scheme: dark)');

/** Changes when the system changes: what draws on a canvas draws again. */
export const scheme = signal<'light' | 'dark'>(dark?.matches === true ? 'dark' : 'light');

dark?.addEventListener('change', () => (scheme.value = dark.matches ? 'dark' : 'light'));

/** Value of a custom property of the page, `--line`. */
export function color(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** Lines of a chart, told apart by more than their hue: the palette of Okabe and Ito (2008), and a dash. */
export function seriesColor(position: number): { stroke: string; dash: number[] } {
  const hue = position % PALETTE_SIZE;
  return { stroke: color(`--series-${hue}`), dash: DASHES[Math.floor(position / PALETTE_SIZE) % DASHES.length]! };
}

const PALETTE_SIZE = 7;
const DASHES = [[], [6, 3], [2, 2]];

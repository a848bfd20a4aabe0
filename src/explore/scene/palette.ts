// What colours stand for the inks of a scene: in the light and in the dark, and as custom properties that follow the reader's system.

import type { Ink } from './scene.ts';

export type Palette = (ink: Ink) => string;
export type Scheme = 'light' | 'dark';

/** Colours of series: Okabe and Ito (2008). */
export const SERIES_COLORS = 7;
export const RAMP_COLORS = 16;

/** As in the page's style sheet. */
const PLAIN: Readonly<Record<Scheme, Readonly<Record<string, string>>>> = {
  light: {
    text: '#161b22',
    muted: '#5f6b7a',
    line: '#dfe3e8',
    surface: '#fff',
    accent: '#12579b',
    good: '#0a7a55',
    bad: '#b4371f',
    'series-0': '#1068ad',
    'series-1': '#c26a00',
    'series-2': '#007d5a',
    'series-3': '#a8478b',
    'series-4': '#3f97cf',
    'series-5': '#b8402a',
    'series-6': '#6b7280',
  },
  dark: {
    text: '#e4e8ee',
    muted: '#93a0b0',
    line: '#2a313c',
    surface: '#161a21',
    accent: '#6cb2f2',
    good: '#45c496',
    bad: '#f08468',
    'series-0': '#63b0ee',
    'series-1': '#f0a23c',
    'series-2': '#3cc29a',
    'series-3': '#dd8cc4',
    'series-4': '#9ad4f5',
    'series-5': '#ef7d62',
    'series-6': '#9aa5b3',
  },
};

/**
 * From little to much in even steps of Oklab's lightness (Ottosson 2020), from yellow over green to blue: told apart by every kind
 * of sight, in grey and on paper. In the dark it is much that is bright.
 */
const RAMPS: Readonly<Record<Scheme, readonly string[]>> = {
  light: [
    '#f9f6cf',
    '#e4ebb9',
    '#cae2a6',
    '#abd999',
    '#85d093',
    '#55c792',
    '#04bb96',
    '#01aa9b',
    '#009a9a',
    '#068a96',
    '#007a92',
    '#046a8c',
    '#005b89',
    '#004a88',
    '#0c3290',
    '#231d82',
  ],
  dark: [
    '#261d6c',
    '#1d2f7b',
    '#004188',
    '#015384',
    '#036287',
    '#04728b',
    '#078190',
    '#0b9093',
    '#08a094',
    '#09b191',
    '#33c089',
    '#65cb80',
    '#8ed576',
    '#b3de6f',
    '#d7e56a',
    '#faec6a',
  ],
};

export function paletteOf(scheme: Scheme): Palette {
  const { [scheme]: plain } = PLAIN;
  const { [scheme]: ramp } = RAMPS;
  return (ink) => {
    const [name, position] = numbered(ink);
    return (name === 'ramp' ? ramp[position] : plain[name === null ? ink : `series-${position}`]) ?? plain['text']!;
  };
}

/** Custom properties: one picture for light, dark and print. {@link paletteStyle} gives them their values. */
export const variablePalette: Palette = (ink) => {
  const [name, position] = numbered(ink);
  return `var(--${name === null ? ink : `${name}-${position}`})`;
};

/** The style sheet of {@link variablePalette}, for files that stand alone. */
export function paletteStyle(): string {
  const properties = (scheme: Scheme) =>
    [
      ...Object.entries(PLAIN[scheme]).map(([name, color]) => `--${name}:${color}`),
      ...RAMPS[scheme].map((color, i) => `--ramp-${i}:${color}`),
    ].join(';');
  return [
    `:root{color-scheme:light dark;${properties('light')}}`,
    `@media (prefers-color-scheme:dark){:root{${properties('dark')}}}`,
    `@media print{:root{${properties('light')}}}`,
  ].join('');
}

/** Series go round, a ramp ends. */
function numbered(ink: Ink): ['series' | 'ramp' | null, number] {
  if (ink.startsWith('series-')) return ['series', Number(ink.slice(7)) % SERIES_COLORS];
  if (ink.startsWith('ramp-')) return ['ramp', Math.max(0, Math.min(RAMP_COLORS - 1, Number(ink.slice(5))))];
  return [null, 0];
}

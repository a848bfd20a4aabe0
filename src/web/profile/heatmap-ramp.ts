// Colours of a heatmap: from idle to all CPUs busy in even steps of lightness, white to red as in FlameScope. Steps of lightness are
// seen by everybody, whatever the hue looks like. A share has one colour in every run: nothing is scaled to the busiest cell.
// Oklab: Björn Ottosson (2020), https://bottosson.github.io/posts/oklab/.

import { fromOklab } from '../benchmark/tile-shade.ts';

/** Steps from none to all busy. */
export const RAMP_STEPS = 100;

interface RampEnds {
  /** Lightness of idle and of all busy, 0 to 1. */
  readonly idle: number;
  readonly busy: number;
  /** How far from grey all busy is. */
  readonly chroma: number;
  /** Degrees. */
  readonly hue: number;
}

const ENDS: Readonly<Record<'light' | 'dark', RampEnds>> = {
  light: { idle: 1, busy: 0.5, chroma: 0.2, hue: 28 },
  dark: { idle: 0.24, busy: 0.72, chroma: 0.19, hue: 32 },
};

/** What an ImageData holds of a colour, on the little-endian machines that browsers run on. */
export type Pixel = number;

export interface HeatmapColors {
  /** By busy share in RAMP_STEPS. */
  readonly ramp: Uint32Array;
  readonly stolen: Pixel;
  readonly noData: Pixel;
  readonly noDataGround: Pixel;
  readonly unknown: Pixel;
}

const PLAIN: Readonly<Record<'light' | 'dark', Omit<HeatmapColors, 'ramp'>>> = {
  light: {
    stolen: pixel([0.07, 0.34, 0.61]),
    noData: pixel([0.48, 0.52, 0.58]),
    noDataGround: pixel([0.87, 0.89, 0.91]),
    unknown: pixel([0.72, 0.75, 0.79]),
  },
  dark: {
    stolen: pixel([0.42, 0.7, 0.95]),
    noData: pixel([0.45, 0.5, 0.57]),
    noDataGround: pixel([0.22, 0.25, 0.3]),
    unknown: pixel([0.32, 0.36, 0.42]),
  },
};

export function heatmapColors(scheme: 'light' | 'dark'): HeatmapColors {
  const ramp = new Uint32Array(RAMP_STEPS + 1);
  for (let step = 0; step <= RAMP_STEPS; step++) ramp[step] = pixel(rampColor(step / RAMP_STEPS, scheme));
  return { ramp, ...PLAIN[scheme] };
}

/**
 * Red, green and blue, 0 to 1.
 * @param share busy of the capacity, 0 to 1
 */
export function rampColor(share: number, scheme: 'light' | 'dark'): readonly [number, number, number] {
  const { idle, busy, chroma, hue } = ENDS[scheme];
  const angle = (hue * Math.PI) / 180;
  const strength = chroma * share;
  const rgb = fromOklab([idle + (busy - idle) * share, strength * Math.cos(angle), strength * Math.sin(angle)]);
  return [clamp(rgb[0]), clamp(rgb[1]), clamp(rgb[2])];
}

/** For what is drawn by style sheets: `rgb(255 120 90)`. */
export function cssOf(value: Pixel): string {
  return `rgb(${value & 0xff} ${(value >>> 8) & 0xff} ${(value >>> 16) & 0xff})`;
}

function pixel([red, green, blue]: readonly [number, number, number]): Pixel {
  const part = (value: number) => Math.round(value * 255);
  return ((0xff << 24) | (part(blue) << 16) | (part(green) << 8) | part(red)) >>> 0;
}

function clamp(value: number): number {
  return Math.max(0, Math.min(1, value));
}

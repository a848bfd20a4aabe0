import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { paletteOf, RAMP_COLORS } from './palette.ts';
import type { Ink } from './scene.ts';

const style = readFileSync(new URL('../../web/style/base.css', import.meta.url), 'utf8');
const [lightStyle, darkStyle] = style.split('@media (prefers-color-scheme: dark)') as [string, string];
const INKS: readonly Ink[] = ['text', 'muted', 'line', 'surface', 'accent', 'good', 'bad'];
const SERIES = [0, 1, 2, 3, 4, 5, 6].map((i): Ink => `series-${i}`);

/** Lightness of Oklab, 0 to 1: https://bottosson.github.io/posts/oklab/ */
function lightness(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return 0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s;
}

test.each([
  ['light', lightStyle],
  ['dark', darkStyle],
] as const)('the %s palette is that of the page', (scheme, css) => {
  const palette = paletteOf(scheme);
  for (const ink of [...INKS, ...SERIES]) expect(css, ink).toContain(`--${ink}: ${palette(ink)};`);
});

test.each([
  ['light', -1],
  ['dark', 1],
] as const)('the %s ramp goes on in even steps of lightness: much stands out from the ground', (scheme, direction) => {
  const palette = paletteOf(scheme);
  const steps = Array.from({ length: RAMP_COLORS }, (_, i) => lightness(palette(`ramp-${i}`)));
  const differences = steps.slice(1).map((step, i) => (step - steps[i]!) * direction);
  const mean = differences.reduce((sum, one) => sum + one, 0) / differences.length;
  expect(mean).toBeGreaterThan(0.035);
  for (const difference of differences) expect(Math.abs(difference - mean)).toBeLessThan(0.006);
});

test('numbers on the ramp can be read: dark on light steps, light on dark ones', () => {
  for (const scheme of ['light', 'dark'] as const) {
    const palette = paletteOf(scheme);
    const text = lightness(palette('text'));
    // White is written short.
    const surface = scheme === 'light' ? 1 : lightness(palette('surface'));
    for (let step = 0; step < RAMP_COLORS; step++) {
      const ground = lightness(palette(`ramp-${step}`));
      const ink = step >= 8 ? surface : text;
      expect(Math.abs(ground - ink), `${scheme} ${step}`).toBeGreaterThan(0.28);
    }
  }
});

test('series go round, a ramp ends', () => {
  const palette = paletteOf('light');
  expect(palette('series-7')).toBe(palette('series-0'));
  expect(palette('ramp-99')).toBe(palette('ramp-15'));
});

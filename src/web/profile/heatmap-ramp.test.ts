import { expect, test } from 'vitest';
import { cssOf, heatmapColors, rampColor } from './heatmap-ramp.ts';

/** Lightness of CIE L*a*b* (CIE 15), 0 to 100: another measure than the one that the ramp is made with. */
function lightness(share: number, scheme: 'light' | 'dark'): number {
  const [red, green, blue] = rampColor(share, scheme).map((value) =>
    value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4,
  ) as [number, number, number];
  return 116 * Math.cbrt(0.2126 * red + 0.7152 * green + 0.0722 * blue) - 16;
}

test.each(['light', 'dark'] as const)('each step of the %s ramp is as much of a step to the eye', (scheme) => {
  const steps = Array.from({ length: 10 }, (_, i) => lightness((i + 1) / 10, scheme) - lightness(i / 10, scheme));
  const direction = scheme === 'light' ? -1 : 1;
  for (const step of steps) expect(direction * step).toBeGreaterThan(2.5);
  expect(Math.max(...steps.map(Math.abs)) / Math.min(...steps.map(Math.abs))).toBeLessThan(2.5);
});

test('idle is white in the light, and all busy is red in both', () => {
  expect(cssOf(heatmapColors('light').ramp[0]!)).toBe('rgb(255 255 255)');
  for (const scheme of ['light', 'dark'] as const) {
    const [red, green, blue] = rampColor(1, scheme);
    expect(red).toBeGreaterThan(2 * green);
    expect(red).toBeGreaterThan(2 * blue);
  }
});

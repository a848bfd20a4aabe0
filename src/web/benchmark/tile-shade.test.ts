import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { contrast, tileShade } from './tile-shade.ts';

const style = readFileSync(new URL('../style/base.css', import.meta.url), 'utf8');

test.each(['light', 'dark'])('the number on a tile can be read at every strength, in the %s scheme', (scheme) => {
  const [tile, surface] = ['--tile', '--surface'].map((name) => {
    const values = Array.from(style.matchAll(new RegExp(`${name}: (#\\w+);`, 'g')), (match) => match[1]!);
    return values[scheme === 'light' ? 0 : 1]!;
  });
  for (let strength = 0; strength <= 1; strength += 0.01) {
    const { fill, ink } = tileShade(strength, tile!, surface!);
    expect(contrast(fill, ink), `${fill} at ${strength}`).toBeGreaterThanOrEqual(4.5);
  }
});

test('the strongest and the weakest tile are shades of the two colours', () => {
  expect(contrast('#000000', '#fff')).toBe(21);
  expect(tileShade(0, '#12579b', '#fff').fill).toMatch(/^#[e-f]/);
  expect(contrast(tileShade(1, '#12579b', '#fff').fill, '#12579b')).toBeLessThan(1.4);
});

import { expect, test } from 'vitest';
import { carriesLight, hasLight, withLight } from './light-settings.ts';

const masteringDisplay = {
  red: [0.68, 0.32],
  green: [0.265, 0.69],
  blue: [0.15, 0.06],
  white: [0.3127, 0.329],
  luminance: [0.005, 1000],
} as const;
const source = { masteringDisplay, contentLight: { maxCll: 1000, maxFall: 400 } };

test('x265 and SVT-AV1 are told in their own units, behind what the rung says itself', () => {
  expect(withLight({ encoder: 'libx265', 'x265-params': 'aq-mode=3' }, source)).toEqual({
    encoder: 'libx265',
    'x265-params':
      'aq-mode=3:master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50):max-cll=1000,400',
  });
  expect(withLight({ encoder: 'libsvtav1' }, source)).toEqual({
    encoder: 'libsvtav1',
    'svtav1-params':
      'mastering-display=G(0.26500,0.69000)B(0.15000,0.06000)R(0.68000,0.32000)WP(0.31270,0.32900)L(1000.0000,0.0050):content-light=1000,400',
  });
});

test("a rung's own metadata is kept, and only what is known is added", () => {
  const own = { encoder: 'libx265', 'x265-params': 'max-cll=600,200' };
  expect(withLight(own, { masteringDisplay: null, contentLight: source.contentLight })).toBe(own);
  expect(withLight({ encoder: 'libx265' }, { masteringDisplay: null, contentLight: null })).toEqual({
    encoder: 'libx265',
  });
  expect(hasLight({ masteringDisplay: null, contentLight: null })).toBe(false);
});

test('an encoder that can not be told gets nothing', () => {
  expect(withLight({ encoder: 'libvpx-vp9' }, source)).toEqual({ encoder: 'libvpx-vp9' });
  expect(carriesLight('libvpx-vp9')).toBe(false);
  expect(carriesLight('libx265')).toBe(true);
});

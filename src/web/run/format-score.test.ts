import { expect, test } from 'vitest';
import { formatScore, formatScoreWithUnit, scoreName } from './format-score.ts';

test('scores keep the digits that tell two encodes apart, and an unbounded one is a word', () => {
  expect(formatScore(38.1449, 'psnr.y')).toBe('38.14');
  expect(formatScore(0.97126, 'ssim')).toBe('0.9713');
  expect(formatScore(Infinity, 'xpsnr')).toBe('identical');
  expect(formatScore(null, 'psnr')).toBe('–');
  expect(formatScoreWithUnit(38.1449, 'psnr')).toBe('38.14 dB');
  expect(formatScoreWithUnit(Infinity, 'psnr')).toBe('identical');
  expect(formatScoreWithUnit(93.5, 'vmaf')).toBe('93.50');
  expect(scoreName('psnr.y')).toBe('PSNR Y');
});

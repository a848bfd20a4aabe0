import { expect, test } from 'vitest';
import { parseBenchmark } from './parse-benchmark.ts';

const qualityOf = (text: string) =>
  parseBenchmark(`source: clip.mp4\nmatrix: {crf: 20}\n${text}`, '/bench/tune.yaml').quality;
const usual = { metrics: ['psnr', 'ssim', 'xpsnr'], vmafEngine: null, vmafModel: null };

test.each([
  ['', usual],
  ['quality: true', usual],
  ['quality: none', null],
  ['quality: false', null],
  ['quality: ssim', { ...usual, metrics: ['ssim'] }],
  ['quality: [vmaf, psnr, psnr]', { ...usual, metrics: ['psnr', 'vmaf'] }],
  [
    'quality: {metrics: [vmaf], vmaf_engine: ./ffmpeg, vmaf_model: vmaf_4k_v0.6.1}',
    { metrics: ['vmaf'], vmafEngine: '/bench/ffmpeg', vmafModel: 'vmaf_4k_v0.6.1' },
  ],
])('%s', (text, wanted) => {
  expect(qualityOf(text)).toEqual(wanted);
});

test.each([
  ['quality: [vmfa]', /tune.yaml:3:11: there is no quality metric 'vmfa'\n.*did you mean vmaf/],
  ['quality: {metric: [ssim]}', /did you mean 'metrics'/],
  ['quality: []', /an empty list/],
  ['quality: {vmaf_engine: [a]}', /vmaf_engine is a text/],
])('a mistake in it is told: %s', (text, message) => {
  expect(() => qualityOf(text)).toThrow(message);
});

import { expect, test } from 'vitest';
import type { QualityHeader } from '#core/quality';
import { qualityMetricNames, qualityMetrics, weightedXpsnr } from './quality-metrics.ts';

const none = { count: 0, first: [] };
const header: QualityHeader = {
  scores: [],
  match: {
    width: 64,
    height: 48,
    pixelFormat: 'yuv420p',
    compared: 4,
    dropped: { count: 3, first: [1, 5, 9] },
    doubled: none,
    missing: { count: 1, first: [2] },
    surplus: none,
  },
  pictures: [],
};
const pooled = (columns: Record<string, number[]>) => qualityMetrics(new Map(Object.entries(columns)), header);
const valueOf = (columns: Record<string, number[]>, name: string) => pooled(columns)[name]?.value;

test('scores are pooled by mean, harmonic mean and the low tail', () => {
  const metrics = pooled({ vmaf: [50, 100, 80, 90] });
  expect(metrics['quality.vmaf']).toEqual({ value: 80, unit: '1', better: 'higher' });
  expect(metrics['quality.vmaf harmonic']!.value).toBeCloseTo(4 / (1 / 50 + 1 / 100 + 1 / 80 + 1 / 90), 12);
  expect(metrics['quality.vmaf min']!.value).toBe(50);
  // Definition 7: positions 0.03 and 0.15 between the first two order statistics, 50 and 80.
  expect(metrics['quality.vmaf p1']!.value).toBeCloseTo(50.9, 12);
  expect(metrics['quality.vmaf p5']!.value).toBeCloseTo(54.5, 12);
});

test('the total PSNR is that of the mean squared error over all frames', () => {
  // Errors of 1 and 3 on the scale of 8 bits: a mean of 2.
  const decibels = (mse: number) => 10 * Math.log10(255 ** 2 / mse);
  expect(valueOf({ psnr: [decibels(1), decibels(3)] }, 'quality.psnr total')).toBeCloseTo(decibels(2), 10);
});

test('planes are told as means', () => {
  expect(valueOf({ 'ssim.u': [0.5, 1] }, 'quality.ssim.u')).toBe(0.75);
});

test('identical frames are counted, and invent no number', () => {
  const metrics = pooled({ psnr: [Infinity, 40, Infinity, 50] });
  expect(metrics['quality.identical']).toEqual({ value: 2, unit: 'frame', better: null });
  expect(metrics['quality.psnr']!.value).toBe(45);
  expect(metrics['quality.psnr harmonic']!.value).toBeCloseTo(2 / (1 / 40 + 1 / 50), 12);
  expect(metrics['quality.psnr min']!.value).toBe(40);
  expect(metrics['quality.psnr total']!.value).toBeCloseTo(-10 * Math.log10((1e-4 + 1e-5) / 4), 12);
});

test('a clip without loss has no PSNR at all, only its count of identical frames', () => {
  const metrics = pooled({ psnr: [Infinity, Infinity, Infinity], ssim: [1, 1, 1] });
  expect(Object.keys(metrics).filter((name) => name.startsWith('quality.psnr'))).toEqual([]);
  expect(metrics['quality.identical']!.value).toBe(3);
  expect(metrics['quality.ssim']!.value).toBe(1);
});

test('counts of frames come from the match, and nothing measured is absent', () => {
  const metrics = pooled({});
  expect(metrics).toEqual({
    'quality.frames.compared': { value: 4, unit: 'frame', better: null },
    'quality.frames.dropped': { value: 3, unit: 'frame', better: null },
    'quality.frames.doubled': { value: 0, unit: 'frame', better: null },
    'quality.frames.missing': { value: 1, unit: 'frame', better: 'lower' },
    'quality.frames.surplus': { value: 0, unit: 'frame', better: 'lower' },
  });
});

test('every metric that is given is one of the names', () => {
  const columns = ['psnr', 'ssim', 'xpsnr'].flatMap((each) => [each, `${each}.y`, `${each}.u`, `${each}.v`]);
  const metrics = pooled(Object.fromEntries([...columns, 'vmaf'].map((column) => [column, [0.5, 0.75, Infinity]])));
  expect(Object.keys(metrics).toSorted()).toEqual(qualityMetricNames().toSorted());
});

test('good chroma can not hide bad luma in the XPSNR of a picture', () => {
  expect(weightedXpsnr(40, 40, 40)).toBeCloseTo(40, 10);
  expect(weightedXpsnr(40, Infinity, Infinity)).toBeCloseTo(40 + 10 * Math.log10(6 / 4), 10);
  expect(weightedXpsnr(Infinity, Infinity, Infinity)).toBe(Infinity);
  expect(weightedXpsnr(40, NaN, NaN)).toBe(40);
});

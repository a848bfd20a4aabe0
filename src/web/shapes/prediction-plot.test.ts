import { expect, test } from 'vitest';
import type { PredictedPoint } from '#server/shapes-wire';
import { heldShare, medianError, predictionPlot } from './prediction-plot.ts';

const style = { stroke: 'red', dash: [], shape: 'circle' } as const;
const point = (truth: number, value: number, codec: string | null = 'av1'): PredictedPoint => ({
  id: String(truth),
  codec,
  basis: 'model',
  truth,
  value,
  low: value * 0.8,
  high: value * 1.25,
});

test('points stand at truth and prediction with their bounds, and what has no logarithm is left out', () => {
  const points = [point(10, 11), point(20, 40, 'h264'), point(0, 1)];
  const plot = predictionPlot({ coverage: 0.95, points }, [style, style])!;
  expect(plot.series.map(({ name }) => name)).toEqual(['av1', 'h264']);
  expect(plot.points.map(({ x, y, series }) => [x, y, series])).toEqual([
    [10, 11, 0],
    [20, 40, 1],
  ]);
  expect(plot.points[1]!.yInterval).toEqual([32, 50]);
  expect(predictionPlot({ coverage: 0.95, points: [point(0, 1)] }, [style])).toBeNull();
});

test('a point without a lower bound is drawn, with the upper half of its interval', () => {
  const open = { ...point(10, 11), low: 0 };
  const plot = predictionPlot({ coverage: 0.95, points: [open, point(20, 25)] }, [style])!;
  expect(plot.points.map(({ yInterval }) => yInterval)).toEqual([
    [11, 13.75],
    [20, 31.25],
  ]);
  expect(plot.y).toMatchObject({ kind: 'log', low: expect.toSatisfy((low: number) => low > 5 && low < 10) });
  expect(plot.points.map(({ title }) => title.split('\n')[1])).toEqual([
    'predicted 11 s, at most 13.8 s',
    'predicted 25 s, 20 s to 31.3 s',
  ]);
  expect(heldShare([open, { ...open, truth: 14 }])).toBe(0.5);
});

test('what the calibration said is a series of its own', () => {
  const points = [point(10, 11), { ...point(10, 30), basis: 'calibration' as const }];
  const plot = predictionPlot({ coverage: 0.95, points }, [style, style])!;
  expect(plot.series.map(({ name }) => name)).toEqual(['av1', 'av1, by calibration']);
});

test('how far predictions are off, and how often their bounds held', () => {
  const points = [point(10, 11), point(10, 20), point(10, 10), point(10, 12)];
  expect(heldShare(points)).toBe(0.75);
  expect(medianError(points)).toBeCloseTo(0.15);
  expect(medianError(points.slice(0, 3))).toBeCloseTo(0.1);
});

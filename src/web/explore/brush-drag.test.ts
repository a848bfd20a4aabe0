import { measureAxis } from '#explore/scene/measure-axis';
import type { Panel } from '#explore/scene/scene';
import { expect, test } from 'vitest';
import { axisBrush, brushBox, joinBrushes, withRuns } from './brush-drag.ts';

const axis = (name: string) => measureAxis({ name, unit: '1', low: 0, high: 100, lengthPx: 200, fromZero: true });
const panel = (xMetric: string | null, yMetric: string | null): Panel => ({
  x: 50,
  y: 20,
  width: 400,
  height: 200,
  xAxis: xMetric === null ? { kind: 'names', label: 'preset', names: ['fast', 'slow'] } : axis(xMetric),
  yAxis: yMetric === null ? { kind: 'names', label: 'codec', names: ['x264'] } : axis(yMetric),
  xMetric,
  yMetric,
});

test('a drag is a range of the axis that has a metric, from its low end to its high end', () => {
  expect(axisBrush(panel(null, 'fps'), { x: 100, y: 70 }, { x: 400, y: 120 })).toEqual({
    metric: 'fps',
    low: 50,
    high: 75,
  });
  expect(axisBrush(panel(null, null), { x: 100, y: 70 }, { x: 400, y: 120 })).toBeNull();
});

test('where both axes have one, the longer way says which', () => {
  const both = panel('bitrate', 'fps');
  expect(axisBrush(both, { x: 150, y: 70 }, { x: 250, y: 80 })).toMatchObject({ metric: 'bitrate', low: 25, high: 50 });
  expect(axisBrush(both, { x: 150, y: 70 }, { x: 160, y: 120 })).toMatchObject({ metric: 'fps' });
});

test('what is dragged out of the panel ends at its edge, and is drawn where it was dragged', () => {
  const one = panel(null, 'fps');
  const brush = axisBrush(one, { x: 100, y: 120 }, { x: 100, y: -500 })!;
  expect(brush).toEqual({ metric: 'fps', low: 50, high: 100 });
  expect(brushBox(one, brush)).toEqual({ x: 50, y: 20, width: 400, height: 100 });
  expect(brushBox(one, { ...brush, metric: 'other' })).toBeNull();
});

test('from one bar to another all runs of both are brushed, and no others', () => {
  const values = Float64Array.of(10, 14, 12, 30, 26, 50, NaN);
  const [first, second] = [
    withRuns({ metric: 'fps', low: 12, high: 12 }, values, [0, 1, 2]),
    withRuns({ metric: 'fps', low: 28, high: 28 }, values, [3, 4, 6]),
  ];
  expect(joinBrushes(second, first)).toEqual({ metric: 'fps', low: 10, high: 30 });
  expect(withRuns({ metric: 'fps', low: 12, high: 12 }, [], [0, 1])).toEqual({ metric: 'fps', low: 12, high: 12 });
});

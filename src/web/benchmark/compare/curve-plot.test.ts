import { expect, test } from 'vitest';
import { curvePlot, formatQuality } from './curve-plot.ts';

const styles = Array.from({ length: 4 }, () => ({ stroke: '#000', dash: [], shape: 'circle' as const }));
const metric = { name: 'quality.psnr', unit: 'dB' };

function curve(label: string, ...pairs: (readonly [rate: number, quality: number])[]) {
  const points = pairs.map(([rate, quality]) => ({
    cell: `${label} ${rate}`,
    asked: `bitrate=${rate}`,
    rate,
    quality,
    rateInterval: null,
    qualityInterval: [quality - 0.1, quality + 0.1] as const,
    fps: 50,
    cpuMs: null,
  }));
  return { label, properties: {}, points: points as never, missing: 0, models: [] };
}

const good = curve('codec=x264', [1e6, 30], [2e6, 34], [4e6, 37], [8e6, 39]);
const odd = curve('codec=av1', [1e6, 32], [2e6, 36], [3e6, 35], [4e6, 38], [8e6, 40]);

test('a curve that can be compared is drawn as it is integrated, one that can not from point to point and faint', () => {
  const { lines, points, x, y } = curvePlot(metric, [good, odd], styles)!;
  expect(points).toHaveLength(9);
  expect(lines.map(({ faint }) => faint)).toEqual([false, true]);
  const [smooth, straight] = lines;
  expect(smooth.x.length).toBeGreaterThan(40);
  expect([smooth.x[0], smooth.x.at(-1)].map((rate) => Math.round(rate!))).toEqual([1e6, 8e6]);
  for (let i = 1; i < smooth.x.length; i++) expect(smooth.x[i]).toBeGreaterThan(smooth.x[i - 1]);
  expect(straight.x).toEqual([1e6, 2e6, 3e6, 4e6, 8e6]);
  expect(x).toMatchObject({ kind: 'log', label: 'bitrate, Mbit/s' });
  expect(y).toMatchObject({ kind: 'linear', label: 'quality.psnr, dB' });
});

test('on the hull the line leaves the stray point out, and the point stays', () => {
  const { lines, points } = curvePlot(metric, [odd], styles, true)!;
  expect(lines[0].faint).toBe(false);
  expect(points).toHaveLength(5);
});

test('a point tells what was asked, what came out and what it took', () => {
  const { points } = curvePlot(metric, [good], styles)!;
  expect(points[0].title).toBe('codec=x264\nbitrate=1000000\n1 Mbit/s, 30.00 dB\n50 frame/s');
  expect(points[0].yInterval).toEqual([29.9, 30.1]);
});

test('curves without points make no plot', () => {
  expect(curvePlot(metric, [], styles)).toBeNull();
  expect(curvePlot(metric, [curve('codec=x264')], styles)).toBeNull();
});

test('of many points as many are drawn as an SVG can hold, the last among them', () => {
  const pairs = Array.from({ length: 4000 }, (_, i) => [1e5 + i * 1e3, 20 + i / 100] as const);
  const { points } = curvePlot(metric, [curve('codec=x264', ...pairs)], styles)!;
  expect(points.length).toBeLessThanOrEqual(1501);
  expect(points.at(-1)!.x).toBe(pairs.at(-1)![0]);
});

test('qualities are told finely enough to differ', () => {
  expect([formatQuality(41.2345, 'dB'), formatQuality(0.98765, '1'), formatQuality(93.456, '1')]).toEqual([
    '41.23 dB',
    '0.9877',
    '93.46',
  ]);
});

import { expect, test } from 'vitest';
import type { BenchmarkRecord } from '#core/catalogue';
import type { Metrics } from '#core/metric';
import type { RunRecord } from '#core/run';
import type { Settings } from '#core/settings';
import type { BenchResults, CellResult } from './bench-results.ts';
import { compareCurves, qualityMetrics, rateCurves } from './rate-curves.ts';

interface Sample {
  readonly properties: Readonly<Record<string, string>>;
  readonly settings: Settings;
  /** One of [kbit/s, dB, CPU ms a frame] for each repeat. */
  readonly runs: readonly (readonly [rate: number, quality: number, cpuMs: number])[];
  readonly labels?: readonly string[];
}

function resultsOf(samples: readonly Sample[], properties: readonly string[]): BenchResults {
  const cells = samples.map((sample, index): CellResult => {
    const label = Object.entries(sample.properties)
      .map(([name, value]) => `${name}=${value}`)
      .join(' ');
    const cell = { index, label, properties: sample.properties, settings: sample.settings, sameKey: `key-${index}` };
    const runs = sample.runs.map(([rate, quality, cpuMs], i): RunRecord => {
      const metrics: Metrics = {
        bitrate: { value: rate * 1000, unit: 'bit/s', better: null },
        'quality.ssim': { value: 0.9, unit: '1', better: 'higher' },
        'quality.xpsnr': { value: quality, unit: 'dB', better: 'higher' },
        'encode.fps': { value: 1000 / cpuMs, unit: 'frame/s', better: 'higher' },
        'cpu.time per frame': { value: cpuMs, unit: 'ms', better: 'lower' },
      };
      return { outcome: 'ok', repeat: i + 1, metrics, labels: sample.labels ?? [] } as unknown as RunRecord;
    });
    return { cell, runs, state: runs.length > 0 ? 'ok' : 'waiting' };
  });
  const benchmark = { name: 'ladder', properties: properties.map((name) => ({ name, values: [] })), repeat: 3 };
  return { benchmark: benchmark as unknown as BenchmarkRecord, cells, verdicts: [], drift: null, excluded: [] };
}

/** Two codecs on the same four rates; the second needs half of the bits and three times the CPU. */
function twoCodecs(labels: readonly string[] = ['codec']): Sample[] {
  return ['x264', 'av1'].flatMap((codec) =>
    [500, 1000, 2000, 4000].map((rate, i): Sample => {
      const [bits, cpu] = codec === 'x264' ? [rate, 10] : [rate / 2, 30];
      return {
        properties: { codec, bitrate: `${rate}k` },
        settings: { codec, encoder: codec, bitrate: `${rate}k`, preset: 'p' },
        runs: [[bits, 30 + 3 * i, cpu]],
        labels,
      };
    }),
  );
}

test('cells alike in everything but the rate are a curve, and are compared at the same quality', () => {
  const found = rateCurves(resultsOf(twoCodecs(), ['codec', 'bitrate']), 'quality.xpsnr')!;
  expect(found.metric).toEqual({ name: 'quality.xpsnr', unit: 'dB', better: 'higher' });
  expect(found.curves.map(({ label, points }) => [label, points.length])).toEqual([
    ['codec=x264', 4],
    ['codec=av1', 4],
  ]);
  expect(found.curves[0].points[0]).toEqual({
    cell: 'codec=x264 bitrate=500k',
    asked: 'bitrate=500k',
    rate: 500_000,
    repeats: 1,
    rateInterval: null,
    quality: 30,
    qualityInterval: null,
    fps: 100,
    cpuMs: 10,
  });
  const [comparison] = compareCurves(found.curves, found.curves[0]);
  expect(comparison.label).toBe('codec=av1');
  expect(comparison.rate.ok && comparison.rate.value).toBeCloseTo(-0.5, 10);
  expect(comparison.cpuRatio).toBeCloseTo(3, 10);
});

test('points are medians over repeats with their intervals, in the order of the rate that came out', () => {
  const samples = twoCodecs().slice(0, 4).toReversed();
  const repeated = samples.map((sample) => ({
    ...sample,
    runs: [0.9, 1, 1.2].map((factor) => {
      const [rate, quality, cpu] = sample.runs[0];
      return [rate * factor, quality, cpu * factor] as const;
    }),
  }));
  const [curve] = rateCurves(resultsOf(repeated, ['bitrate']), 'quality.xpsnr')!.curves;
  expect(curve.label).toBe('all cells');
  expect(curve.points.map(({ rate }) => rate)).toEqual([5e5, 1e6, 2e6, 4e6]);
  expect(curve.points[1].rateInterval).toEqual([9e5, 1.2e6]);
  expect(curve.points[1].qualityInterval).toEqual([33, 33]);
});

test('a label of the rate does not part a curve, and a label of the machine does', () => {
  const rates = ['low', 'mid', 'high', 'top'];
  const samples = ['idle', 'busy'].flatMap((machine) =>
    rates.map((rung, i): Sample => ({
      properties: { machine, rung },
      settings: { machine, rung, encoder: 'libx264', bitrate: `${i + 1}M`, maxrate: `${i + 2}M` },
      runs: [[1000 * (i + 1), 30 + i, machine === 'idle' ? 10 : 20]],
      labels: ['machine', 'rung'],
    })),
  );
  const { curves } = rateCurves(resultsOf(samples, ['machine', 'rung']), 'quality.xpsnr')!;
  expect(curves.map(({ label, points }) => [label, points.length])).toEqual([
    ['machine=idle', 4],
    ['machine=busy', 4],
  ]);
  expect(curves[0].points[0].asked).toBe('bitrate=1M maxrate=2M');
  const [comparison] = compareCurves(curves, curves[0]);
  expect(comparison.rate.ok && comparison.rate.value).toBeCloseTo(0, 10);
  expect(comparison.cpuRatio).toBeCloseTo(2, 10);
});

test('a keyframe distance is no rate: it makes another curve', () => {
  const samples = twoCodecs().map((sample) => ({
    ...sample,
    settings: { ...sample.settings, gop: sample.runs[0][0] },
  }));
  const { curves } = rateCurves(resultsOf(samples, ['codec', 'bitrate']), 'quality.xpsnr')!;
  expect(curves).toHaveLength(8);
  expect(curves.slice(0, 2).map(({ label }) => label)).toEqual(['codec=x264', 'codec=x264 (2)']);
});

test('cells without results are counted, and the comparison says what is missing', () => {
  const samples = twoCodecs().map((sample, i) => (i === 5 ? { ...sample, runs: [] } : sample));
  const { curves } = rateCurves(resultsOf(samples, ['codec', 'bitrate']), 'quality.xpsnr')!;
  expect(curves.map(({ missing }) => missing)).toEqual([0, 1]);
  const [comparison] = compareCurves(curves, curves[0]);
  expect(comparison).toMatchObject({
    rate: { ok: false, reason: "this curve can't be compared: it has 3 points, and at least 4 are needed" },
    cpuRatio: null,
  });
});

test('quality metrics are named with the usual one first; a metric that no run has makes no curves', () => {
  const results = resultsOf(twoCodecs(), ['codec', 'bitrate']);
  expect(qualityMetrics(results)).toEqual(['quality.xpsnr', 'quality.ssim']);
  expect(rateCurves(results, 'quality.vmaf')).toBeNull();
});

test('curves that other models scored are not compared', () => {
  const results = resultsOf(twoCodecs(), ['codec', 'bitrate']);
  const scoredBy = (model: (codec: string) => string): BenchResults => ({
    ...results,
    cells: results.cells.map((result) => ({
      ...result,
      runs: result.runs.map((run) => ({
        ...run,
        metrics: {
          ...run.metrics,
          'quality.vmaf': { ...run.metrics['quality.xpsnr']!, model: model(result.cell.properties['codec']!) },
        },
      })),
    })),
  });
  const compare = (from: BenchResults) => {
    const { curves } = rateCurves(from, 'quality.vmaf')!;
    return compareCurves(curves, curves[0]!)[0]!.rate;
  };
  expect(compare(scoredBy(() => 'vmaf_v0.6.1')).ok).toBe(true);
  expect(compare(scoredBy((codec) => (codec === 'av1' ? 'vmaf_v1' : 'vmaf_v0.6.1')))).toEqual({
    ok: false,
    reason: 'scored by different models: vmaf_v0.6.1, vmaf_v1',
  });
});

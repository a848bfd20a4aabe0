import { expect, test } from 'vitest';
import { encodeMetricNames, encodeMetrics, type EncodeColumns } from './run-metrics.ts';

const NONE: number[] = [];

/** 100 frames, 10 ms apart, each 5 ms in calls and 20 ms under way. */
function columns(change: Partial<EncodeColumns> = {}): EncodeColumns {
  const frames = Array.from({ length: 100 }, (_, i) => i);
  return {
    bytes: frames.map((i) => (i % 50 === 0 ? 5000 : 1000)),
    type: frames.map((i) => (i % 50 === 0 ? 1 : 2)),
    key: frames.map((i) => (i % 50 === 0 ? 1 : 0)),
    quantizer: frames.map(() => 30),
    frame: frames,
    streams: 1,
    playS: 4,
    encodeStartUs: frames.map((i) => 1_000_000 + i * 10_000),
    encodeDelayUs: frames.map(() => 20_000),
    encodeBusyUs: frames.map(() => 5_000),
    decodeBusyUs: NONE,
    scaleBusyUs: NONE,
    encodeWallS: 1,
    encodeCpuS: 2,
    wallS: 1.25,
    cpuS: 2.5,
    memoryPeak: NaN,
    hostBusy: 2.1,
    hostSteal: 0,
    hostFrequency: NaN,
    hostPower: NaN,
    gpuBusy: NaN,
    gpuVideo: NaN,
    gpuPower: NaN,
    ...change,
  };
}

test('rates, times, sizes and keyframes of a regular encode', () => {
  const metrics = encodeMetrics(columns());
  expect(metrics['encode.fps']).toEqual({ value: 100, unit: 'frame/s', better: 'higher' });
  expect(metrics['encode.fps p5']!.value).toBeCloseTo(100);
  expect(metrics['encode.time p95']).toEqual({ value: 5, unit: 'ms', better: 'lower' });
  expect(metrics['encode.delay p50']!.value).toBe(20);
  expect(metrics['bitrate']!.value).toBe(((98 * 1000 + 2 * 5000) * 8) / 4);
  expect(metrics['keyframe.period']!.value).toBe(50);
  expect(metrics['frame.bytes.I p50']!.value).toBe(5000);
  expect(metrics['cpu.cores']!.value).toBe(2);
  expect(metrics['host.others']!.value).toBeCloseTo(0.1);
});

test('a slow stretch shows in the fifth percentile of the frame rate and hardly in the mean', () => {
  const start = columns().encodeStartUs as number[];
  const slow = start.map((us, i) => us + Math.max(0, Math.min(i - 40, 10)) * 40_000);
  const metrics = encodeMetrics(columns({ encodeStartUs: slow, encodeWallS: 1.4 }));
  expect(metrics['encode.fps p5']!.value).toBeLessThan(50);
});

test('frames that come out all at once at the end do not make an encoder fast', () => {
  const start = columns().encodeStartUs as number[];
  const metrics = encodeMetrics(columns({ encodeDelayUs: start.map((us) => 2_000_000 - us + us / 1e6) }));
  expect(metrics['encode.fps p5']!.value).toBeCloseTo(100);
});

test('what is not known is absent, never zero', () => {
  const metrics = encodeMetrics(
    columns({
      cpuS: NaN,
      encodeCpuS: NaN,
      quantizer: columns().bytes.constructor === Array ? Array(100).fill(NaN) : NONE,
    }),
  );
  for (const name of [
    'decode.time',
    'scale.time p50',
    'memory.peak',
    'cpu.time',
    'cpu.cores',
    'host.frequency',
    'quantizer',
    'frame.bytes.B p50',
  ]) {
    expect(metrics).not.toHaveProperty([name]);
  }
});

test('an encode without a frame has no rate, no time and no size', () => {
  const none = {
    bytes: NONE,
    type: NONE,
    key: NONE,
    quantizer: NONE,
    frame: NONE,
    encodeStartUs: NONE,
    encodeDelayUs: NONE,
    encodeBusyUs: NONE,
  };
  const metrics = encodeMetrics(columns(none));
  expect(metrics['encode.time p50']).toBeUndefined();
  expect(metrics['frames']!.value).toBe(0);
  expect(metrics['cpu.time per frame']).toBeUndefined();
});

test('the list of names holds every metric that an encode ever has', () => {
  const names = encodeMetricNames();
  expect(names).toEqual(expect.arrayContaining(Object.keys(encodeMetrics(columns()))));
  expect(names).toEqual(
    expect.arrayContaining(['memory.peak', 'host.frequency', 'frame.bytes.B p50', 'scale.time p95']),
  );
});

test('other busy cores are never fewer than none', () => {
  expect(encodeMetrics(columns({ hostBusy: 1.9 }))['host.others']!.value).toBe(0);
});

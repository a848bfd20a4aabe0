import fc from 'fast-check';
import { expect, test } from 'vitest';
import { quantileSorted, sortedSample } from '#analysis/quantile';
import { ElementTimes } from './element-times.ts';
import { GrowingColumn, ThinnedSample } from './growing-column.ts';

const record = (name: string, time: number, stamp: number) =>
  `TRACE GST_TRACER :0:: element-latency, element-id=(string)0x${Buffer.from(name).toString('hex').slice(0, 12)}, ` +
  `element=(string)${name}, src=(string)src, time=(guint64)${time}, ts=(guint64)${stamp};\n`;
const clock = (now: string, stamp: string) =>
  `${stamp} 1 0x1 DEBUG pipeline gstpipeline.c:494:f:<pipeline0> start_time=0:00:00.000000000, now=${now}, base_time ${now}\n`;

function collect(named = new Map<string, string>()) {
  const rows: { name: string; timeUs: number[]; latencyS: number[] }[] = [];
  const times = new ElementTimes(
    { elements: (name, timeUs, latencyS) => rows.push({ name, timeUs: [...timeUs], latencyS: [...latencyS] }) },
    named,
  );
  return { times, rows };
}

test("buffers of the time before the pipeline plays get its clock's time, too", () => {
  const { times, rows } = collect();
  times.begin(10_000_000);
  times.push(Buffer.from(record('a', 5_000_000, 20_000_000)), 10_100_000);
  times.flush();
  expect(rows).toEqual([]);
  times.push(Buffer.from(clock('0:00:10.080000000', '0:00:00.050000000')), 10_090_000);
  times.flush();
  expect(rows).toEqual([{ name: 'a', timeUs: [10_050_000], latencyS: [0.005] }]);
  expect(times.clock).toBe('told');
});

test('a clock that is another than ours is not believed: times are placed by their arrival', () => {
  const { times, rows } = collect();
  times.begin(10_000_000);
  times.push(Buffer.from(clock('9:00:00.000000000', '0:00:00.010000000')), 10_020_000);
  times.push(Buffer.from(record('a', 1000, 20_000_000)), 10_025_000);
  times.push(Buffer.from(record('a', 1000, 40_000_000)), 10_042_000);
  times.flush(true);
  expect(rows).toEqual([{ name: 'a', timeUs: [10_022_000, 10_042_000], latencyS: [1e-6, 1e-6] }]);
  expect(times.clock).toBe('estimated');
});

test('only elements that may encode keep all of their times, by what made them', () => {
  const { times } = collect(new Map([['video', 'x264enc']]));
  times.begin(0);
  times.push(Buffer.from('x creating element "avdec_h264"\nx creating element "vp8enc"\n'), 1);
  for (const name of ['video', 'avdec_h264-0', 'vp8enc0', 'myenc', 'queue0'])
    times.push(Buffer.from(record(name, 2000, 1_000_000)), 5_000);
  expect(times.encoders().map(({ name, factory }) => [name, factory])).toEqual([
    ['video', 'x264enc'],
    ['vp8enc0', 'vp8enc'],
    ['myenc', null],
  ]);
});

test('a thinned sample has the quantiles of all numbers, nearly, in bounded room', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 9973 }), (count, step) => {
      const sample = new ThinnedSample(512);
      const all = Array.from({ length: count }, (_, i) => (i * step) % 9973);
      for (const value of all) sample.add(value);
      const sorted = sample.sorted();
      expect(sample.size).toBe(count);
      expect(sorted.length).toBeLessThanOrEqual(512);
      if (count <= 512) expect(sorted).toEqual(sortedSample(all));
      else expect(sorted.length).toBeGreaterThan(255);
    }),
  );
  const sample = new ThinnedSample(512);
  for (let i = 0; i < 100_000; i++) sample.add((i * 7919) % 10_007);
  expect(Math.abs(quantileSorted(sample.sorted(), 0.95) / (0.95 * 10_007) - 1)).toBeLessThan(0.05);
});

test('a column that grows too long is empty', () => {
  const column = new GrowingColumn(3000);
  for (let i = 0; i < 3000; i++) column.add(i);
  expect(column.values()).toEqual(Float64Array.from({ length: 3000 }, (_, i) => i));
  column.add(1);
  expect(column.values()).toHaveLength(0);
});

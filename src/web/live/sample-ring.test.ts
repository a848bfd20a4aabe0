import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SampleRing } from './sample-ring.ts';

const samples = (ring: SampleRing) =>
  Array.from({ length: ring.length }, (_, i): [number, number] => [ring.times[i]!, ring.values[i]!]);

test('samples stand by their times, whatever order they come in, and each time once', () => {
  const times = fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 60 });
  fc.assert(
    fc.property(times, (order) => {
      const ring = new SampleRing(64);
      for (const time of order) ring.push(time, time * 10);
      const expected = [...new Set(order)].toSorted((a, b) => a - b).map((time) => [time, time * 10]);
      expect(samples(ring)).toEqual(expected);
    }),
  );
});

test('the newest samples are kept, at least half of the bound, and never more than it', () => {
  const ring = new SampleRing(8);
  for (let time = 0; time < 1_000; time++) {
    ring.push(time, -time);
    expect(ring.length).toBeLessThanOrEqual(8);
    expect(ring.times[ring.length - 1]).toBe(time);
    if (time >= 8) expect(ring.length).toBeGreaterThanOrEqual(4);
    for (const [at, value] of samples(ring)) expect(value).toBe(-at);
  }
});

test('a late sample finds its place in a full ring too', () => {
  const ring = new SampleRing(4);
  for (const time of [1, 2, 3, 5]) ring.push(time, time);
  ring.push(4, 4);
  expect(samples(ring)).toEqual([
    [3, 3],
    [4, 4],
    [5, 5],
  ]);
});

test('what is sent again replaces what was there, and a sample without a time is not taken', () => {
  const ring = new SampleRing();
  ring.push(1, 10);
  ring.push(2, 20);
  ring.push(1, 11);
  ring.push(NaN, 5);
  expect(samples(ring)).toEqual([
    [1, 11],
    [2, 20],
  ]);
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EventRing, RateTrack } from './event-ring.ts';

const valuesOf = (track: { values: Float64Array; length: number }) => Array.from(track.values.slice(0, track.length));

test('the distance between two events is parted by one that comes late', () => {
  const events = new EventRing();
  for (const time of [1, 1.1, 1.3]) events.push(time);
  expect(valuesOf(events)[0]).toBeNaN();
  expect(valuesOf(events)[2]).toBeCloseTo(200);
  events.push(1.2);
  expect(valuesOf(events).slice(1).map(Math.round)).toEqual([100, 100, 100]);
});

test('a rate counts the events of its window, and falls when none come any more', () => {
  const events = new EventRing();
  for (let frame = 0; frame < 300; frame++) events.push(frame / 60);
  const rate = new RateTrack();
  rate.compute(events, 0, 8, 2);
  const at = (time: number) => rate.values[rate.times.findIndex((one) => Math.abs(one - time) < 1e-6)];
  expect(rate.times[0]).toBeCloseTo(2);
  expect(at(3)).toBeCloseTo(60);
  expect(at(6)).toBeCloseTo(29.5);
  expect(at(7.5)).toBe(0);
});

test('a rate is the count of the window over its length, at every step', () => {
  const times = fc.array(fc.double({ min: 0, max: 10, noNaN: true }), { minLength: 1, maxLength: 80 });
  fc.assert(
    fc.property(times, fc.constantFrom(1, 2, 5), (moments, windowS) => {
      const events = new EventRing();
      for (const time of moments) events.push(time);
      const rate = new RateTrack();
      rate.compute(events, 0, 12, windowS);
      const all = [...new Set(moments)];
      for (let i = 0; i < rate.length; i++) {
        const at = rate.times[i]!;
        const inside = all.filter((time) => time > at - windowS && time <= at).length;
        expect(rate.values[i]).toBeCloseTo(inside / windowS);
      }
    }),
  );
});

test('events may weigh, and one whose weight is not known weighs nothing', () => {
  const rate = new RateTrack();
  const events = { times: Float64Array.of(0, 1, 2, 3), length: 4 };
  rate.compute(events, 0, 3, 2, 0, Float64Array.of(100, 300, NaN, 500));
  expect([rate.times[0], rate.values[0]]).toEqual([2, 150]);
  expect(rate.values[rate.length - 1]).toBe(250);
});

test('that nothing was lost is known from the first frame on', () => {
  const rate = new RateTrack();
  rate.compute(new EventRing(), 0, 5, 2, 1);
  expect(rate.times[0]).toBeCloseTo(3);
  expect(new Set(valuesOf(rate))).toEqual(new Set([0]));
});

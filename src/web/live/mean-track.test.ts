import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MeanTrack } from './mean-track.ts';

const trackOf = (samples: readonly (readonly [number, number])[]) => ({
  times: Float64Array.from(samples, ([time]) => time),
  values: Float64Array.from(samples, ([, value]) => value),
  length: samples.length,
});

test('each value is the mean of the samples of the time before it, and a gap stays a gap', () => {
  const mean = new MeanTrack();
  const samples = trackOf([
    [0, 0.2],
    [0.5, 0],
    [1, 0.1],
    [1.5, NaN],
    [2, 0.3],
  ]);
  mean.compute(samples, 0, 2, 1);
  const values = Array.from(mean.values.slice(0, mean.length), (value) => Number(value.toFixed(6)));
  expect(values).toEqual([0.2, 0.1, 0.05, NaN, 0.3]);
});

test('what is in view does not change the values', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 5 })), { minLength: 1 }),
      fc.integer({ min: 0, max: 100 }),
      (steps, from) => {
        let time = 0;
        const samples = trackOf(steps.map(([step, value]) => [(time += step), value]));
        const [all, part] = [new MeanTrack(), new MeanTrack()];
        all.compute(samples, 0, 1e3, 10);
        part.compute(samples, from, from + 20, 10);
        for (let i = 0; i < part.length; i++)
          expect(part.values[i]).toBeCloseTo(all.values[all.times.indexOf(part.times[i]!)]!);
      },
    ),
  );
});

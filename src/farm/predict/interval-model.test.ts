import { expect, test } from 'vitest';
import { median } from '#analysis/quantile';
import { seededRandom, shuffled } from '#analysis/random';
import { readEncodes, tableOf } from '../../../test/farm/x264-shapes.ts';
import { fitIntervals, IntervalPredictor } from './interval-model.ts';
import { levelMean, levelMeans } from './level-means.ts';
import { residualsAfter, residualVariance, titleOffset } from './title-offset.ts';

/** Some 9 encodes of each video. */
const data = readEncodes(23);

test.skipIf(data === null)(
  `real encodes of videos that it never saw are told, and better after three of them${data === null ? ' (skipped: ../shared/data/x264-shapes is not here)' : ''}`,
  () => {
    const random = seededRandom(4);
    const byVideo = Map.groupBy(data!.encodes, ({ video }) => video);
    const videos = shuffled([...byVideo.values()], random);
    const model = fitIntervals(tableOf(videos.slice(0, 120).flat()), 1);
    const predictor = new IntervalPredictor(model);
    const errors = { alone: [] as number[], after: [] as number[] };
    let notAbove = 0;
    for (const encodes of videos.slice(350)) {
      const finished = encodes.slice(0, 3).map((encode) => encode.target - predictor.value(encode));
      for (const encode of encodes.slice(3)) {
        const alone = predictor.interval(encode);
        errors.alone.push(Math.abs(Math.expm1(alone.value - encode.target)));
        errors.after.push(Math.abs(Math.expm1(predictor.interval(encode, finished).value - encode.target)));
        notAbove += encode.target <= alone.high ? 1 : 0;
      }
    }
    // A rate of the configuration alone is off by 21 %.
    expect(median(errors.alone)).toBeLessThan(0.17);
    expect(median(errors.after)).toBeLessThan(0.12);
    expect(notAbove / errors.alone.length).toBeGreaterThan(0.9);
    expect(model.accuracy.after[0]!.mdape).toBeCloseTo(median(errors.alone), 1);
  },
);

test('a word is believed the more the more titles carry it; each title counts once', () => {
  const words = ['a', 'a', 'a', 'a', 'b', 'c'];
  const groups = Int32Array.of(1, 1, 1, 2, 3, 4);
  const means = levelMeans(words, Float64Array.of(2, 2, 2, 5, 4, 9), groups, (row) => row < 5, 1);
  expect(means).toEqual({ a: (2 + 5) / 3, b: 2 });
  expect(levelMean(means, 'c')).toBe(0);
  expect(levelMean(means, 'toString')).toBe(0);
});

test('variances of titles and of pieces are told apart, and weigh what finished pieces say', () => {
  const random = seededRandom(9);
  const noise = (size: number) => size * Math.sqrt(12) * (random() / 2 ** 32 - 0.5);
  const groups = Int32Array.from({ length: 6000 }, (_, row) => row % 300);
  const titles = Float64Array.from({ length: 300 }, () => noise(0.3));
  const residuals = Float64Array.from(groups, (group) => titles[group]! + noise(0.1));
  const variance = residualVariance(residuals, groups);
  expect(Math.sqrt(variance.titles)).toBeCloseTo(0.3, 1);
  expect(Math.sqrt(variance.pieces)).toBeCloseTo(0.1, 2);
  expect(titleOffset([], variance)).toBe(0);
  expect(titleOffset([1], { titles: 1, pieces: 1 })).toBe(0.5);
  expect(titleOffset([1, 1, 1], { titles: 1, pieces: 1 })).toBe(0.75);
  const after = residualsAfter(3, residuals, groups, variance, 1);
  const size = Math.sqrt(after.reduce((sum, each) => sum + each ** 2, 0) / after.length);
  // What is left: the piece's own, and the mean of three others'.
  expect(size).toBeCloseTo(0.1 * Math.sqrt(1 + 1 / 3), 2);
});

test('a piece is never among the finished ones that correct it; titles of too few pieces are left out', () => {
  const groups = Int32Array.of(0, 0, 0, 1, 1, 2);
  const all = { titles: 1, pieces: 0 };
  const after = residualsAfter(1, Float64Array.of(5, 7, 7, 1, 2, 3), groups, all, 3);
  expect(after[0]).toBe(-2);
  expect([after[3], after[4], after[5]]).toEqual([-1, 1, NaN]);
  expect([...residualsAfter(3, Float64Array.of(1, 1, 1, 1, 1, 1), groups, all, 3)]).toEqual(Array(6).fill(NaN));
});

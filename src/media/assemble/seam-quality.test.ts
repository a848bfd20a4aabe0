import { expect, test } from 'vitest';
import { judgeSeams, type SeamScores } from './seam-quality.ts';

/** Quality that wavers by so much around a mean, from the seam outwards. */
const wavering = (mean: number, by = 0.2) =>
  Array.from({ length: 12 }, (_, i) => mean + (i % 3 === 0 ? by : i % 3 === 1 ? -by : 0));
const side = (judged: readonly [number, number], mean: number, by?: number) => [...judged, ...wavering(mean, by)];
const even = (frame: number): SeamScores => ({ frame, before: side([40, 40], 40), after: side([40, 40], 40) });

test('an even rendition has no dips', () => {
  expect(judgeSeams([even(48), even(96)])).toMatchObject({ dips: [], limit: 1.188, spread: 0.297 });
});

test('two bad frames in front of a seam are a dip, told with its depth', () => {
  const report = judgeSeams([even(48), { frame: 96, before: side([36, 37.5], 40), after: side([40, 40], 40) }]);
  expect(report.dips).toEqual([96]);
  expect(report.seams[1]).toEqual({ frame: 96, xpsnr: [37.5, 36, 40, 40], usual: [40, 40], dip: 4 });
});

test('one bad frame behind a seam is a dip too', () => {
  expect(judgeSeams([{ frame: 48, before: side([40, 40], 40), after: side([40, 37], 40) }]).dips).toEqual([48]);
});

test('a cut from an easy scene to a hard one is none', () => {
  expect(judgeSeams([{ frame: 48, before: side([44, 44], 44), after: side([33, 33], 33) }]).dips).toEqual([]);
});

test('quality that falls all along is none', () => {
  const before = Array.from({ length: 14 }, (_, i) => 36 + 0.25 * i);
  const after = Array.from({ length: 14 }, (_, i) => 36 - 0.25 * i);
  expect(judgeSeams([{ frame: 48, before, after }]).dips).toEqual([]);
});

test('quality that falls towards the end of a scene, as encoders let it, is none; what falls deeper is', () => {
  // x264 at the end of a scene of Big Buck Bunny.
  const before = (last: number) => [last, 34.0, 34.4, 34.6, 34.9, 35.0, 35.1, 35.3];
  const after = [37.2, 37.2, 37.2, 37.1, 37.2, 37.1, 37.2, 37.1];
  expect(judgeSeams([{ frame: 48, before: before(33.4), after }])).toMatchObject({ dips: [], limit: 1 });
  expect(judgeSeams([{ frame: 48, before: before(32.8), after }]).dips).toEqual([48]);
});

test('the more a rendition wavers the more is normal', () => {
  const dipped = (by: number) => [{ frame: 48, before: side([37.5, 37.5], 40, by), after: side([40, 40], 40, by) }];
  expect(judgeSeams(dipped(0.2)).dips).toEqual([48]);
  expect(judgeSeams(dipped(0.8)).dips).toEqual([]);
});

test('a deep dip is told however much a rendition wavers', () => {
  const report = judgeSeams([{ frame: 48, before: side([36, 36], 40, 3), after: side([40, 40], 40, 3) }]);
  expect(report).toMatchObject({ limit: 3, dips: [48] });
});

test('where nothing is known nothing is said', () => {
  const report = judgeSeams([{ frame: 48, before: [NaN, NaN], after: [40, 41] }]);
  expect(report).toEqual({
    seams: [{ frame: 48, xpsnr: [null, null, 40, 41], usual: [null, null], dip: null }],
    spread: null,
    limit: 1,
    dips: [],
  });
  expect(judgeSeams([])).toMatchObject({ seams: [], dips: [] });
});

test('equal pictures are no outliers of their neighbours: their score has no bound', () => {
  const same = side([Infinity, Infinity], Infinity);
  expect(judgeSeams([{ frame: 48, before: same, after: same }])).toMatchObject({ dips: [], spread: 0 });
});

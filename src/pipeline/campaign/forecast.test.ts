// Forecasts of campaigns, on histories that are made up.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seededRandom, type Random } from '#analysis/random';
import { forecastCampaign, type FinishedTitle } from './forecast.ts';

const MINUTE_MS = 60_000;
const HOUR_S = 3_600;

/** Titles one after the other: each is so many minutes long, and takes so many minutes for one of them. */
function history(titles: readonly (readonly [minutes: number, cost: number])[], breakMs = 0): FinishedTitle[] {
  let now = Date.UTC(2026, 0, 1);
  return titles.map(([minutes, cost]) => {
    const began = now;
    const ended = began + minutes * cost * MINUTE_MS;
    now = ended + breakMs;
    return { sourceS: minutes * 60, spans: [[began, ended]] };
  });
}

const normal = (random: Random): number =>
  Math.sqrt(-2 * Math.log((random() + 1) / (2 ** 32 + 1))) * Math.cos((2 * Math.PI * random()) / 2 ** 32);

describe('the forecast of a campaign', () => {
  test('is not known while nothing has finished', () => {
    expect(forecastCampaign([], [60])).toBeNull();
    expect(forecastCampaign([{ sourceS: 60, spans: [] }], [60])).toBeNull();
    expect(forecastCampaign([{ sourceS: 0, spans: [[0, 1000]] }], [60])).toBeNull();
  });

  test('is what the finished titles took for a minute, times the minutes that are left', () => {
    const forecast = forecastCampaign(
      history([
        [90, 2],
        [30, 6],
      ]),
      [HOUR_S, 2 * HOUR_S],
    )!;
    // 180 and 180 minutes of work for 120 of source.
    expect(forecast.secondsAMinute).toBeCloseTo(180, 6);
    expect(forecast.workS.middle).toBeCloseTo(9 * HOUR_S, 6);
    expect(forecast).toMatchObject({ titles: 2, shareAtWork: 1 });
    expect(forecast.calendarS).toEqual(forecast.workS);
  });

  test('has nothing left where nothing is left', () => {
    expect(forecastCampaign(history([[90, 2]]), [])!.workS).toEqual({ low: 0, middle: 0, high: 0 });
  });

  test('counts what ran at the same time once, and the breaks only for the calendar', () => {
    const spans = (...hours: [number, number][]) =>
      hours.map(([from, to]): [number, number] => [from * 60 * MINUTE_MS, to * 60 * MINUTE_MS]);
    const finished = [
      { sourceS: HOUR_S, spans: spans([0, 2], [0, 1], [1, 2]) },
      { sourceS: HOUR_S, spans: spans([1, 3], [7, 8]) },
    ];
    const forecast = forecastCampaign(finished, [10 * HOUR_S])!;
    expect(forecast.workS.middle).toBeCloseTo(20 * HOUR_S, 6);
    expect(forecast.shareAtWork).toBeCloseTo(0.5, 6);
    expect(forecast.calendarS.middle).toBeCloseTo(40 * HOUR_S, 6);
  });

  test('is wide after one title, and narrower with each that costs the same', () => {
    const left = Array<number>(1000).fill(HOUR_S);
    const width = (count: number) => {
      const { low, high } = forecastCampaign(history(Array<[number, number]>(count).fill([60, 3])), left)!.workS;
      return high / low;
    };
    expect(width(1)).toBeGreaterThan(3);
    expect([width(3) < width(1), width(10) < width(3), width(100) < width(10)]).toEqual([true, true, true]);
    expect(width(100)).toBeLessThan(1.1);
  });

  test('is not made surer by many shorts beside one long film', () => {
    const shorts = Array<[number, number]>(20).fill([1, 3]);
    const width = (titles: [number, number][]) => {
      const { low, high } = forecastCampaign(history(titles), Array<number>(100).fill(HOUR_S))!.workS;
      return high / low;
    };
    expect(width([...shorts, [600, 3]])).toBeGreaterThan(width(shorts));
  });

  test.each([
    [1, 0.5],
    [3, 0.1],
    [3, 0.7],
    [10, 0.5],
    [100, 0.3],
  ])('holds about 8 of 10 times or more: %i titles, costs that differ by %f', (count, deviation) => {
    const random = seededRandom(7);
    const draw = () => Math.exp(deviation * normal(random));
    const left = Array<number>(40).fill(HOUR_S);
    let held = 0;
    const rounds = 500;
    for (let i = 0; i < rounds; i++) {
      const forecast = forecastCampaign(history(Array.from({ length: count }, () => [60, draw()])), left)!;
      const truth = left.reduce((sum, length) => sum + length * draw(), 0);
      if (truth >= forecast.workS.low && truth <= forecast.workS.high) held++;
    }
    expect(held / rounds).toBeGreaterThan(0.72);
  });

  test('is ordered, finite, and twice as long for twice as slow workers', () => {
    const some = fc.tuple(
      fc.double({ min: 0.1, max: 300, noNaN: true }),
      fc.double({ min: 0.01, max: 100, noNaN: true }),
    );
    fc.assert(
      fc.property(fc.array(some, { minLength: 1 }), fc.array(fc.nat(10_000)), (titles, left) => {
        const forecast = forecastCampaign(history(titles), left)!;
        for (const { low, middle, high } of [forecast.workS, forecast.calendarS]) {
          expect(low).toBeLessThanOrEqual(middle);
          expect(middle).toBeLessThanOrEqual(high);
          expect(Number.isFinite(high)).toBe(true);
        }
        const slower = forecastCampaign(history(titles.map(([minutes, cost]) => [minutes, 2 * cost])), left)!;
        const ratio = slower.workS.middle / forecast.workS.middle;
        if (left.some((length) => length > 0)) expect(ratio).toBeCloseTo(2, 3);
      }),
    );
  });
});

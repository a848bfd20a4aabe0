// What is said of a campaign's time: months as months, and nothing surer than it is known.

import { describe, expect, test } from 'vitest';
import type { CampaignProgress } from '#pipeline/campaign/campaign-progress';
import type { CampaignForecast, Interval } from '#pipeline/campaign/forecast';
import { campaignText, intervalInWords, leftInWords, sourceText } from './campaign-words.ts';

const DAY_S = 86_400;
const MONTH_S = (365.25 / 12) * DAY_S;
const NOW = Date.UTC(2026, 10, 21, 12);
const around = (middle: number): Interval => ({ low: middle * 0.75, middle, high: middle * 1.5 });

function progress(fields: Partial<CampaignProgress>): CampaignProgress {
  return {
    campaign: {
      version: 1,
      name: 'av1',
      ladder: { version: 1, name: 'av1', gopS: 2, rungs: [], perTitle: null, audio: [], protection: 'none' },
      filter: 'codec=h264',
      protection: null,
      deadline: null,
      startedAt: '2026-01-01T00:00:00.000Z',
    },
    state: 'running',
    titles: { done: 3, failed: 0, cancelled: 0, underWay: 1, waiting: 6 },
    sourceS: { done: 180 * 60, failed: 0, left: 900 * 60 },
    unknownLengths: 0,
    forecast: null,
    failures: [],
    ...fields,
  };
}

function forecast(middle: number, shareAtWork = 1): CampaignForecast {
  const workS = around(middle);
  return { titles: 3, secondsAMinute: 60, workS, shareAtWork, calendarS: around(middle / shareAtWork) };
}

describe('the time of a campaign', () => {
  test.each([
    [5, 'about 5 s (4 to 8 s)'],
    [200, 'about 3.3 min (2.5 to 5 min)'],
    [7_200, 'about 2 h (1.5 to 3 h)'],
    [5 * DAY_S, 'about 5 days (3.8 to 7.5 days)'],
    [45 * DAY_S, 'about 45 days (34 to 68 days)'],
    [4 * MONTH_S, 'about 4 months (3 to 6 months)'],
    [40 * 12 * MONTH_S, 'about 40 years (30 to 60 years)'],
  ])('is told in the unit that fits it: %f s', (seconds, words) => {
    expect(intervalInWords(around(seconds))).toBe(words);
  });

  test('is a date that is no surer than the time left', () => {
    const months = campaignText(progress({ forecast: forecast(4 * MONTH_S) }), NOW);
    expect(months).toContain('about 4 months (3 to 6 months): until about 2027-03-23 (2027-02-20 to 2027-05-23)');
    expect(months).toContain('from the newest 3 finished titles');
    const hours = campaignText(progress({ forecast: forecast(7_200) }), NOW);
    expect(hours).toContain('until about 2026-11-21 14:00 (2026-11-21 13:30 to 2026-11-21 15:00, UTC)');
    expect(campaignText(progress({ forecast: forecast(1e13) }), NOW)).toContain('too far away for a date');
  });

  test('tells breaks apart from work, and has no date while it is paused', () => {
    const broken = campaignText(progress({ forecast: forecast(2 * MONTH_S, 0.25) }), NOW);
    expect(broken).toContain('about 8 months');
    expect(broken).toContain('worked on 25 % of the time so far; without a break about 2 months');
    const paused = campaignText(progress({ state: 'paused', forecast: forecast(4 * MONTH_S) }), NOW);
    expect(paused).toContain('about 4 months (3 to 6 months) of work once it is resumed');
    expect(paused).not.toContain('until');
  });

  test('is not known before anything has finished, and nothing when all has ended', () => {
    expect(campaignText(progress({}), NOW)).toContain('not known yet: no title has finished');
    expect([leftInWords(progress({})), leftInWords(progress({ state: 'ended' }))]).toEqual(['not known yet', '']);
  });

  test('of sources is told in seconds, minutes and hours', () => {
    expect([0, 4, 90, 3_600, 360_000].map(sourceText)).toEqual([
      '0 source minutes',
      '4 source seconds',
      '1.5 source minutes',
      '60 source minutes',
      '100 source hours',
    ]);
  });
});

import { expect, test } from 'vitest';
import type { TitleLine } from '#server/titles-wire';
import { countWords, publishedAfterS, sourceMinutesAnHour } from './title-words.ts';

const title: TitleLine = {
  id: 't',
  name: 'film',
  state: 'done',
  reason: null,
  campaign: null,
  createdAt: '2026-01-01T00:00:00.000Z',
  endedAt: '2026-01-01T00:30:00.000Z',
  items: { waiting: 0, ready: 0, running: 0, done: 4, failed: 0, cancelled: 0 },
  sourceS: 600,
};

test('a film of ten minutes that was published half an hour after it came is twenty source minutes an hour', () => {
  expect(publishedAfterS(title)).toBe(1800);
  expect(sourceMinutesAnHour(title)).toBeCloseTo(20);
});

test('what is not published yet, or has no known length, has no such figure', () => {
  expect(sourceMinutesAnHour({ ...title, state: 'failed' })).toBeNull();
  expect(sourceMinutesAnHour({ ...title, sourceS: null })).toBeNull();
});

test('counts are told with what needs a look', () => {
  expect(countWords({ ...title.items, running: 2, failed: 1 })).toBe('4 of 7 done, 2 running, 1 failed');
});

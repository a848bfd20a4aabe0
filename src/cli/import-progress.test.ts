import { afterEach, expect, test, vi } from 'vitest';
import { ImportProgress } from './import-progress.ts';

afterEach(() => vi.restoreAllMocks());

/** What a log gets of an import that enters 500 runs each `stepMs`. */
function logOf(total: number, stepMs: number): string[] {
  const log = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  let ms = 0;
  const progress = new ImportProgress('big.csv', () => ms);
  for (let done = 500; done <= total; done += 500) {
    ms += stepMs;
    progress.tell(done, total);
  }
  progress.end();
  return log.mock.calls.flat() as string[];
}

test('a long import tells every five seconds how far it is and how long it will take', () => {
  expect(logOf(10_000, 1_000)).toEqual([
    'big.csv: 2500 of 10000 runs, about 15 s left',
    'big.csv: 5000 of 10000 runs, about 10 s left',
    'big.csv: 7500 of 10000 runs, about 5.0 s left',
  ]);
});

test('a short import says nothing', () => {
  expect(logOf(10_000, 100)).toEqual([]);
});

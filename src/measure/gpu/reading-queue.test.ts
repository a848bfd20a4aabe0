import { expect, test } from 'vitest';
import { SeriesBuffer } from '../series-buffer.ts';
import { MAX_WAITING, ReadingQueue } from './reading-queue.ts';

function move(queue: ReadingQueue): [number, number, number][] {
  const rows: [number, number, number][] = [];
  const buffer = new SeriesBuffer('a', 4, ({ indicator, timeUs, value }) => {
    indicator.forEach((column, i) => rows.push([column, timeUs[i], value[i]]));
  });
  buffer.begin(99, 1);
  queue.moveInto(buffer, 10);
  buffer.flush();
  return rows;
}

test('values keep their own times, also more of them than the buffer holds; what is absent leaves no row', () => {
  const queue = new ReadingQueue();
  for (let time = 1; time <= 10; time++) queue.push(2, time, time * 2);
  queue.push(3, 11, NaN);
  expect(move(queue)).toEqual(Array.from({ length: 10 }, (_, i) => [12, i + 1, (i + 1) * 2]));
  expect(move(queue)).toEqual([]);
});

test('of several values of one time the last stays', () => {
  const queue = new ReadingQueue();
  queue.push(0, 1, 5);
  for (const value of [1, 2, 3]) {
    queue.push(0, 2, value);
    queue.push(1, 2, value * 10);
  }
  expect(move(queue)).toEqual([
    [10, 1, 5],
    [10, 2, 3],
    [11, 2, 30],
  ]);
});

test('more values than may wait are left out', () => {
  const queue = new ReadingQueue();
  for (let time = 0; time < MAX_WAITING + 100; time++) queue.push(0, time, 1);
  expect(move(queue)).toHaveLength(MAX_WAITING);
});

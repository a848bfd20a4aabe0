import { expect, test } from 'vitest';
import { ProfileBuilder } from './profile-builder.ts';
import { SchedulerSpans, type ScheduledThread } from './scheduler-spans.ts';

const HEADER = {} as Parameters<ProfileBuilder['finish']>[0];
const SLEEPING = 2;
const MS = 1_000_000;

function watched() {
  const builder = new ProfileBuilder();
  const spans = new SchedulerSpans(builder, ({ id }: ScheduledThread) => id);
  const thread = (id: number): ScheduledThread => ({ id, readyNs: NaN, waker: -1 });
  const table = () => {
    const { startNs, endNs, thread: rows, readyNs } = builder.finish(HEADER).spans!;
    return Array.from(startNs, (start, i) => [start, endNs[i], rows[i], readyNs[i]]);
  };
  builder.expectSpans();
  return { spans, idle: thread(0), worker: thread(7), other: thread(8), table };
}

test('a span is from coming to leaving, and knows since when its thread could have run', () => {
  const { spans, idle, worker, table } = watched();
  spans.came(100, 0, idle);
  spans.woken(180, worker, null);
  spans.left(200, 0, idle, 1, -1, NaN);
  spans.came(200, 0, worker);
  spans.left(500, 0, worker, SLEEPING, -1, NaN);
  expect(table()).toEqual([[200, 500, 7, 180]]);
});

test('where no switch away from idling is told, a woken thread began when it was woken', () => {
  const { spans, idle, worker, table } = watched();
  spans.came(100, 0, idle);
  spans.woken(180, worker, null);
  spans.left(500, 0, worker, SLEEPING, -1, NaN);
  expect(table()).toEqual([[180, 500, 7, NaN]]);
});

test('where records are missing, or nobody was seen to wake the thread, only its leaving is known', () => {
  const { spans, idle, worker, table } = watched();
  spans.came(100, 0, idle);
  spans.left(500, 0, worker, SLEEPING, -1, NaN);
  spans.came(600, 0, idle);
  spans.woken(650, worker, null);
  spans.lost(0);
  spans.left(700, 0, worker, SLEEPING, -1, NaN);
  expect(table()).toEqual([
    [500, 500, 7, NaN],
    [700, 700, 7, NaN],
  ]);
  expect(spans.isUntold).toBe(true);
});

test('a switch that nobody told of is seen by the samples: one stay ends where its thread was last seen, the next begins', () => {
  const { spans, idle, worker, other, table } = watched();
  spans.came(0, 0, worker);
  spans.seen(MS, 0, worker);
  spans.seen(2 * MS, 0, worker);
  spans.seen(3 * MS, 0, other);
  spans.left(4 * MS, 0, other, SLEEPING, -1, NaN);
  spans.came(4 * MS, 0, worker);
  spans.seen(5 * MS, 0, idle);
  spans.left(6 * MS, 0, other, SLEEPING, -1, NaN);
  expect(table()).toEqual([
    [0, 2 * MS, 7, NaN],
    [3 * MS, 4 * MS, 8, NaN],
    [4 * MS, 4 * MS, 7, NaN],
    [6 * MS, 6 * MS, 8, NaN],
  ]);
});

test('a sample of the thread that is just leaving tells nothing of a switch', () => {
  const { spans, worker, other, table } = watched();
  spans.came(0, 0, worker);
  spans.left(MS, 0, worker, SLEEPING, -1, NaN);
  spans.came(MS, 0, other);
  spans.seen(MS + 2000, 0, worker);
  spans.left(2 * MS, 0, other, SLEEPING, -1, NaN);
  expect(table()).toEqual([
    [0, MS, 7, NaN],
    [MS, 2 * MS, 8, NaN],
  ]);
});

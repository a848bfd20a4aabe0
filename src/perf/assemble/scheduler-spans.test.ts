import { expect, test } from 'vitest';
import { ProfileBuilder } from '#profile/profile-builder';
import { SchedulerSpans } from './scheduler-spans.ts';
import type { WatchedThread } from './threads.ts';

const HEADER = {} as Parameters<ProfileBuilder['finish']>[0];
const SLEEPING = 2;

function watched() {
  const builder = new ProfileBuilder();
  const spans = new SchedulerSpans(builder, ({ row }) => row);
  const thread = (id: number) =>
    ({ id, process: {}, name: '', row: id, readyNs: NaN, waker: -1 }) as unknown as WatchedThread;
  const table = () => {
    const { startNs, endNs, thread: rows, readyNs } = builder.finish(HEADER).spans!;
    return Array.from(startNs, (start, i) => [start, endNs[i], rows[i], readyNs[i]]);
  };
  builder.expectSpans();
  return { spans, idle: thread(0), worker: thread(7), table };
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

test('nothing is made up where records are missing, or nobody was seen to wake the thread', () => {
  const { spans, idle, worker, table } = watched();
  spans.came(100, 0, idle);
  spans.left(500, 0, worker, SLEEPING, -1, NaN);
  spans.came(600, 0, idle);
  spans.woken(650, worker, null);
  spans.lost(0);
  spans.left(700, 0, worker, SLEEPING, -1, NaN);
  expect(table()).toEqual([]);
});

import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { SessionOrders } from './session-orders.ts';

test('in a storm of starts and stops the last order decides, and those before don’t wait', async () => {
  let waiting: PromiseWithResolvers<void> | null = null;
  const ran: string[] = [];
  const orders = new SessionOrders((why) => waiting?.reject(why));
  const start = (name: string) =>
    orders.start(async () => {
      waiting = Promise.withResolvers();
      if (name === 'last') waiting.resolve();
      await waiting.promise;
      ran.push(name);
    });
  const all: Promise<void>[] = [];
  for (let i = 0; i < 20; i++) {
    all.push(
      start(`start ${i}`),
      orders.stop(async () => void ran.push(`stop ${i}`)),
    );
    if (i % 5 === 0) await sleep(1);
  }
  all.push(start('last'));
  const ends = await Promise.allSettled(all);
  expect(ran.at(-1)).toBe('last');
  expect(ran.filter((name) => name.startsWith('start'))).toEqual([]);
  expect(ends.filter(({ status }) => status === 'rejected').length).toBe(20);
});

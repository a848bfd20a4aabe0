import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seededRandom } from '#analysis/random';
import type { NetworkConditions } from '#core/session';
import { NO_NETWORK } from '../network-setting.ts';
import { ConditionedLink, type LinkItem } from './conditioned-link.ts';

interface Item extends LinkItem {
  readonly id: number;
}

/** Sends packets at their times and lets all arrive: which were lost, and when the others came. */
function pass(
  conditions: Partial<NetworkConditions>,
  packets: readonly { atUs: number; bytes: number }[],
  mayBeLost = true,
) {
  const arrived: { id: number; atUs: number }[] = [];
  const lost: number[] = [];
  let mostQueued = 0;
  const link = new ConditionedLink<Item>({ ...NO_NETWORK, ...conditions }, 0, seededRandom(1), {
    onPassed() {},
    onLeave: ({ id }, atUs) => arrived.push({ id, atUs }),
    blocked: () => false,
  });
  let nextUs = Infinity;
  const until = (timeUs: number) => {
    while (nextUs <= timeUs) nextUs = link.advance(nextUs);
  };
  packets.forEach(({ atUs, bytes }, id) => {
    until(atUs);
    if (!link.push({ id, bytes, group: id, mayBeLost }, atUs)) lost.push(id);
    mostQueued = Math.max(mostQueued, link.queueBytes);
    nextUs = link.advance(atUs);
  });
  until(Number.MAX_SAFE_INTEGER);
  return { arrived, lost, mostQueued };
}

const every = (gapUs: number, count: number, bytes = 1000) =>
  Array.from({ length: count }, (_, i) => ({ atUs: i * gapUs, bytes }));

test('a network without conditions passes everything on at once', () => {
  const { arrived } = pass({}, every(100, 50));
  expect(arrived).toEqual(Array.from({ length: 50 }, (_, id) => ({ id, atUs: id * 100 })));
});

test('each packet is delayed by what was asked for', () => {
  const { arrived } = pass({ delayMs: 20 }, every(5_000, 50));
  expect(arrived.map(({ id, atUs }) => atUs - id * 5_000)).toEqual(Array.from({ length: 50 }, () => 20_000));
});

test('jitter spreads the delay about its mean, and keeps the order', () => {
  const { arrived } = pass({ delayMs: 100, jitterMs: 10 }, every(50_000, 2000));
  const delays = arrived.map(({ id, atUs }) => (atUs - id * 50_000) / 1000);
  const mean = delays.reduce((sum, each) => sum + each) / delays.length;
  const deviation = Math.sqrt(delays.reduce((sum, each) => sum + (each - mean) ** 2, 0) / delays.length);
  expect(mean).toBeCloseTo(100, -0.5);
  expect(deviation).toBeGreaterThan(9);
  expect(deviation).toBeLessThan(11);
});

test('about the share of packets is lost that was asked for, the same ones each time', () => {
  const { lost } = pass({ loss: 0.05 }, every(100, 10_000));
  expect(lost.length).toBeGreaterThan(400);
  expect(lost.length).toBeLessThan(600);
  expect(pass({ loss: 0.05 }, every(100, 10_000)).lost).toEqual(lost);
  expect(pass({ loss: 0.5 }, every(100, 100), false).lost).toEqual([]);
});

test('what the queue has no room for is lost, and nothing waits longer than it may', () => {
  // 16 Mbit/s into 8 Mbit/s for a second.
  const rate = [{ atS: 0, bitsPerSecond: 8e6 }];
  const { arrived, lost } = pass({ rate, queueMs: 50 }, every(500, 2000));
  expect(lost.length).toBeGreaterThan(900);
  expect(lost.length).toBeLessThan(1000);
  for (const { id, atUs } of arrived) expect(atUs - id * 500).toBeLessThanOrEqual(52_000);
});

test('the rate changes at its times', () => {
  const rate = [
    { atS: 0, bitsPerSecond: 8e6 },
    { atS: 1, bitsPerSecond: 2e6 },
    { atS: 2, bitsPerSecond: 8e6 },
  ];
  const { arrived } = pass({ rate, queueMs: 20 }, every(500, 6000));
  const inSecond = (s: number) => arrived.filter(({ atUs }) => Math.floor(atUs / 1e6) === s).length;
  expect([0, 1, 2].map((s) => Math.round(inSecond(s) / 50) * 50)).toEqual([1000, 250, 1000]);
});

test('whatever the network, packets keep their order, none comes twice, and the rate holds', () => {
  const conditions = fc.record({
    delayMs: fc.nat({ max: 100 }),
    jitterMs: fc.nat({ max: 50 }),
    loss: fc.double({ min: 0, max: 0.5, noNaN: true }),
    rate: fc.constantFrom([], [{ atS: 0, bitsPerSecond: 1e6 }]),
    queueMs: fc.nat({ max: 500 }),
  });
  const packets = fc
    .array(fc.record({ gapUs: fc.nat({ max: 20_000 }), bytes: fc.integer({ min: 50, max: 1200 }) }), { maxLength: 100 })
    .map((steps) => {
      let atUs = 0;
      return steps.map(({ gapUs, bytes }) => ({ atUs: (atUs += gapUs), bytes }));
    });
  fc.assert(
    fc.property(conditions, packets, (network, sent) => {
      const { arrived, lost } = pass(network, sent);
      const ids = arrived.map(({ id }) => id);
      expect([...ids, ...lost].toSorted((a, b) => a - b)).toEqual(sent.map((_, id) => id));
      expect(ids).toEqual(ids.toSorted((a, b) => a - b));
      const jitterRoom = network.jitterMs === 0 ? 0 : Infinity;
      for (const { id, atUs } of arrived) {
        expect(atUs).toBeGreaterThanOrEqual(sent[id]!.atUs);
        const bits = sent[id]!.bytes * 8;
        if (network.rate.length > 0 && jitterRoom === 0)
          expect(atUs - sent[id]!.atUs).toBeGreaterThanOrEqual(network.delayMs * 1000 + bits - 1);
      }
    }),
    { numRuns: 200 },
  );
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NO_NETWORK, formatNetwork, networkProblem, parseNetwork } from './network-setting.ts';

const parsed = (text: string) => {
  const result = parseNetwork(text);
  return 'ok' in result ? result.ok : result.problem;
};

test.each([
  ['none', {}],
  ['', {}],
  ['delay=20ms', { delayMs: 20 }],
  ['delay=0.5s jitter=5ms', { delayMs: 500, jitterMs: 5 }],
  ['loss=1%', { loss: 0.01 }],
  ['loss=0.02  queue=50ms', { loss: 0.02, queueMs: 50 }],
  ['rate=4M', { rate: [{ atS: 0, bitsPerSecond: 4e6 }] }],
  [
    'rate=8M,2.5M@10s,800k@20s',
    {
      rate: [
        { atS: 0, bitsPerSecond: 8e6 },
        { atS: 10, bitsPerSecond: 2.5e6 },
        { atS: 20, bitsPerSecond: 8e5 },
      ],
    },
  ],
])('%j is understood', (text, conditions) => {
  expect(parsed(text)).toEqual({ ...NO_NETWORK, ...conditions });
});

test.each([
  ['fast', 'no part `fast`'],
  ['delay', 'no part `delay`'],
  ['delay=20', 'delay is a time from 0 to 5000ms'],
  ['delay=-1ms', 'delay is a time'],
  ['delay=9s', 'delay is a time'],
  ['delay=1ms delay=2ms', 'names delay twice'],
  ['loss=101%', 'loss is a share'],
  ['loss=x', 'loss is a share'],
  ['rate=0', 'rate is bits a second from 1k'],
  ['rate=4M@5s', 'begin with one for the start'],
  ['rate=4M,2M@9s,3M@9s', 'go forward in time'],
  ['rate=4X', 'not `4X`'],
  ['none delay=1ms', 'no part `none`'],
])('%j is refused in words', (text, problem) => {
  expect(parsed(text)).toContain(problem);
});

test('conditions that are written and read again are the same', () => {
  const time = (max: number) => fc.oneof(fc.nat({ max }), fc.double({ min: 0, max, noNaN: true }));
  const rates = fc
    .array(
      fc.record({
        gapS: fc.integer({ min: 1, max: 50 }),
        bitsPerSecond: fc.oneof(
          fc.integer({ min: 1000, max: 1e10 }),
          fc.integer({ min: 1, max: 9999 }).map((n) => n * 1e5),
        ),
      }),
      { maxLength: 5 },
    )
    .map((steps) => {
      let atS = 0;
      return steps.map(({ gapS, bitsPerSecond }, i) => ({ atS: i === 0 ? 0 : (atS += gapS), bitsPerSecond }));
    });
  fc.assert(
    fc.property(
      fc.record({
        delayMs: time(5000),
        jitterMs: time(1000),
        loss: fc.double({ min: 0, max: 1, noNaN: true }),
        rate: rates,
        queueMs: time(10_000),
      }),
      (conditions) => {
        expect(parsed(formatNetwork(conditions))).toEqual(conditions);
      },
    ),
    { numRuns: 500 },
  );
});

test('loss needs a transport that may lose', () => {
  const lossy = { ...NO_NETWORK, loss: 0.1 };
  expect(networkProblem(lossy, 'tcp')).toContain('transport=udp');
  expect(networkProblem(lossy, 'udp')).toBeNull();
  expect(networkProblem(NO_NETWORK, 'tcp')).toBeNull();
});

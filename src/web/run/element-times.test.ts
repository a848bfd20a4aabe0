import { expect, test } from 'vitest';
import { elementTimes } from './element-times.ts';

const element = (name: string, timeS: number[], value: (number | null)[]) => ({
  name,
  unit: 's',
  agent: 'local',
  description: '',
  timeS,
  value,
  total: timeS.length,
});

test('each stretch of the view has the median of its buffers, the slowest element is first, none is no zero', () => {
  const times = elementTimes(
    [
      element('fast', [0, 0.5, 0.6, 0.7, 200], [0.001, 0.002, 0.009, 0.003, 7]),
      element('slow', [0.1, 119.9], [0.5, 0.4]),
      element('silent', [0.1], [null]),
    ],
    { from: 0, to: 120 },
  );
  expect(times.elements.map(({ name }) => name)).toEqual(['slow', 'fast']);
  const [slow, fast] = times.elements;
  expect([times.timeS[0], times.timeS.at(-1), times.stretchS]).toEqual([0.5, 119.5, 1]);
  expect(fast!.values[0]).toBeCloseTo(0.0025, 9);
  expect(fast!.values.slice(1).every((one) => one === undefined)).toBe(true);
  expect([slow!.values[0], slow!.values[1], slow!.values[119]]).toEqual([0.5, undefined, 0.4]);
  expect([times.usual, times.spansDecades]).toEqual([0.45, true]);
});

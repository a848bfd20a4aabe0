import { expect, test } from 'vitest';
import { isHyperfine, parseHyperfine } from './hyperfine-results.ts';

/** As hyperfine 1.15 writes it, with the memory of newer ones. */
const DOCUMENT = {
  results: [
    {
      command: 'x264 --preset fast',
      mean: 1.5,
      user: 1.2,
      system: 0.1,
      times: [1.4, 1.6],
      exit_codes: [0, 3],
      memory_usage_byte: [1000, 2000],
      parameters: { preset: 'fast', threads: '4' },
    },
    { command: 'true', times: [0.01] },
  ],
};

test('each time is a run, with its own exit code and memory; means are named so', () => {
  expect(isHyperfine(DOCUMENT)).toBe(true);
  const [first, second, third] = parseHyperfine(DOCUMENT, 'h.json');
  expect(first).toMatchObject({
    settings: { command: 'x264 --preset fast', preset: 'fast', threads: 4 },
    metrics: {
      wall: { value: 1.4, unit: 's', better: 'lower' },
      'memory.peak': { value: 1000, unit: 'byte' },
      'cpu.user mean': { value: 1.2 },
    },
    outcome: 'ok',
    durationS: 1.4,
    part: '0.0',
  });
  expect(second).toMatchObject({ outcome: 'failed', reason: 'it ended with exit code 3' });
  expect(third!.metrics).toEqual({ wall: { value: 0.01, unit: 's', better: 'lower' } });
});

test('what is told only as a mean of all runs is of one run: the first that ended well', () => {
  const document = { results: [{ command: 'a', user: 0.5, system: 0.1, times: [1, 2, 3], exit_codes: [1, 0, 0] }] };
  const runs = parseHyperfine(document, 'h.json');
  expect(runs.map(({ metrics }) => metrics['cpu.user mean']?.value)).toEqual([undefined, 0.5, undefined]);
  expect(runs.map(({ metrics }) => metrics['cpu.system mean']?.value)).toEqual([undefined, 0.1, undefined]);
  expect(runs[2]!.absent).toEqual([
    'cpu.user, cpu.system: told as means over all runs of the command, which the first of them that ended well has',
  ]);
});

test('a mean without its times, and times that are none, are refused with their place', () => {
  expect(() => parseHyperfine({ results: [{ command: 'a', mean: 1 }] }, 'h.json')).toThrow(
    'h.json: results[0]: the times of the single runs are missing',
  );
  expect(() => parseHyperfine({ results: [{ command: 'a', times: [1, 'x'] }] }, 'h.json')).toThrow('results[0].times');
});

test.each([[null], [[]], [{}], [{ results: [] }], [{ results: [{}] }], [{ results: 'x' }]])(
  '%j is none of its',
  (document) => {
    expect(isHyperfine(document)).toBe(false);
  },
);

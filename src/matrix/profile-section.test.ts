import { expect, test } from 'vitest';
import { UserError } from '#core/user-error';
import { parseBenchmark } from './parse-benchmark.ts';

function profileOf(text: string) {
  return parseBenchmark(`source: clip.mp4\nmatrix: {bitrate: [1M]}\n${text}`, 'bench.yaml').profile;
}

function problemsOf(text: string): string[] {
  try {
    profileOf(text);
  } catch (error) {
    if (error instanceof UserError) return error.problems.map(({ where, what, todo }) => `${where}: ${what} | ${todo}`);
    throw error;
  }
  return [];
}

test('a profile is asked for by its frequency or by parts, and there is none unasked', () => {
  const usual = { frequencyHz: 999, stacks: 'frame-pointers', switches: true, javascript: false };
  expect(profileOf('')).toBeNull();
  expect(profileOf('profile: false')).toBeNull();
  expect(profileOf('profile: true')).toEqual(usual);
  expect(profileOf('profile: 99')).toEqual({ ...usual, frequencyHz: 99 });
  expect(profileOf('profile: {stacks: dwarf, switches: false}')).toEqual({
    frequencyHz: 999,
    stacks: 'dwarf',
    switches: false,
    javascript: false,
  });
  expect(profileOf('profile: {javascript: true}')).toEqual({ ...usual, javascript: true });
});

test('what is wrong with it is told with its place', () => {
  expect(problemsOf('profile: 0')).toEqual([
    "bench.yaml:3:10: profile must be true, false or samples a second from 1 to 10000, not '0' | write profile: 999",
  ]);
  expect(problemsOf('profile: [1]')).toEqual([
    'bench.yaml:3:10: profile must be true, false or samples a second from 1 to 10000 | write profile: 999',
  ]);
  expect(problemsOf('profile: {frequenzy: 5}')).toEqual([expect.stringMatching(/^bench.yaml:3:11: .*frequency/)]);
  expect(problemsOf('profile: {frequency: 20000, stacks: lbr}')).toEqual([
    expect.stringMatching(/^bench.yaml:3:22: frequency must be a whole number from 1 to 10000/),
    expect.stringMatching(/^bench.yaml:3:37: stacks must be fp or dwarf/),
  ]);
});

import { expect, test } from 'vitest';
import { shownId } from '#core/shown-id';
import { cellWords } from './profile-against.ts';

test('runs of the same minute are told apart by what is shown of their ids', () => {
  const [one, other] = ['01a202cc-e9e3-7408-88ad-96af17d7a8f4', '01a202cc-e9f1-7d5e-b1ab-96af17d7a8f4'];
  expect([shownId(one), shownId(other)]).toEqual(['01a202cc-e9e3', '01a202cc-e9f1']);
});

test('a run of a benchmark is told by its cell and repeat, another by its name alone', () => {
  expect(cellWords({ benchmark: 'fast', cell: 'codec=x264', repeat: 2 })).toBe('codec=x264, repeat 2');
  expect(cellWords({ benchmark: 'fast', cell: 'codec=x264', repeat: 0 })).toBe('codec=x264');
  expect(cellWords({ benchmark: null, cell: 'perf.data', repeat: 1 })).toBe('perf.data');
  expect(cellWords({ benchmark: null, cell: null, repeat: 1 })).toBe('');
});

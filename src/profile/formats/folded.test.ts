import { expect, test } from 'vitest';
import { readProfileText } from './read-profile.ts';

async function* pieces(text: string): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += 8192) yield text.slice(at, at + 8192);
}

test('JSON in one line, as Python writes it, is no folded stack, wherever its beginning is cut', async () => {
  const samples = 40_000;
  const file = {
    shared: { frames: [{ name: 'main' }] },
    profiles: [
      {
        type: 'sampled',
        name: 'a thread',
        unit: 'milliseconds',
        startValue: 0,
        endValue: samples,
        samples: Array.from({ length: samples }, () => [0]),
        weights: Array.from({ length: samples }, () => 1),
      },
    ],
  };
  const head = JSON.stringify(file).replaceAll(',', ', ');
  // So that a number ends where no more of it is looked at.
  for (let shift = 0; shift < 7; shift++) {
    const profile = await readProfileText(pieces(`${' '.repeat(shift)}${head.replaceAll('[0]', '[ 0 ]')}`), 'a.json');
    expect(profile.samples.timeNs.length).toBeGreaterThan(0);
    expect(profile.header.tool).toBe('speedscope');
  }
});

test('a long stack in one line is one', async () => {
  const names = Array.from({ length: 20_000 }, (_, i) => `f${i}`);
  const profile = await readProfileText(pieces(`${names.join(';')} 3`), 'a.folded');
  expect(profile.stacks.parent.length).toBe(20_000);
});

test('lines that count nothing are none, and a file of only such holds no samples', async () => {
  await expect(readProfileText(pieces('a;b 0\n'), 'a.folded')).rejects.toThrow(/holds no samples/);
  const { samples } = await readProfileText(pieces('a;b 0\na 2\n'), 'a.folded');
  expect(Array.from(samples.weight!)).toEqual([2]);
});

test.each(['a;b -3', 'a;b 99999999999999999999', 'a;b 1e3'])('%s is told with its line', async (line) => {
  const refused = readProfileText(pieces(`${line}\na;b 1\n`), 'a.folded');
  await expect(refused).rejects.toThrow(
    /a\.folded:1: the count of a stack is none from 0 to 999,999,999,999,999: "a;b/,
  );
});

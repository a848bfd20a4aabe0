import { expect, test } from 'vitest';
import { readProfileText } from './formats/read-profile.ts';

const YEAR_US = 365 * 24 * 3600 * 1e6;

async function read(content: unknown): Promise<void> {
  async function* text() {
    yield JSON.stringify(content);
  }
  await readProfileText(text(), 'a.json');
}

const trace = (ts: number, dur: number) => ({ traceEvents: [{ ph: 'X', pid: 1, tid: 1, name: 'f', ts, dur }] });
const speedscope = (weight: number) => ({
  shared: { frames: [{ name: 'f' }] },
  profiles: [{ type: 'sampled', name: 't', unit: 'seconds', samples: [[0], [0]], weights: [1, weight] }],
});
const javascript = (delta: number) => ({
  nodes: [{ id: 1, callFrame: { functionName: 'f', url: '' } }],
  samples: [1, 1],
  timeDeltas: [1, delta],
});

test.each([
  ['a duration', trace(0, 1e18)],
  ['a beginning', trace(1e16, 1e6)],
  ['a duration of some years', trace(0, 11 * YEAR_US)],
  ['the largest number', trace(0, Number.MAX_VALUE)],
  ['weights', speedscope(1e11)],
  ['times between samples', javascript(9e17)],
  ['times between samples, backwards', javascript(-9e17)],
])('%s that can’t be is told, with the file', async (_, content) => {
  await expect(read(content)).rejects.toThrow(
    /^a\.json: its times can't be: (they span .* years, where 10 are the most|some are larger)/,
  );
});

test('times since 1970, and profiles of days, are read', async () => {
  await read(trace(1.8e15, 5 * 24 * 3600 * 1e6));
  await read(speedscope(86_400));
  await read(javascript(4 * YEAR_US));
  await read(javascript(-5));
});

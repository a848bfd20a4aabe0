import { expect, test } from 'vitest';
import { resolveLive } from '../live-session.ts';
import { parseTapNetwork } from './tap-network.ts';

const LOSS = { what: 'a tap can lose nothing: SPICE runs over TCP', todo: 'Leave loss out.' };
const NO_PART = {
  what: 'network has no part `fast`: write delay, jitter, rate, queue as in `delay=20ms jitter=5ms rate=4M,1M@10s queue=200ms`, or none',
};

test.each([
  ['loss=1%', LOSS],
  ['delay=5ms loss=1%', LOSS],
  ['fast', NO_PART],
])('%j is refused of a tap and of a session with one in the same words', (network, words) => {
  expect(parseTapNetwork(network)).toEqual(words);
  for (const hasDevice of [false, true])
    expect(resolveLive({ session: 'spice', network }, [], hasDevice)).toMatchObject({
      problems: expect.arrayContaining([{ setting: 'network', ...words }]),
    });
});

test('what a tap can do is taken, a loss of nothing too', () => {
  expect(parseTapNetwork('delay=5ms loss=0')).toMatchObject({ ok: { delayMs: 5, loss: 0 } });
  expect(parseTapNetwork('none')).toHaveProperty('ok');
});

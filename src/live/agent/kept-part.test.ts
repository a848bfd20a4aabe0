import { expect, test } from 'vitest';
import { UserError } from '#core/user-error';
import { KeptPart } from './kept-part.ts';

test('why a part failed and when it is started again is one sentence', async () => {
  const nothing = () => undefined;
  const texts: string[] = [];
  const part = new KeptPart(
    {
      part: 'relay',
      session: '',
      stream: 'video',
      role: 'server',
      listen: { host: '127.0.0.1', port: 1 },
      network: { delayMs: 0, jitterMs: 0, loss: 0, rate: [], queueMs: 0 },
      token: '',
    },
    {
      agent: 'a',
      start: () => {
        throw new UserError({ what: 'the port is taken', todo: 'Take another port.' });
      },
      reachable: (address) => address,
      events: {
        frames: nothing,
        steps: nothing,
        message: (text) => texts.push(text),
        picture: nothing,
        value: nothing,
        state: nothing,
        started: nothing,
        gone: nothing,
      },
    },
  );
  await part.stop();
  expect(texts).toEqual(['the relay failed: the port is taken\n  Take another port; it is started again in 1 s']);
});

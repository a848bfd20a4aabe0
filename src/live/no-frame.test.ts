import { expect, test } from 'vitest';
import { noFrame, scarceWords } from './no-frame.ts';

test('without video behind a narrow network the network is named; elsewhere, or where somebody is gone, it is not to blame', () => {
  expect(noFrame(true, null, [], 'delay=5ms rate=1M').todo).toMatch(/^take a wider network, .* delay=5ms rate=1M is/);
  for (const network of [null, 'none', 'delay=5ms'])
    expect(noFrame(true, null, [], network).todo).toMatch(/^connect a client to the tap/);
  expect(noFrame(true, null, ['no client'], 'rate=1M')).toMatchObject({ what: expect.stringMatching(/: no client$/) });
  expect(noFrame(true, 'mjpeg', [], 'rate=1M').what).toBe('the server sends mjpeg, and not what was asked for');
  expect(noFrame(false, null, [], 'rate=1M')).not.toHaveProperty('todo');
});

test('few frames of a stock server have the same advice as none: only a narrow network is to blame', () => {
  expect(scarceWords(true, 'rate=300k').few).toMatch(
    /^rates and times of so few tell little: .*rate=300k is too narrow/,
  );
  expect(scarceWords(true, 'delay=5ms').none).toMatch(/^no frame was recorded: connect a client/);
  expect(scarceWords(false, 'rate=300k').few).toBeNull();
});

import { expect, test } from 'vitest';
import { untilShown } from './until-shown.ts';

/** @returns seconds that it waited, and what it said */
async function wait({ note = null as string | null, codec = 'vp8', shownAfterS = Infinity, hasLog = true }) {
  let nowS = 0;
  const said: string[] = [];
  const relay = { part: 'relay', state: 'running', note: null, actual: { codec } } as const;
  const receiver = { part: 'receiver', state: 'running', note, actual: {} } as const;
  await untilShown({
    parts: () => Promise.resolve(hasLog ? [relay, receiver] : [relay]),
    shown: () => Promise.resolve(++nowS > shownAfterS),
    say: (text) => Promise.resolve(said.push(text)),
    nowMs: () => nowS * 1000,
  });
  return { nowS, said };
}

test('a client that is said to show nothing is waited for, and after ten seconds no longer, which is said', async () => {
  expect(await wait({ note: 'it decodes none', shownAfterS: 4 })).toEqual({ nowS: 5, said: [] });
  expect(await wait({ note: 'it decodes none' })).toEqual({
    nowS: 10,
    said: ['the client has shown no frame for 10 s, and is waited for no longer'],
  });
});

test('one whose log tells nothing is not waited for, and of mjpeg or without a log not at all', async () => {
  expect(await wait({})).toEqual({ nowS: 3, said: [] });
  expect(await wait({ codec: 'mjpeg' })).toEqual({ nowS: 0, said: [] });
  expect(await wait({ hasLog: false })).toEqual({ nowS: 0, said: [] });
});

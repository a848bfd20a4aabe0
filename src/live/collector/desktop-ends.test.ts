import { expect, test } from 'vitest';
import { DesktopEnds } from './desktop-ends.ts';

/** A desktop whose tap says `note`; undefined where none works. */
function desktop(kind = 'spice', stream: object | null = null) {
  const tap = { note: null as string | null | undefined };
  const agents = [
    { role: 'server', connected: true, absent: ['gpu: none', 'program: process 7 has ended'] },
    { role: 'guest', connected: true, absent: ['program: process 8 has ended'] },
    { role: 'client', connected: false, absent: ['program: process 9 has ended'] },
  ];
  const holder = () =>
    tap.note === undefined ? null : { state: { note: tap.note, actual: { network: 'rate=300k' } } };
  const ends = new DesktopEnds(
    { hub: { agents }, director: { resolved: { kind, stream }, holder } },
    (us) => `${us} us`,
  );
  const look = (note: string | null | undefined, nowUs: number) => {
    tap.note = note;
    return ends.look(nowUs, 15);
  };
  return { ends, look, agents };
}

test('who is gone is gone since the first word of it, with the programs that have ended', () => {
  const { ends, look } = desktop();
  expect(look(null, 20)).toBeNull();
  expect(ends.lost).toBeNull();
  look('the client is gone', 30);
  // A tap that does not work itself says nothing new.
  look(undefined, 35);
  look('the server is gone', 40);
  expect(ends.lost).toBe('the server is gone, since 30 us; server: process 7 has ended');
  expect(ends.cameBack).toBeNull();
});

test('who comes back is told once, and not where that was before the recording began', () => {
  const { ends, look } = desktop();
  look('the client is gone', 5);
  expect(look(null, 10)).toBeNull();
  look('the client is gone', 20);
  expect(look(null, 30)).toBe('the client is gone: from 20 us to 30 us');
  expect(look(null, 40)).toBeNull();
  expect(ends).toMatchObject({ lost: null, cameBack: 'the client is gone: from 20 us to 30 us' });
});

test('a relay of another session may note what it likes', () => {
  const { ends, look } = desktop('loopback');
  look('nothing came from it for 4 s', 20);
  expect(ends).toMatchObject({ lost: null, blind: null });
});

test('of a stock desktop next to no frame is told with its network; few may be wanted of our own sender', () => {
  const { scarce } = desktop().ends;
  expect(scarce?.none).toMatch(/^no frame was recorded: take a wider network, .* where rate=300k is too narrow/);
  expect(scarce?.few).toMatch(/^rates and times of so few tell little: take a wider network/);
  expect(desktop('spice', {}).ends.scarce).toMatchObject({ few: null });
  expect(desktop('loopback', {}).ends.scarce).toBeUndefined();
});

test('a program that ends while it is recorded is told at the end; of one that was gone before its agent has told', () => {
  const { ends, agents } = desktop();
  expect(ends.ended).toEqual([]);
  agents[2] = { role: 'client', connected: true, absent: ['program: process 9 has ended'] };
  expect(ends.ended).toEqual(['client: process 9 has ended']);
});

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { formatSettingValue, type Settings } from '#core/settings';
import type { LiveSession } from '#session/live-session';
import { parseTapNetwork } from '#session/spice/tap-network';
import { Control } from './control.ts';
import type { Director } from './director.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

type Answer = { codec: string; switchMs: number | null; isOpen: boolean };

/** A desktop that sends vp8, and whose tap answers `prefer` when the test says so; one that is asked for nothing ends the wait before. */
function desktop(network: string) {
  const asked: object[] = [];
  const told: string[] = [];
  let waiting: ((answer: Answer) => void) | null = null;
  const answer = (one: Answer) => {
    waiting?.(one);
    waiting = null;
  };
  const ask = async ({ command, ask: what }: { command: string; ask: { wish?: { codecs?: string[] } } }) => {
    asked.push({ [command]: what.wish?.codecs?.[0] ?? null });
    if (command !== 'prefer') return null;
    answer({ codec: 'vp8', switchMs: null, isOpen: true });
    if (what.wish?.codecs === undefined) return { codec: 'vp8', switchMs: null, isOpen: false };
    return new Promise<Answer>((resolve) => (waiting = resolve));
  };
  const resolve = (settings: Settings) => {
    const parsed = parseTapNetwork(formatSettingValue(settings['network'] ?? ''));
    const wish = { codecs: [formatSettingValue(settings['codec']!)] };
    return {
      kind: 'spice',
      stream: null,
      network: 'ok' in parsed ? parsed.ok : null,
      wish,
      warnings: [],
    } as unknown as LiveSession;
  };
  const settings = { session: 'spice', codec: 'vp8', network };
  const director = {
    wanted: { id: 's', settings: settings as Settings, started: settings },
    resolved: resolve(settings),
    encodersFor: async () => [],
    resolve,
    isBroken: () => false,
    holder: () => ({ agent: { name: 'server', ask }, state: { actual: { codec: 'vp8' } } }),
    setSettings: async (_: string, now: Settings) => void (director.wanted.settings = now),
  };
  const control = new Control({
    director: director as unknown as Director,
    nowS: () => 7,
    tell: (_, text) => told.push(text),
    changed: () => undefined,
    onError: (error) => {
      throw error;
    },
    onTaken: () => undefined,
  });
  return { control, asked, told, answer, director };
}

test('while a codec is waited for it is told so; another change ends the wait, and the codec stays asked for', async () => {
  const { control, asked, told, director } = desktop('rate=1M');
  const codec = control.change({ codec: 'h264' }, 'one');
  await vi.advanceTimersByTimeAsync(3_000);
  const text = "for the server's first stream of h264, behind what it sent before: rate=1M";
  expect(control.waiting).toEqual({ name: 'codec', requested: 'h264', text, sinceS: 7 });
  expect(told).toEqual([`codec h264 waits ${text}.`]);
  const network = control.change({ network: 'delay=5ms' }, 'one');
  expect(await codec).toMatchObject([{ how: 'next', actual: 'vp8', note: expect.stringMatching(/^it comes with/) }]);
  expect(await network).toMatchObject([{ name: 'network', how: 'live' }]);
  expect(asked).toEqual([{ prefer: 'h264' }, { prefer: null }, { network: null }]);
  expect(control.waiting).toBeNull();
  expect(director.wanted.settings).toMatchObject({ codec: 'h264', network: 'delay=5ms' });
});

test('a codec that comes too late behind a narrow network stays asked for; one that the server lacks is refused', async () => {
  const late = desktop('rate=1M');
  const results = late.control.change({ codec: 'h264' }, 'one');
  await vi.advanceTimersByTimeAsync(100);
  late.answer({ codec: 'vp8', switchMs: null, isOpen: true });
  expect(await results).toMatchObject([{ how: 'next' }]);
  expect(late.director.wanted.settings).toMatchObject({ codec: 'h264' });

  for (const [network, isOpen] of [
    ['rate=1M', false],
    ['delay=5ms', true],
  ] as const) {
    const lacking = desktop(network);
    const refused = lacking.control.change({ codec: 'h264' }, 'one');
    await vi.advanceTimersByTimeAsync(100);
    lacking.answer({ codec: 'vp8', switchMs: null, isOpen });
    await vi.advanceTimersByTimeAsync(100);
    lacking.answer({ codec: 'vp8', switchMs: null, isOpen: false });
    expect(await refused).toMatchObject([
      { how: 'refused', note: expect.stringMatching(/^the server goes on with vp8/) },
    ]);
    expect(lacking.director.wanted.settings).toMatchObject({ codec: 'vp8' });
    expect(lacking.asked).toEqual([{ prefer: 'h264' }, { prefer: 'vp8' }]);
  }
});

test('a switch that takes no time is told to nobody as one that waits', async () => {
  const { control, told, answer } = desktop('rate=1M');
  const results = control.change({ codec: 'h264' }, 'one');
  await vi.advanceTimersByTimeAsync(900);
  answer({ codec: 'h264', switchMs: 900, isOpen: false });
  expect(await results).toMatchObject([{ how: 'live', gapMs: 900 }]);
  await vi.advanceTimersByTimeAsync(9_000);
  expect(told).toHaveLength(1);
  expect(told[0]).toMatch(/^codec vp8 → h264 \(live/);
});

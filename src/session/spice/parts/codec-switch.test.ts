import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { NO_NETWORK } from '../../network-setting.ts';
import { CodecSwitch, queueTimeMs } from './codec-switch.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Asked for at 1 s; what came of it, and whether it was told that it came late. */
function asked(codec: string, queueMs = 0) {
  const codecSwitch = new CodecSwitch();
  const outcome = { switchMs: undefined as number | null | undefined, isOpen: null as boolean | null, isLate: false };
  void codecSwitch.wait(codec, 1e6, queueMs, () => (outcome.isLate = true)).then((end) => Object.assign(outcome, end));
  return { codecSwitch, outcome };
}

test('a stream of the codec ends the wait, with the time that it took', async () => {
  const { codecSwitch, outcome } = asked('vp8');
  codecSwitch.began('vp8', 1.8e6);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(outcome).toEqual({ switchMs: 800, isOpen: false, isLate: false });
});

test('another codec in its place is waited out for two seconds: it may have been under way', async () => {
  const { codecSwitch, outcome } = asked('vp8');
  codecSwitch.began('mjpeg', 1.1e6);
  await vi.advanceTimersByTimeAsync(1_900);
  expect(outcome.switchMs).toBeUndefined();
  codecSwitch.began('vp8', 2.9e6);
  await vi.advanceTimersByTimeAsync(0);
  expect(outcome).toEqual({ switchMs: 1_900, isOpen: false, isLate: false });

  const missed = asked('h264');
  missed.codecSwitch.began('mjpeg', 1.1e6);
  await vi.advanceTimersByTimeAsync(2_100);
  expect(missed.outcome).toEqual({ switchMs: null, isOpen: false, isLate: true });
});

test('no stream at all is waited for eight seconds', async () => {
  const { outcome } = asked('vp8');
  await vi.advanceTimersByTimeAsync(7_900);
  expect(outcome.switchMs).toBeUndefined();
  await vi.advanceTimersByTimeAsync(200);
  expect(outcome).toEqual({ switchMs: null, isOpen: true, isLate: true });
});

test('streams of other codecs that begin again and again make the wait no longer than without them', async () => {
  const { codecSwitch, outcome } = asked('vp8');
  for (let s = 0; s < 8; s++) {
    codecSwitch.began('mjpeg', 1e6);
    await vi.advanceTimersByTimeAsync(1_000);
  }
  expect(outcome).toEqual({ switchMs: null, isOpen: false, isLate: true });
});

test('behind a narrow line both waits are as much longer as what was sent before needs, and thirty seconds at the most', async () => {
  const { codecSwitch, outcome } = asked('vp8', 16_000);
  codecSwitch.began('mjpeg', 1.1e6);
  await vi.advanceTimersByTimeAsync(17_900);
  expect(outcome.switchMs).toBeUndefined();
  codecSwitch.began('vp8', 18.9e6);
  await vi.advanceTimersByTimeAsync(0);
  expect(outcome).toEqual({ switchMs: 17_900, isOpen: false, isLate: false });

  const missed = asked('h264', 1e9);
  await vi.advanceTimersByTimeAsync(29_900);
  expect(missed.outcome.switchMs).toBeUndefined();
  await vi.advanceTimersByTimeAsync(200);
  expect(missed.outcome).toEqual({ switchMs: null, isOpen: true, isLate: true });
});

test('who gives up is told whether a stream of another codec has come meanwhile: else it may come still', async () => {
  const { codecSwitch, outcome } = asked('vp8', 16_000);
  codecSwitch.giveUp();
  await vi.advanceTimersByTimeAsync(0);
  expect(outcome).toEqual({ switchMs: null, isOpen: true, isLate: false });
  const other = asked('vp8', 16_000);
  other.codecSwitch.began('mjpeg', 1.1e6);
  other.codecSwitch.giveUp();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(other.outcome).toEqual({ switchMs: null, isOpen: false, isLate: false });
});

test('an open line needs no time for what was sent before, a narrow one that of its lowest rate', () => {
  const at = (atS: number, bitsPerSecond: number) => ({ atS, bitsPerSecond });
  expect(queueTimeMs(NO_NETWORK)).toBe(0);
  expect(queueTimeMs({ ...NO_NETWORK, delayMs: 20, jitterMs: 5 })).toBe(25);
  expect(queueTimeMs({ ...NO_NETWORK, rate: [at(0, 8e6), at(5, 1e6)] })).toBe(16_000);
});

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CodecSwitch } from './codec-switch.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Asked for at 1 s; what came of it, and whether it was told that it came late. */
function asked(codec: string) {
  const codecSwitch = new CodecSwitch();
  const outcome = { switchMs: undefined as number | null | undefined, isLate: false };
  void codecSwitch.wait(codec, 1e6, () => (outcome.isLate = true)).then((switchMs) => (outcome.switchMs = switchMs));
  return { codecSwitch, outcome };
}

test('a stream of the codec ends the wait, with the time that it took', async () => {
  const { codecSwitch, outcome } = asked('vp8');
  codecSwitch.began('vp8', 1.8e6);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(outcome).toEqual({ switchMs: 800, isLate: false });
});

test('another codec in its place is waited out for two seconds: it may have been under way', async () => {
  const { codecSwitch, outcome } = asked('vp8');
  codecSwitch.began('mjpeg', 1.1e6);
  await vi.advanceTimersByTimeAsync(1_900);
  expect(outcome.switchMs).toBeUndefined();
  codecSwitch.began('vp8', 2.9e6);
  await vi.advanceTimersByTimeAsync(0);
  expect(outcome).toEqual({ switchMs: 1_900, isLate: false });

  const missed = asked('h264');
  missed.codecSwitch.began('mjpeg', 1.1e6);
  await vi.advanceTimersByTimeAsync(2_100);
  expect(missed.outcome).toEqual({ switchMs: null, isLate: true });
});

test('no stream at all is waited for eight seconds', async () => {
  const { outcome } = asked('vp8');
  await vi.advanceTimersByTimeAsync(7_900);
  expect(outcome.switchMs).toBeUndefined();
  await vi.advanceTimersByTimeAsync(200);
  expect(outcome).toEqual({ switchMs: null, isLate: true });
});

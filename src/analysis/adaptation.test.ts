import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import type { ReceiverReport } from '#core/session';
import {
  adapt,
  startAdaptation,
  type Adaptation,
  type AdaptationBounds,
  type AdaptationFeedback,
  type AdaptationState,
} from './adaptation.ts';

const INTERVAL_US = 100_000;
const BOUNDS: AdaptationBounds = {
  maxBitrate: 4_000_000,
  minBitrate: 200_000,
  frameRate: 30,
  pixels: 1280 * 720,
  smallestStep: 0.04,
};

/** A calm interval at a bitrate, but for what is given. */
function feedback(
  bitrate: number,
  more: Partial<ReceiverReport> = {},
  sender: Partial<Omit<AdaptationFeedback, 'report'>> = {},
): AdaptationFeedback {
  const report: ReceiverReport = {
    intervalUs: INTERVAL_US,
    frame: 0,
    framesReceived: 3,
    framesLost: 0,
    framesPresented: 3,
    bytes: (bitrate * INTERVAL_US) / 8e6,
    minDelayUs: 20_000,
    meanDelayUs: 21_000,
    decodeUs: 3_000,
    ...more,
  };
  return { report, encodeUs: 8_000, beforeUs: 10_000, bytes: report.bytes, framesFull: 0, ...sender };
}

/** The same feedback again and again: all that came of it, the last state with it. */
function after(
  times: number,
  of: (state: AdaptationState, index: number) => AdaptationFeedback,
  from = startAdaptation(BOUNDS),
  bounds = BOUNDS,
): { state: AdaptationState; changes: Adaptation[] } {
  let state = from;
  const changes: Adaptation[] = [];
  for (let i = 0; i < times; i++) {
    const adapted = adapt(state, of(state, i), bounds);
    state = adapted.state;
    if (adapted.why !== undefined) changes.push(adapted);
  }
  return { state, changes };
}

const calm = (state: AdaptationState) => feedback(state.bitrate);
const lowered = (bitrate: number): AdaptationState => ({
  ...startAdaptation(BOUNDS),
  bitrate,
  baseDelayUs: 10_000,
  delayUs: 11_000,
});

describe('the bitrate', () => {
  test('stays where all is calm', () => {
    expect(after(100, calm).changes).toEqual([]);
  });

  test.each([
    ['frames are lost', { framesLost: 1 }, {}, 'lost'],
    ['frames wait in the network', { meanDelayUs: 400_000 }, {}, 'wait 115 ms'],
    ['the link was full', {}, { framesFull: 2 }, 'full'],
  ])('goes down where %s', (_, report, sender, why) => {
    const adapted = adapt(lowered(2e6), feedback(2e6, report, sender), BOUNDS);
    expect(adapted.bitrate).toBeLessThan(2e6);
    expect(adapted.bitrate).toBeGreaterThan(1e6);
    expect(adapted.why).toContain(why);
  });

  test('goes down where a delay rises, and not where it only is', () => {
    const before = { ...lowered(2e6), delayUs: 35_000 };
    expect(adapt(before, feedback(2e6, { meanDelayUs: 65_000 }), BOUNDS).why).toContain('rises');
    expect(adapt({ ...before, delayUs: 54_000 }, feedback(2e6, { meanDelayUs: 65_000 }), BOUNDS).why).toBeUndefined();
  });

  test('does not mind a delay that the sender makes itself', () => {
    const busy = (state: AdaptationState, i: number) =>
      feedback(state.bitrate, { meanDelayUs: 20_000 + 5_000 * i }, { beforeUs: 10_000 + 5_000 * i });
    expect(after(40, busy).changes).toEqual([]);
  });

  test('goes down further where less arrives than is sent', () => {
    const slow = { meanDelayUs: 400_000 };
    const fewer = adapt(lowered(2e6), feedback(2e6, slow), BOUNDS).bitrate!;
    expect(adapt(lowered(2e6), feedback(1e6, slow, { bytes: 50_000 }), BOUNDS).bitrate).toBeLessThan(fewer);
  });

  test('waits for the effect of a step before the next', () => {
    const lossy = (state: AdaptationState) => feedback(state.bitrate, { framesLost: 2 });
    expect(after(8, lossy).changes).toHaveLength(1);
    expect(after(24, lossy).changes.filter(({ bitrate }) => bitrate !== undefined)).toHaveLength(3);
  });

  test('is tried upwards again once it was calm for a while, and never beyond what was asked for', () => {
    expect(after(15, calm, lowered(1e6)).changes).toEqual([]);
    const { state, changes } = after(600, calm, lowered(1e6));
    expect(state.bitrate).toBe(BOUNDS.maxBitrate);
    expect(changes[0]!.bitrate).toBeGreaterThan(1e6);
    expect(changes[0]!.bitrate).toBeLessThan(1.2e6);
  });

  test('is not tried upwards by a stream that does not use what it has', () => {
    expect(after(200, () => feedback(100_000), lowered(1e6)).state.bitrate).toBe(1e6);
  });

  test('changes seldom and by much where each change costs a keyframe', () => {
    const bounds = { ...BOUNDS, smallestStep: 0.25 };
    const { changes } = after(100, calm, lowered(1e6), bounds);
    expect(changes.length).toBeLessThanOrEqual(3);
    for (const [i, { bitrate }] of changes.entries())
      expect(bitrate! / (changes[i - 1]?.bitrate ?? 1e6)).toBeGreaterThanOrEqual(1.249);
  });

  test('follows a link that narrows and widens: it fits, and its queue stays short', () => {
    let queueBytes = 0;
    const delays: number[] = [];
    const link = (rate: (index: number) => number) => (state: AdaptationState, index: number) => {
      const room = (rate(index) * INTERVAL_US) / 8e6;
      const sent = (state.bitrate * INTERVAL_US) / 8e6;
      const bytes = Math.min(room, queueBytes + sent);
      queueBytes += sent - bytes;
      const delayUs = 20_000 + (queueBytes * 8e6) / rate(index);
      delays.push(delayUs);
      return feedback(0, { bytes, minDelayUs: delayUs - 1_000, meanDelayUs: delayUs }, { bytes: sent });
    };
    const narrow = after(
      400,
      link((index) => (index < 50 ? 8e6 : 1e6)),
    );
    expect(narrow.state.bitrate).toBeLessThan(1.2e6);
    expect(narrow.state.bitrate).toBeGreaterThan(0.5e6);
    expect(delays.slice(200).toSorted((a, b) => a - b)[190]).toBeLessThan(250_000);
    queueBytes = 0;
    const wide = after(
      600,
      link(() => 8e6),
      narrow.state,
    );
    expect(wide.state.bitrate).toBe(BOUNDS.maxBitrate);
  });
});

describe('frame rate and size', () => {
  test('go down, the frame rate first, where encoding takes longer than a frame lasts', () => {
    const slow = (state: AdaptationState) => feedback(state.bitrate, {}, { encodeUs: 200_000 });
    const { changes } = after(300, slow);
    expect(changes.map(({ frameRate, resolutionScale }) => frameRate ?? resolutionScale)).toEqual([
      22.5, 15, 0.75, 0.5,
    ]);
    expect(changes[0]!.why).toContain('longer than a frame lasts');
  });

  test('go down where the receiver decodes too slowly', () => {
    const slow = (state: AdaptationState) => feedback(state.bitrate, { decodeUs: 40_000 });
    expect(after(20, slow).changes[0]).toMatchObject({ frameRate: 22.5 });
  });

  test('stay where one frame was slow', () => {
    const once = (state: AdaptationState, i: number) =>
      feedback(state.bitrate, {}, { encodeUs: i % 5 === 0 ? 60_000 : 8_000 });
    expect(after(100, once).changes).toEqual([]);
  });

  test('come back where there is time again, and do not swing', () => {
    const state: AdaptationState = { ...startAdaptation(BOUNDS), rateScale: 0.5, sizeScale: 0.75 };
    const { changes } = after(600, calm, state);
    expect(changes.at(-1)!.state).toMatchObject({ rateScale: 1, sizeScale: 1 });
    expect(changes).toHaveLength(3);
  });

  test('of a picture follow a low bitrate down, and up again with it', () => {
    const starved = after(60, (state) => feedback(state.bitrate), lowered(300_000));
    expect(starved.changes[0]).toMatchObject({ resolutionScale: 0.75 });
    const { state } = after(1_000, calm, starved.state);
    expect(state).toMatchObject({ sizeScale: 1, bitrate: BOUNDS.maxBitrate });
  });
});

test('Whatever is reported, nothing leaves the bounds, and what a report does not know does no harm', () => {
  const number = fc.oneof(fc.double({ min: -1e9, max: 1e9, noNaN: true }), fc.constant(NaN));
  const count = fc.nat(100);
  const reports = fc.array(
    fc.record({
      framesReceived: count,
      framesLost: count,
      framesPresented: count,
      bytes: fc.nat(1e7),
      minDelayUs: number,
      meanDelayUs: number,
      decodeUs: number,
    }),
    { maxLength: 100 },
  );
  fc.assert(
    fc.property(reports, fc.option(fc.nat(1e6)), fc.nat(3), (all, encodeUs, framesFull) => {
      let state = startAdaptation(BOUNDS);
      for (const report of all) {
        const adapted = adapt(state, feedback(0, report, { encodeUs, beforeUs: encodeUs, framesFull }), BOUNDS);
        state = adapted.state;
        expect(state.bitrate).toBeGreaterThanOrEqual(BOUNDS.minBitrate);
        expect(state.bitrate).toBeLessThanOrEqual(BOUNDS.maxBitrate);
        expect([1, 0.75, 0.5]).toContain(state.rateScale);
        expect([1, 0.75, 0.5]).toContain(state.sizeScale);
        const changed = adapted.bitrate ?? adapted.frameRate ?? adapted.resolutionScale;
        expect(adapted.why === undefined).toBe(changed === undefined);
      }
    }),
  );
});

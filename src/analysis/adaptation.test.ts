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
    minDelayUs: 30_000,
    meanDelayUs: 31_000,
    decodeUs: 3_000,
    ...more,
  };
  return { report, workUs: 8_000, beforeUs: 10_000, bytes: report.bytes, frames: 3, framesFull: 0, ...sender };
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
/** At a bitrate after a calm second; the delay without a queue is 20 ms. */
const calmAt = (bitrate: number): AdaptationState => {
  const bounds = { ...BOUNDS, maxBitrate: bitrate };
  return after(10, calm, startAdaptation(bounds), bounds).state;
};
const NOTHING = { framesReceived: 0, bytes: 0, minDelayUs: NaN, meanDelayUs: NaN, decodeUs: NaN };

describe('the bitrate', () => {
  test('stays where all is calm', () => {
    expect(after(100, calm).changes).toEqual([]);
  });

  test.each([
    ['nearly all frames are lost', { framesLost: 6, framesReceived: 1 }, {}, 'lost'],
    ['all frames wait in the network', { minDelayUs: 400_000 }, {}, 'wait'],
    ['the link was full', {}, { framesFull: 2 }, 'full'],
  ])('goes down where %s', (_, report, sender, why) => {
    const { changes } = after(6, () => feedback(4e6, report, sender), calmAt(4e6));
    expect(changes[0]!.bitrate).toBeLessThan(4e6);
    expect(changes[0]!.bitrate).toBeGreaterThanOrEqual(2e6);
    expect(changes[0]!.why).toContain(why);
  });

  test.each([
    ['one frame of an interval is late', { meanDelayUs: 130_000 }, {}],
    ['the sender itself takes long', { minDelayUs: 220_000 }, { beforeUs: 200_000 }],
    ['a single packet is lost by chance', { framesLost: 0.1 }, {}],
    ['nothing is known', NOTHING, { beforeUs: null, workUs: null, bytes: 0, frames: 0 }],
  ])('stays where %s', (_, report, sender) => {
    expect(after(50, () => feedback(4e6, report, sender), calmAt(4e6)).changes).toEqual([]);
  });

  test('stays where all frames of one interval are late', () => {
    const once = (_: AdaptationState, i: number) => feedback(4e6, i % 5 === 0 ? { minDelayUs: 130_000 } : {});
    expect(after(50, once, calmAt(4e6)).changes).toEqual([]);
  });

  test('goes down to less than what arrives, and up to nearly that when the queue is empty', () => {
    // 600 kbit/s arrive, whatever is sent.
    const narrow = (state: AdaptationState) =>
      feedback(600e3, { minDelayUs: 250_000 }, { bytes: (state.bitrate * INTERVAL_US) / 8e6 });
    const { state } = after(12, narrow, calmAt(4e6));
    expect(state.bitrate).toBeGreaterThan(0.35 * 600e3);
    expect(state.bitrate).toBeLessThan(0.86 * 600e3);
    const [first] = after(5, calm, state).changes;
    expect(first).toMatchObject({ why: 'the queue is empty' });
    expect(first!.bitrate! / 600e3).toBeCloseTo(0.92, 1);
  });

  test('is not halved again and again by a delay that is no queue of the stream, which becomes the usual one', () => {
    const elsewhere = (state: AdaptationState) => feedback(state.bitrate, { minDelayUs: 130_000 });
    const { state, changes } = after(60, elsewhere, calmAt(4e6));
    expect(Math.min(...changes.map(({ bitrate }) => bitrate ?? Infinity))).toBeGreaterThan(2e6);
    expect(changes.at(-1)!.why).toBe('the network is calm');
    expect(after(100, elsewhere, state).state.bitrate).toBe(BOUNDS.maxBitrate);
  });

  test('does not take a queue that empties slowly for the usual delay', () => {
    const emptying = (state: AdaptationState, i: number) =>
      feedback(state.bitrate, { minDelayUs: 1_000_000 - 15_000 * i });
    const { state, changes } = after(50, emptying, calmAt(4e6));
    expect(state.baseDelayUs).toBeLessThan(21_000);
    expect(changes.every(({ why }) => !why!.includes('no queue'))).toBe(true);
  });

  test('is taken over with a pause where frames are lost: a keyframe needs an empty queue', () => {
    const { changes } = after(6, () => feedback(4e6, { framesLost: 6, framesReceived: 1 }), calmAt(4e6));
    const { pauseUs } = changes[0]!;
    expect(pauseUs).toBeGreaterThan(100_000);
    expect(pauseUs).toBeLessThanOrEqual(400_000);
  });

  test('waits for the effect of a step before the next', () => {
    const full = (state: AdaptationState) => feedback(state.bitrate, {}, { framesFull: 1 });
    expect(after(3, full, calmAt(4e6)).changes).toHaveLength(1);
    expect(after(9, full, calmAt(4e6)).changes).toHaveLength(3);
  });

  test('goes up once it is calm, within ten seconds from a quarter, and never beyond what was asked for', () => {
    const { changes } = after(100, calm, { ...calmAt(1e6), calmUs: 0 });
    expect(changes.at(-1)!.bitrate).toBe(BOUNDS.maxBitrate);
    for (const [i, { bitrate }] of changes.entries())
      expect(bitrate! / (changes[i - 1]?.bitrate ?? 1e6)).toBeLessThan(1.25);
  });

  test('goes up slowly about the rate at which the link was full', () => {
    // Some queue, so that nothing says that the link is wider now.
    const busy = (state: AdaptationState) => feedback(state.bitrate, { minDelayUs: 55_000 });
    const { state } = after(10, busy, calmAt(1e6), { ...BOUNDS, maxBitrate: 1e6 });
    expect(after(20, busy, { ...state, linkRate: 1.05e6 }).state.bitrate).toBeLessThan(1.15e6);
    expect(after(20, busy, { ...state, linkRate: null }).state.bitrate).toBeGreaterThan(1.2e6);
  });

  test('is not tried upwards by a stream that does not use what it has', () => {
    expect(after(200, () => feedback(100_000), calmAt(1e6)).state.bitrate).toBeLessThan(1.2e6);
  });

  test('changes seldom and by much where each change costs a keyframe', () => {
    const bounds = { ...BOUNDS, smallestStep: 0.25 };
    const { changes } = after(100, calm, calmAt(1e6), bounds);
    expect(changes.length).toBeLessThanOrEqual(8);
    for (const [i, { bitrate }] of changes.slice(0, -1).entries())
      expect(bitrate! / (changes[i - 1]?.bitrate ?? 1e6)).toBeGreaterThanOrEqual(1.249);
  });
});

describe('frame rate and size', () => {
  test('go down, the frame rate first, where encoding takes longer than a frame lasts', () => {
    const slow = (state: AdaptationState) => feedback(state.bitrate, {}, { workUs: 200_000 });
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
      feedback(state.bitrate, {}, { workUs: i % 5 === 0 ? 60_000 : 8_000 });
    expect(after(100, once).changes).toEqual([]);
  });

  test('come back where there is time again, and do not swing', () => {
    const state: AdaptationState = { ...startAdaptation(BOUNDS), rateScale: 0.5, sizeScale: 0.75 };
    const { changes } = after(600, calm, state);
    expect(changes.at(-1)!.state).toMatchObject({ rateScale: 1, sizeScale: 1 });
    expect(changes).toHaveLength(3);
  });

  test('of a picture follow a low bitrate down, and up again with it', () => {
    const starved = after(60, (state) => feedback(state.bitrate), calmAt(300_000));
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
    fc.property(reports, fc.option(fc.nat(1e6)), fc.nat(3), (all, workUs, framesFull) => {
      let state = startAdaptation(BOUNDS);
      for (const report of all) {
        const adapted = adapt(state, feedback(0, report, { workUs, beforeUs: workUs, framesFull }), BOUNDS);
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

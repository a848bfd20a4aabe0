import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PassedFrameMatch } from './passed-frames.ts';

const FRAME_US = 33_333;
const WAY_US = 8_000;

interface Frame {
  readonly stream: string;
  readonly frame: number;
  readonly bytes: number;
  readonly atUs: number;
}

/** What happens to a frame on its way: told and seen, or only one of it. */
type Fate = 'both' | 'told' | 'seen';

function matcher() {
  const matched: string[] = [];
  const work = new PassedFrameMatch((stream, frame, firstUs) => matched.push(`${stream} ${frame} at ${firstUs}`));
  return { work, matched };
}

const tell = (work: PassedFrameMatch, frames: readonly Frame[], nowUs: number) => {
  for (const stream of new Set(frames.map((each) => each.stream))) {
    const own = frames.filter((each) => each.stream === stream);
    work.told(
      { stream, frame: own.map((f) => f.frame), bytes: own.map((f) => f.bytes), atUs: own.map((f) => f.atUs) },
      nowUs,
    );
  }
};
const see = (work: PassedFrameMatch, { bytes, atUs }: Frame) =>
  work.seen({ bytes, firstUs: atUs + WAY_US, lastUs: atUs + WAY_US + 500 });
const named = ({ stream, frame, atUs }: Frame) => `${stream} ${frame} at ${atUs + WAY_US}`;

/** Sends frames through in their time; the sender's word comes in batches, later or earlier than the frame itself. */
function run(frames: readonly Frame[], fateOf: (i: number) => Fate, batch: number, lateUs: number) {
  const { work, matched } = matcher();
  const events: { readonly atUs: number; readonly run: () => void }[] = [];
  const told = frames.filter((_, i) => fateOf(i) !== 'seen');
  for (let i = 0; i < told.length; i += batch) {
    const some = told.slice(i, i + batch);
    const atUs = Math.max(some.at(-1)!.atUs + lateUs, 0);
    events.push({ atUs, run: () => tell(work, some, atUs) });
  }
  for (const [i, frame] of frames.entries())
    if (fateOf(i) !== 'told') events.push({ atUs: frame.atUs + WAY_US + 500, run: () => see(work, frame) });
  for (const event of events.toSorted((one, other) => one.atUs - other.atUs)) event.run();
  work.settle((frames.at(-1)?.atUs ?? 0) + 3e6);
  return { work, matched };
}

const sizes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 20, maxLength: 150 });
const fates = fc.array(fc.constantFrom<Fate>('both', 'both', 'both', 'told', 'seen'), {
  minLength: 150,
  maxLength: 150,
});
const batches = fc.integer({ min: 1, max: 40 });
const late = fc.integer({ min: -200_000, max: 2_000_000 });

const framesOf = (bytes: readonly number[], restartAt = Infinity): Frame[] =>
  bytes.map((size, i) => ({
    stream: i < restartAt ? 'video' : 'video 2',
    frame: i < restartAt ? i : i - restartAt,
    bytes: size,
    atUs: i * FRAME_US,
  }));

test('where sizes differ, every frame that both sides have is matched rightly, a sender that was started anew included', () => {
  fc.assert(
    fc.property(fates, batches, late, fc.integer({ min: 0, max: 150 }), (fate, batch, lateUs, restartAt) => {
      const frames = framesOf(
        fate.map((_, i) => 1_000 + i),
        restartAt,
      );
      const { matched } = run(frames, (i) => fate[i]!, batch, lateUs);
      expect(matched).toEqual(frames.filter((_, i) => fate[i] === 'both').map(named));
    }),
    { numRuns: 60 },
  );
});

test('whatever the sizes, matches are of the same size, in order, and nothing is matched twice', () => {
  fc.assert(
    fc.property(sizes, fates, batches, late, (bytes, fate, batch, lateUs) => {
      const frames = framesOf(bytes);
      const { matched } = run(frames, (i) => fate[i]!, batch, lateUs);
      const pairs = matched.map((text) => /^video (\d+) at (\d+)$/.exec(text)!.slice(1).map(Number));
      const place = (us: number) => (us - WAY_US) / FRAME_US;
      for (const [i, [frame, us]] of pairs.entries()) {
        expect(frames[frame!]!.bytes).toBe(frames[Math.round(place(us!))]!.bytes);
        if (i === 0) continue;
        expect(frame).toBeGreaterThan(pairs[i - 1]![0]!);
        expect(us).toBeGreaterThan(pairs[i - 1]![1]!);
      }
    }),
    { numRuns: 60 },
  );
});

test('with few sizes nearly all are matched still, and most of them to the right frame', () => {
  const bytes = Array.from({ length: 600 }, (_, i) => 100 + ((i * 7919) % 13));
  const frames = framesOf(bytes);
  // Every 17th is dropped on its way.
  const { matched } = run(frames, (i) => (i % 17 === 16 ? 'told' : 'both'), 10, 300_000);
  const right = new Set(frames.map(named));
  expect(matched.length).toBeGreaterThan(0.9 * 565);
  expect(matched.filter((text) => right.has(text)).length).toBeGreaterThan(0.9 * matched.length);
});

test('a second client sees each frame once more: each is matched once', () => {
  const frames = framesOf(Array.from({ length: 100 }, (_, i) => 1_000 + i));
  const { work, matched } = matcher();
  for (const frame of frames) {
    see(work, frame);
    see(work, { ...frame, atUs: frame.atUs + 1_000 });
  }
  tell(work, frames, 100 * FRAME_US);
  work.settle(100 * FRAME_US + 2e6);
  expect(matched).toEqual(frames.map(named));
});

test('what never comes takes a bounded room, and no longer than some seconds', () => {
  const { work, matched } = matcher();
  for (let i = 0; i < 5_000; i++) see(work, { stream: '', frame: i, bytes: 1, atUs: i * 100 });
  expect(work.waiting).toBe(2_048);
  for (let i = 0; i < 3_000; i++) tell(work, [{ stream: 'video', frame: i, bytes: 2, atUs: i * 100 }], i * 100);
  expect(work.waiting).toBeLessThanOrEqual(4_096);
  work.settle(10e6);
  expect(work.waiting).toBe(0);
  expect(matched).toEqual([]);
});

test('a frame is not taken for one that was encoded long after it', () => {
  const { work, matched } = matcher();
  see(work, { stream: '', frame: 0, bytes: 7, atUs: 0 });
  tell(work, [{ stream: 'video', frame: 9, bytes: 7, atUs: 1e6 }], 1e6);
  see(work, { stream: '', frame: 0, bytes: 7, atUs: 1e6 });
  work.settle(3e6);
  expect(matched).toEqual([`video 9 at ${1e6 + WAY_US}`]);
});

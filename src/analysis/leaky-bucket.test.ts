import fc from 'fast-check';
import { expect, test } from 'vitest';
import { leakyBucket, MAX_NAMED_UNDERFLOWS, type BucketLimits } from './leaky-bucket.ts';

/** Frames of so many bits, one a second. */
function eachSecond(bits: readonly number[], limits: BucketLimits) {
  return leakyBucket(
    bits.map((each) => each / 8),
    bits.map((_, second) => second),
    limits,
  );
}

const limits: BucketLimits = { maxBitrate: 800, bufferBits: 1600, initialFullness: 1 };

test('a stream that takes what arrives never underflows, whatever it began with', () => {
  expect(eachSecond([800, 800, 800, 800], limits)).toEqual({ underflows: 0, first: [], worst: null, lowestBits: 800 });
  expect(eachSecond([800, 800, 800], { ...limits, initialFullness: 0.5 }).lowestBits).toBe(0);
});

test('a frame larger than what is there underflows by the difference', () => {
  const result = eachSecond([1600, 1000, 800], limits);
  expect(result.first).toEqual([
    { frame: 1, bits: 200 },
    { frame: 2, bits: 200 },
  ]);
  expect(result.lowestBits).toBe(-200);
});

test('a deficit is carried on until small frames make it up', () => {
  const result = eachSecond([1600, 1200, 600, 600, 400], limits);
  // 0, -400, -200, 0, 400
  expect(result.first.map(({ frame }) => frame)).toEqual([1, 2]);
  expect(result.worst).toEqual({ frame: 1, bits: 400 });
});

test('a full buffer takes no more: what could have arrived meanwhile is lost', () => {
  // 1600 - 8, full again, full again, and then two large frames.
  expect(eachSecond([8, 8, 8, 1600, 808], limits).first).toEqual([{ frame: 4, bits: 8 }]);
});

test('chunks that are each compliant underflow when they are joined, and not when each begins half full', () => {
  // Begins with a full buffer and leaves it empty: twice what arrives.
  const chunk = [1600, 800];
  const gentle = [800, 800];
  expect(eachSecond(chunk, limits).underflows).toBe(0);
  expect(eachSecond([...chunk, ...chunk], limits).first[0]).toEqual({ frame: 2, bits: 800 });
  expect(eachSecond([...gentle, ...gentle], { ...limits, initialFullness: 0.5 }).underflows).toBe(0);
});

test('frames that come at uneven times get what arrives between them', () => {
  const { first } = leakyBucket([200, 100, 100], [0, 0.5, 3], limits);
  expect(first).toEqual([{ frame: 1, bits: 400 }]);
});

test('names the first underflows and counts them all', () => {
  const result = eachSecond(
    Array.from({ length: 3 * MAX_NAMED_UNDERFLOWS }, () => 1601),
    limits,
  );
  expect(result.first).toHaveLength(MAX_NAMED_UNDERFLOWS);
  expect(result.underflows).toBe(3 * MAX_NAMED_UNDERFLOWS - 1 + 1);
  expect(result.worst?.frame).toBe(3 * MAX_NAMED_UNDERFLOWS - 1);
});

const stream = fc.array(fc.record({ bytes: fc.integer({ min: 1, max: 400 }), after: fc.integer({ min: 1, max: 5 }) }), {
  minLength: 1,
  maxLength: 60,
});
const bucket = fc.record({
  maxBitrate: fc.integer({ min: 100, max: 2000 }),
  bufferBits: fc.integer({ min: 100, max: 4000 }),
  initialFullness: fc.constantFrom(0, 0.25, 0.5, 0.75, 1),
});
type Frames = readonly { readonly bytes: number; readonly after: number }[];

function run(frames: Frames, { ...options }: BucketLimits) {
  const times: number[] = [];
  for (const { after } of frames) times.push((times.at(-1) ?? 0) + after);
  return {
    times,
    ...leakyBucket(
      frames.map((frame) => frame.bytes),
      times,
      options,
    ),
  };
}

/** Fullness in closed form: the least of the line from the beginning and of the lines from each moment at which it was full. */
function closedForm(
  frames: Frames,
  times: readonly number[],
  { maxBitrate, bufferBits, initialFullness }: BucketLimits,
) {
  const taken = (from: number, to: number) => frames.slice(from, to).reduce((sum, { bytes }) => sum + 8 * bytes, 0);
  return frames.map((_, frame) => {
    const lines = [initialFullness * bufferBits + maxBitrate * (times[frame]! - times[0]!) - taken(0, frame + 1)];
    for (let full = 1; full <= frame; full++)
      lines.push(bufferBits + maxBitrate * (times[frame]! - times[full]!) - taken(full, frame + 1));
    return Math.min(...lines);
  });
}

test('law: the fullness is what its closed form says', () => {
  fc.assert(
    fc.property(stream, bucket, (frames, options) => {
      const result = run(frames, options);
      const fullness = closedForm(frames, result.times, options);
      const expected = fullness.flatMap((bits, frame) => (bits < 0 ? [{ frame, bits: -bits }] : []));
      expect(result.first).toEqual(expected);
      expect(result.lowestBits).toBe(Math.min(options.initialFullness * options.bufferBits, ...fullness));
    }),
  );
});

test('law: a faster arrival, and a fuller or larger buffer, never make a frame late', () => {
  fc.assert(
    fc.property(stream, bucket, fc.integer({ min: 0, max: 1000 }), (frames, options, more) => {
      const before = run(frames, options).lowestBits;
      const initialBits = options.initialFullness * options.bufferBits;
      const larger = options.bufferBits + more;
      expect(run(frames, { ...options, maxBitrate: options.maxBitrate + more }).lowestBits).toBeGreaterThanOrEqual(
        before,
      );
      const sameStart = { ...options, bufferBits: larger, initialFullness: initialBits / larger };
      expect(run(frames, sameStart).worst?.bits ?? 0).toBeLessThanOrEqual(
        (run(frames, options).worst?.bits ?? 0) + 1e-9,
      );
      expect(run(frames, { ...options, initialFullness: 1 }).underflows).toBeLessThanOrEqual(
        run(frames, options).underflows,
      );
    }),
  );
});

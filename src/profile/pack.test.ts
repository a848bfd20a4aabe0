// Packed profiles: what comes out is what went in, and what is no packed profile is refused.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Profile } from '#core/profile';
import { PackError } from './pack-columns.ts';
import { packProfile, unpackProfile } from './pack.ts';
import { ProfileBuilder } from './profile-builder.ts';

const HEADER = {
  tool: 'perf 6.1.192',
  file: null,
  clock: 'monotonic',
  startNs: 5_000_000_000_000,
  endNs: 5_010_000_000_000,
  frequencyHz: 999,
  weightUnit: 'ns',
  sampleNs: 1_001_001,
  cpus: [0, 1],
  scope: 'system',
  stacks: 'frame-pointers',
  lost: 3,
  throttled: null,
  overheadCpuS: 0.125,
  absent: ['scheduler events: not allowed'],
  quality: [{ library: 'libx264.so', samples: 10, named: 7, rooted: 9, todo: 'build it with symbols' }],
} as const satisfies Omit<Profile['header'], 'version'>;

const time = fc.oneof(
  fc.integer({ min: 0, max: 1e15 }),
  fc.double({ min: -1e18, max: 1e18, noNaN: true }),
  fc.constant(-0),
);
const below = (count: number) => fc.nat({ max: count - 1 });

/** Functions, stacks and threads first; samples, stays and losses of those. */
const profiles = fc
  .record({
    names: fc.array(fc.tuple(fc.string({ unit: 'binary' }), fc.string()), { minLength: 1, maxLength: 12 }),
    calls: fc.array(fc.tuple(fc.nat(), fc.nat()), { minLength: 1, maxLength: 20 }),
    threads: fc.array(fc.tuple(fc.integer(), fc.integer(), fc.string(), fc.string()), { minLength: 1, maxLength: 5 }),
    isWeighted: fc.boolean(),
    isWatched: fc.boolean(),
  })
  .chain((shape) =>
    fc.record({
      shape: fc.constant(shape),
      samples: fc.array(
        fc.tuple(
          time,
          fc.integer({ min: -1, max: 32767 }),
          below(shape.threads.length),
          below(shape.calls.length),
          time,
        ),
        { maxLength: 30 },
      ),
      spans: fc.array(
        fc.tuple(time, fc.nat({ max: 1e12 }), fc.oneof(fc.constant(NaN), time), below(shape.threads.length)),
        { maxLength: 10 },
      ),
      losses: fc.array(fc.tuple(time, fc.nat({ max: 1e6 })), { maxLength: 3 }),
    }),
  )
  .map(({ shape, samples, spans, losses }) => {
    const builder = new ProfileBuilder();
    const functions = shape.names.map(([name, library]) => builder.function(name, library, 'user', 'symbols'));
    const nodes: number[] = [];
    for (const [parent, called] of shape.calls)
      nodes.push(builder.stacks.add(nodes[parent % (nodes.length + 1)] ?? -1, functions[called % functions.length]!));
    for (const thread of shape.threads) builder.addThread(...thread);
    for (const [at, cpu, thread, stack, weight] of samples)
      builder.addSample(
        at,
        cpu,
        thread,
        stack % 3 === 0 ? -1 : nodes[stack]!,
        stack % 5,
        shape.isWeighted ? weight : undefined,
      );
    if (shape.isWatched) builder.expectSpans();
    for (const [startNs, took, readyNs, thread] of shape.isWatched ? spans : [])
      builder.addSpan({ startNs, endNs: startNs + took, cpu: 1, thread, left: 2, stack: -1, readyNs, waker: -1 });
    for (const [at, count] of losses) builder.addLoss(at, 0, count);
    return builder.finish(HEADER);
  });

describe('a packed profile', () => {
  test('is the same profile again, to the last bit', () => {
    fc.assert(
      fc.property(profiles, (profile) => {
        expect(unpackProfile(packProfile(profile))).toStrictEqual(profile);
      }),
      { numRuns: 150 },
    );
  });

  test('of samples some hundred microseconds apart takes about ten bytes for each', () => {
    const builder = new ProfileBuilder();
    const called = builder.function('encode', 'libx264.so', 'user', 'symbols');
    const thread = builder.addThread(1, 1, 'encodelab', 'encodelab');
    const stack = builder.stacks.add(-1, called);
    for (let i = 0; i < 10_000; i++) builder.addSample(5e15 + i * 500_500 + (i % 7) * 13, i % 2, thread, stack);
    expect(packProfile(builder.finish(HEADER)).length).toBeLessThan(100_000);
  });

  test('that was cut off, changed or made up is refused or whole, and nothing is made that was not paid for in bytes', () => {
    fc.assert(
      fc.property(profiles, fc.infiniteStream(fc.nat()), fc.nat({ max: 6 }), (profile, numbers, changes) => {
        const next = () => numbers.next().value!;
        const packed = packProfile(profile);
        for (let i = 0; i < changes; i++) packed[next() % packed.length] = next() & 0xff;
        const bytes = changes < 3 ? packed.subarray(0, next() % packed.length) : packed;
        expectWholeOrRefused(bytes);
      }),
      { numRuns: 400 },
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), expectWholeOrRefused), { numRuns: 200 });
  });

  test('of another version says so', () => {
    const bytes = packProfile(new ProfileBuilder().finish(HEADER));
    bytes[4] = 9;
    expect(() => unpackProfile(bytes)).toThrow('it was packed as version 9; this encodelab reads version 1');
    expect(() => unpackProfile(new TextEncoder().encode('PERFILE2 and more'))).toThrow('this is no packed profile');
  });

  test('whose stacks call each other in a ring is refused', () => {
    const builder = new ProfileBuilder();
    const called = builder.function('f', 'lib', 'user', 'symbols');
    builder.stacks.add(builder.stacks.add(-1, called), called);
    const profile = builder.finish(HEADER);
    const ring = { ...profile, stacks: { ...profile.stacks, parent: Int32Array.of(1, 0) } };
    expect(() => unpackProfile(packProfile(ring))).toThrow('the caller of a stack in it is not one that can be');
  });
});

function expectWholeOrRefused(bytes: Uint8Array): void {
  try {
    const { samples, stacks } = unpackProfile(bytes);
    expect(samples.timeNs.length + stacks.parent.length).toBeLessThanOrEqual(bytes.length);
  } catch (error) {
    expect(error).toBeInstanceOf(PackError);
  }
}

import { describe, expect, test } from 'vitest';
import { seededRandom } from '#analysis/random';
import type { ShapeRow } from '#core/shape';
import { sampleShape } from '../../../test/lab/sample-shapes.ts';
import { drawLogNormal } from '../simulate/draws.ts';
import { parseFleet } from '../simulate/fleet.ts';
import { advise } from './advise.ts';
import { adviseChunks } from './chunk-advice.ts';
import { adviseThreads } from './thread-advice.ts';

const FLEET = parseFleet('1*c16:16cpu,32GB');

describe('threads', () => {
  /** Six sources, each encoded with 2 and with 8 threads; 8 cost `factor` of the CPU. */
  function encodes({ factor = 1.3, noise = 0.02, sources = 6, change = {} as Partial<ShapeRow> } = {}): ShapeRow[] {
    const random = seededRandom(3);
    return Array.from({ length: sources }, (_, i) => {
      const cpuS = drawLogNormal(random, 40, 0.5);
      const row = (threads: number, times: number): ShapeRow =>
        sampleShape({
          id: `${i}/${threads}`,
          source: `source ${i}`,
          item: null,
          threads,
          cpuS: cpuS * times * drawLogNormal(random, 1, noise),
          durationS: (cpuS * times) / threads,
          memoryPeak: 3e8 + 2e7 * threads,
          ...change,
        });
      return [row(2, 1), row(8, factor)];
    }).flat();
  }

  test('fewer are advised where the same frames cost less CPU with them', () => {
    const [advice, ...others] = adviseThreads(encodes(), FLEET);
    expect(others).toEqual([]);
    expect(advice).toMatchObject({
      about: 'threads',
      what: 'encode libx264 medium of 1080 lines with 2 threads each instead of 8, and more at once',
      gain: { of: 'cpu' },
    });
    const { low, value, high } = advice!.gain.share;
    expect(low).toBeLessThanOrEqual(1 - 1 / 1.3);
    expect(high).toBeGreaterThanOrEqual(1 - 1 / 1.3);
    expect(value).toBeCloseTo(1 - 1 / 1.3, 1);
    expect(advice!.evidence[0]).toMatch(/^6 pairs of encodes of the same frames took 2\d\.\d % less CPU/);
  });

  test.each<[why: string, rows: ShapeRow[]]>([
    ['threads cost nothing', encodes({ factor: 1 })],
    ['they cost too little to matter', encodes({ factor: 1.04 })],
    ['more threads are better', encodes({ factor: 0.7 })],
    ['there are too few pairs', encodes({ sources: 4 })],
    ['the numbers spread too far to tell', encodes({ factor: 1.15, noise: 0.6 })],
    ['CPU was not measured', encodes({ change: { cpuS: null } })],
    ['encodes failed', encodes({ change: { outcome: 'failed' } })],
    ['rows are phases, not pieces', encodes({ change: { phase: 'encode' } })],
    ['the workers have no memory for so many at once', encodes({ change: { memoryPeak: 9e9 } })],
    ['memory was not measured, and may be too little', encodes({ change: { memoryPeak: null } })],
    ['the sources differ', encodes().map((row, i) => ({ ...row, source: `other ${i}` }))],
    ['the machines differ', encodes().map((row) => ({ ...row, machine: `of ${row.threads} threads` }))],
    ['the presets differ', encodes().map((row) => ({ ...row, preset: `p${row.threads}` }))],
  ])('none are advised where %s', (_, rows) => {
    expect(adviseThreads(rows, FLEET)).toEqual([]);
  });

  test('without a fleet memory is not asked for', () => {
    expect(adviseThreads(encodes({ change: { memoryPeak: null } }), null)).toHaveLength(1);
  });
});

describe('chunk length', () => {
  /** Chunks of 25 to 150 frames that cost `fixedS` each and 0.1 s a frame. */
  function chunks({ fixedS = 3, count = 120, longest = 150, noise = 0.1, change = {} as Partial<ShapeRow> } = {}) {
    const random = seededRandom(4);
    return Array.from({ length: count }, (_, i) => {
      const frames = 25 + (random() % (longest - 24));
      const cpuS = (fixedS + 0.1 * frames) * drawLogNormal(random, 1, noise);
      return sampleShape({ id: String(i), item: `encode/${i}`, frames, cpuS, durationS: cpuS / 2, ...change });
    });
  }

  test('longer chunks are advised where each costs much however short it is', () => {
    const [advice, ...others] = adviseChunks(chunks());
    expect(others).toEqual([]);
    expect(advice).toMatchObject({ about: 'chunks', gain: { of: 'cpu' } });
    // Of 3 s + 8.75 s on average half of the 3 s.
    const truth = 1.5 / 11.75;
    expect(advice!.gain.share.low).toBeLessThan(truth);
    expect(advice!.gain.share.high).toBeGreaterThan(truth);
  });

  test('advice of other ways of encoding can be told apart', () => {
    const change = (threads: number, preset: string) => chunks({ change: { threads, preset } });
    const told = adviseChunks([...change(1, 'slow'), ...change(2, 'slow'), ...change(1, 'fast')]);
    expect(told.map(({ what }) => what.replace(/ into .*/, ''))).toEqual([
      'cut libx264 slow crf 23 of 1080 lines with 1 thread',
      'cut libx264 slow crf 23 of 1080 lines with 2 threads',
      'cut libx264 fast crf 23 of 1080 lines with 1 thread',
    ]);
  });

  /** One title is harder, and cut shorter; nothing is lost by cutting. */
  const harder = [
    ...chunks({ fixedS: 0, longest: 55, change: { title: 'hard' } }).map((row) => ({ ...row, cpuS: row.cpuS! * 1.65 })),
    ...chunks({ fixedS: 0, change: { title: 'easy' } }).map((row) => ({
      ...row,
      frames: row.frames! + 50,
      cpuS: row.cpuS! + 5,
    })),
  ];

  test.each<[why: string, rows: ShapeRow[]]>([
    ['a title is harder to encode and cut shorter', harder],
    ['each title has its own length', harder.map((row) => ({ ...row, frames: row.title === 'hard' ? 24 : 96 }))],
    [
      'shorter pieces were encoded at another quality',
      harder.map((row) => ({ ...row, title: 'one', rateValue: row.title === 'hard' ? 18 : 30 })),
    ],
    ['chunks cost what their frames cost', chunks({ fixedS: 0 })],
    ['what each costs is little', chunks({ fixedS: 0.5 })],
    ['all are of nearly the same length', chunks({ longest: 40 })],
    ['there are too few', chunks({ count: 20 })],
    ['their cost spreads too far to tell', chunks({ noise: 1, count: 40 })],
    ['they are no encodes, which nobody cuts', chunks({ change: { kind: 'inspect' } })],
    ['they are runs and no chunks', chunks({ change: { item: null } })],
    ['frames are not known', chunks({ change: { frames: null } })],
    ['CPU was not measured', chunks({ change: { cpuS: null } })],
  ])('none are advised where %s', (_, rows) => {
    expect(adviseChunks(rows)).toEqual([]);
  });
});

test('no shapes and no fleet give no advice', () => {
  expect(advise([], null)).toEqual([]);
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Profile, ProfileHeader } from '#core/profile';
import { heatmapCells } from './heatmap-cells.ts';
import { Occupancy } from './occupancy.ts';
import { RunningSum } from './occupancy-sum.ts';
import { ProfileBuilder } from './profile-builder.ts';

const MS = 1e6;
const RUNS = { numRuns: 40 };

const HEADER: Omit<ProfileHeader, 'version'> = {
  tool: 'made',
  file: null,
  clock: 'monotonic',
  startNs: 0,
  endNs: 100 * MS,
  frequencyHz: 1000,
  weightUnit: 'ns',
  sampleNs: MS,
  cpus: [0, 1],
  scope: 'system',
  stacks: 'none',
  lost: 0,
  throttled: null,
  overheadCpuS: null,
  absent: [],
  quality: [],
};

interface Span {
  readonly cpu: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly thread?: number;
  readonly readyMs?: number;
}

/** 100 ms of two CPUs that are sampled each millisecond, but for what is missing. */
function made(
  spans: readonly Span[],
  options: {
    header?: Partial<ProfileHeader>;
    withSpans?: boolean;
    missing?: (cpu: number, ms: number) => boolean;
    lossMs?: number;
  } = {},
): Profile {
  const builder = new ProfileBuilder();
  const idle = builder.addThread(0, 0, 'swapper', 'swapper');
  const threads = ['a', 'b', 'c'].map((name, i) => builder.addThread(10 + (i >> 1), 11 + i, `p${i >> 1}`, name));
  for (let ms = 0; ms < 100; ms++) {
    for (const cpu of [0, 1]) {
      if (options.missing?.(cpu, ms) === true) continue;
      const now = ms + 0.5;
      const span = spans.find((one) => one.cpu === cpu && one.fromMs <= now && now < one.toMs);
      builder.addSample(now * MS, cpu, span === undefined ? idle : threads[span.thread ?? 0]!, -1);
    }
  }
  if (options.withSpans !== false) {
    builder.expectSpans();
    for (const { cpu, fromMs, toMs, thread = 0, readyMs = NaN } of spans)
      builder.addSpan({
        startNs: fromMs * MS,
        endNs: toMs * MS,
        cpu,
        thread: threads[thread]!,
        left: 0,
        stack: -1,
        readyNs: readyMs * MS,
        waker: -1,
      });
  }
  if (options.lossMs !== undefined) builder.addLoss(options.lossMs * MS, 0, 10);
  return builder.finish({ ...HEADER, ...options.header });
}

const cellsOf = (profile: Profile, cellMs = 10, fromMs = 0, count = 10) => {
  const occupancy = new Occupancy(profile);
  return heatmapCells([occupancy.all()], profile.header, fromMs * MS, cellMs * MS, count);
};
const inMs = (column: Float64Array) => [...column].map((ns) => Math.round(ns / 1e4) / 100);

test('a sum over time is that of every interval and event before the moment', () => {
  const interval = fc.tuple(fc.integer({ min: 0, max: 99 }), fc.integer({ min: 0, max: 30 }));
  fc.assert(
    fc.property(fc.array(interval, { maxLength: 40 }), fc.double({ min: -10, max: 150, noNaN: true }), (list, at) => {
      const starts = Float64Array.from(list.map(([from]) => from)).sort();
      const ends = Float64Array.from(list.map(([from, length]) => from + length)).sort();
      const taken = list.reduce((sum, [from, length]) => sum + Math.max(0, Math.min(length, at - from)), 0);
      expect(RunningSum.ofIntervals(starts, ends).at(at)).toBeCloseTo(taken, 6);
      expect(RunningSum.ofEvents(starts, 3).at(at)).toBe(3 * starts.filter((time) => time < at).length);
      expect(RunningSum.ofEvents(starts, ends).at(Infinity)).toBe(ends.reduce((sum, one) => sum + one, 0));
    }),
    { numRuns: 200 },
  );
});

test('spans are cut at the edges of cells, exactly', () => {
  const cells = cellsOf(
    made([
      { cpu: 0, fromMs: 5, toMs: 25 },
      { cpu: 1, fromMs: 18, toMs: 19 },
    ]),
  );
  expect(inMs(cells.busyNs)).toEqual([5, 11, 5, 0, 0, 0, 0, 0, 0, 0]);
  expect(inMs(cells.idleNs)).toEqual([15, 9, 15, 20, 20, 20, 20, 20, 20, 20]);
  expect(inMs(cells.capacityNs)[0]).toBe(20);
});

test('samples stand for their period where the scheduler was not watched', () => {
  const cells = cellsOf(made([{ cpu: 0, fromMs: 5, toMs: 25 }], { withSpans: false }));
  expect(inMs(cells.busyNs).slice(0, 4)).toEqual([5, 10, 5, 0]);
  expect(inMs(cells.idleNs).slice(0, 4)).toEqual([15, 10, 15, 20]);
  expect([...cells.readyNs].every(Number.isNaN)).toBe(true);
});

test('idle, stolen, lost and no data are told apart', () => {
  const spans = [{ cpu: 0, fromMs: 30, toMs: 60 }];
  const missing = (cpu: number, ms: number) => cpu === 0 && ((ms >= 40 && ms < 50) || (ms >= 70 && ms < 80));
  // A thread ran from 40 to 50 and nothing was sampled: stolen. From 70 to 80 the scheduler knows that none did.
  const seen = cellsOf(made(spans, { missing }));
  expect(inMs(seen.busyNs)).toEqual([0, 0, 0, 10, 0, 10, 0, 0, 0, 0]);
  expect(inMs(seen.stolenNs)).toEqual([0, 0, 0, 0, 10, 0, 0, 0, 0, 0]);
  expect(inMs(seen.noDataNs)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  expect(inMs(seen.idleNs)).toEqual([20, 20, 20, 10, 10, 10, 20, 20, 20, 20]);
  // The kernel said that it lost some: then that is what it was.
  const told = cellsOf(made(spans, { missing, lossMs: 80 }));
  expect(inMs(told.stolenNs)).toEqual([0, 0, 0, 0, 10, 0, 0, 10, 0, 0]);
  expect(inMs(told.noDataNs)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  // Without the scheduler both gaps are no data.
  const sampled = cellsOf(made(spans, { missing, withSpans: false }));
  expect(inMs(sampled.noDataNs)).toEqual([0, 0, 0, 0, 10, 0, 0, 10, 0, 0]);
});

test('a CPU whose idle time is never sampled is named', () => {
  const spans = [{ cpu: 1, fromMs: 0, toMs: 50 }];
  const missing = (cpu: number, ms: number) => cpu === 1 && ms >= 50;
  const sampled = made(spans, { missing, withSpans: false });
  expect(new Occupancy(sampled).blindCpus).toEqual([1]);
  expect(inMs(cellsOf(sampled).noDataNs)).toEqual([0, 0, 0, 0, 0, 10, 10, 10, 10, 10]);
  // The scheduler knows.
  expect(new Occupancy(made(spans, { missing })).blindCpus).toEqual([]);
  expect(inMs(cellsOf(made(spans, { missing })).idleNs)).toEqual([10, 10, 10, 10, 10, 20, 20, 20, 20, 20]);
});

test('before and after the profile there is no data, and a CPU that was never seen has none', () => {
  const cells = cellsOf(made([], { missing: (cpu) => cpu === 1 }), 20, -20, 7);
  expect(inMs(cells.noDataNs)).toEqual([40, 20, 20, 20, 20, 20, 40]);
});

test('with chosen processes alone nobody knows what else those CPUs did', () => {
  const profile = made([{ cpu: 0, fromMs: 0, toMs: 10 }], { header: { scope: 'processes' } });
  const cells = cellsOf(profile);
  expect(inMs(cells.busyNs)[0]).toBe(10);
  expect([...cells.idleNs].every(Number.isNaN)).toBe(true);
  // The thread itself was watched all the time.
  const [thread] = new Occupancy(profile).rows('thread');
  const own = heatmapCells([thread!], profile.header, 0, 10 * MS, 2);
  expect(inMs(own.idleNs)).toEqual([0, 10]);
});

test('who is ready and has no CPU stands in the run queue', () => {
  const cells = cellsOf(
    made([
      { cpu: 0, fromMs: 12, toMs: 20, readyMs: 8 },
      { cpu: 1, fromMs: 12, toMs: 20 },
    ]),
  );
  expect(inMs(cells.readyNs).slice(0, 3)).toEqual([2, 2, 0]);
});

test('rows by thread and process are the busiest first, and a rest', () => {
  const spans = [
    { cpu: 0, fromMs: 0, toMs: 10, thread: 0 },
    { cpu: 1, fromMs: 0, toMs: 30, thread: 1 },
    { cpu: 0, fromMs: 10, toMs: 15, thread: 2 },
  ];
  const occupancy = new Occupancy(made(spans));
  expect(occupancy.rows('thread').map(({ name }) => name)).toEqual(['b 12', 'a 11', 'c 13']);
  expect(occupancy.rows('thread', 1).map(({ name }) => name)).toEqual(['b 12', '2 other threads']);
  expect(occupancy.rows('process').map(({ name }) => name)).toEqual(['p0 10', 'p1 11']);
  expect(occupancy.rows('thread', 1)[1]!.running.total).toBe(15 * MS);
  expect(occupancy.rows('cpu').map(({ running }) => running.total / MS)).toEqual([15, 30]);
});

test('a phase has only its own times', () => {
  const profile = made([{ cpu: 0, fromMs: 0, toMs: 100 }]);
  const rows = new Occupancy(profile).phases([
    { name: 'open', fromNs: 0, toNs: 15 * MS },
    { name: 'encode', fromNs: 15 * MS, toNs: 35 * MS },
    { name: 'open', fromNs: 35 * MS, toNs: 40 * MS },
  ]);
  expect(rows.map(({ name }) => name)).toEqual(['open', 'encode']);
  const cells = heatmapCells(rows, profile.header, 0, 10 * MS, 5);
  expect(inMs(cells.capacityNs)).toEqual([20, 10, 0, 10, 0, 0, 10, 20, 10, 0]);
  expect(inMs(cells.busyNs)).toEqual([10, 5, 0, 5, 0, 0, 5, 10, 5, 0]);
});

const pieces = fc.array(fc.tuple(fc.integer({ min: 1, max: 20 }), fc.boolean(), fc.nat(2)), { maxLength: 12 });

/** Spans of a CPU one after the other, with what lies between them. */
function chain(cpu: number, parts: readonly (readonly [number, boolean, number])[]): Span[] {
  let at = 0;
  return parts.flatMap(([length, isBusy, thread]) => {
    const fromMs = at;
    at = Math.min(100, at + length);
    return isBusy && at > fromMs ? [{ cpu, fromMs, toMs: at, thread }] : [];
  });
}

test('every cell is busy, idle, stolen and without data in sum, at any zoom, and rows add up to all', () => {
  const gap = fc.tuple(fc.integer({ min: 0, max: 90 }), fc.integer({ min: 3, max: 30 }));
  const zoom = fc.tuple(fc.double({ min: -30, max: 90, noNaN: true }), fc.double({ min: 0.3, max: 40, noNaN: true }));
  fc.assert(
    fc.property(pieces, pieces, gap, zoom, fc.boolean(), (one, other, [from, length], [fromMs, cellMs], lost) => {
      const spans = [...chain(0, one), ...chain(1, other)];
      const missing = (cpu: number, ms: number) => cpu === 0 && ms >= from && ms < from + length;
      const profile = made(spans, { missing, ...(lost ? { lossMs: from + 1 } : {}) });
      const occupancy = new Occupancy(profile);
      const of = (rows: Parameters<typeof heatmapCells>[0]) =>
        heatmapCells(rows, profile.header, fromMs * MS, cellMs * MS, 7);
      const all = of([occupancy.all()]);
      const sums = all.busyNs.map((busy, i) => busy + all.idleNs[i]! + all.stolenNs[i]! + all.noDataNs[i]!);
      expect(furthest(sums, all.capacityNs)).toBeLessThan(1);
      for (const kind of ['cpu', 'thread', 'process'] as const) {
        const rows = of(occupancy.rows(kind, 1));
        const busy = new Float64Array(7);
        for (const [i, ns] of rows.busyNs.entries()) busy[i % 7]! += ns;
        expect(furthest(busy, all.busyNs), kind).toBeLessThan(1);
      }
    }),
    RUNS,
  );
});

/** Largest difference, nanoseconds. */
function furthest(one: Float64Array, other: Float64Array): number {
  return one.reduce((most, value, i) => Math.max(most, Math.abs(value - other[i]!)), 0);
}

test('rows by thread or process begin with the run’s own, however busy others are, and those are marked', () => {
  const spans = [
    { cpu: 0, fromMs: 0, toMs: 90, thread: 0 },
    { cpu: 1, fromMs: 0, toMs: 20, thread: 2 },
  ];
  const order = (header: Partial<ProfileHeader>, kind: 'thread' | 'process') =>
    new Occupancy(made(spans, { header })).rows(kind).map(({ name, isOwn }) => `${isOwn ? '*' : ''}${name}`);
  expect(order({ processes: [11] }, 'process')).toEqual(['*p1 11', 'p0 10']);
  expect(order({ processes: [11] }, 'thread')).toEqual(['*c 13', 'a 11']);
  // Nobody knows whose they are, or nothing else was watched.
  expect(order({}, 'process')).toEqual(['p0 10', 'p1 11']);
  expect(order({ processes: [11], scope: 'processes' }, 'process')).toEqual(['p0 10', 'p1 11']);
});

import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Profile, SpanTable } from '#core/profile';
import { packProfile, unpackProfile } from '#profile/pack';
import { ProfileSlices } from '#profile/profile-slices';
import { usedRows } from '#profile/used-rows';
import type { Image, Images } from '../image.ts';
import { perfRights } from '../record/perf-rights.ts';
import { GrowingPerfProfile } from './profile-from-perf.ts';

const { scope, noSwitches } = await perfRights();

/** Buffers of 16 KiB: perf reads them many times within the program, each time a round. */
const RECORD = ['record', '-q', '-m', '4', '-a', '-g', '-k', 'CLOCK_MONOTONIC', '-o', '-', '-c', '1'];
const EVENTS = ['-e', 'cpu-clock/freq=2000/', '-e', 'sched:sched_switch', '-e', 'sched:sched_wakeup'];
const PROGRAM = `${process.execPath} -e 'const end = Date.now() + 150; while (Date.now() < end);' & sleep 0.1; wait`;

/** Each page of a file is a function. */
const PAGES: Images = {
  file: (path) => pages(path, 'user'),
  kernel: () => pages('[kernel]', 'kernel'),
  vdso: () => pages('[vdso]', 'user'),
  perfMap: () => pages('[jit]', 'jit'),
};

describe.skipIf(scope !== 'system' || noSwitches !== null)('Slices of a profile (needs all that perf may do)', () => {
  let bytes: Buffer;
  let whole: Profile;
  beforeAll(async () => {
    bytes = execFileSync('perf', [...RECORD, ...EVENTS, '--', 'sh', '-c', PROGRAM], { maxBuffer: 2 ** 28 });
    const growing = new GrowingPerfProfile(PAGES);
    await growing.feed(bytes);
    whole = growing.end();
  });

  /** Cut after every so many bytes; packed, as they are sent. */
  async function slicesOf(pieceBytes: number): Promise<Profile[]> {
    const slices: Profile[] = [];
    const growing = new GrowingPerfProfile(PAGES);
    const take = () => {
      const slice = growing.slice();
      if (slice !== null) slices.push(unpackProfile(packProfile(usedRows(slice))));
    };
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      await growing.feed(bytes.subarray(at, at + pieceBytes));
      take();
    }
    growing.end();
    take();
    return slices;
  }

  test('Put together they are the whole, however they were cut', async () => {
    const { lost: lostSamples, lostEvents: lostOthers, ...headerOfWhole } = whole.header;
    const lostOfWhole = (lostSamples ?? 0) + (lostOthers ?? 0);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: Math.ceil(bytes.length / 30), max: bytes.length }), async (pieceBytes) => {
        const joined = new ProfileSlices();
        for (const slice of await slicesOf(pieceBytes)) joined.add(slice);
        const profile = joined.profile()!;
        expect(toldSamples(profile)).toEqual(toldSamples(whole));
        expect(toldSpans(profile)).toEqual(toldSpans(whole));
        expect(profile.spans!.startNs).toEqual(whole.spans!.startNs);
        // What is lost is told apart at the end of a file only: slices know the sum.
        const { lost, lostEvents, ...header } = profile.header;
        expect(header).toEqual({ ...headerOfWhole, quality: expect.anything() as unknown });
        expect((lost ?? 0) + (lostEvents ?? 0)).toBe(lostOfWhole);
        const counts = ({ header }: Profile) =>
          Object.fromEntries(header.quality.map(({ library, samples, rooted }) => [library, [samples, rooted]]));
        expect(counts(profile)).toEqual(counts(whole));
      }),
      { numRuns: 4 },
    );
  });

  test('A part of them is that part of the whole, with spans cut at its ends', async () => {
    const joined = new ProfileSlices();
    for (const slice of await slicesOf(Math.ceil(bytes.length / 20))) joined.add(slice);
    const { startNs, endNs } = whole.header;
    const [from, to] = [startNs + (endNs - startNs) * 0.3, startNs + (endNs - startNs) * 0.6];
    const part = joined.profile(from, to)!;
    expect(part.header).toMatchObject({ startNs: from, endNs: to });
    const inside = [...whole.samples.timeNs].filter((time) => time >= from && time <= to);
    expect([...part.samples.timeNs]).toEqual(inside);
    const spans = whole.spans!;
    const busy = (table: SpanTable) =>
      table.startNs.reduce((sum, at, i) => sum + Math.max(0, Math.min(to, table.endNs[i]!) - Math.max(from, at)), 0);
    expect(busy(part.spans!)).toBeCloseTo(busy(spans), 0);
    expect(Math.min(...part.spans!.startNs)).toBeGreaterThanOrEqual(from);
    expect(Math.max(...part.spans!.endNs)).toBeLessThanOrEqual(to);
  });

  test('What is dropped changes nothing of the rest', async () => {
    const slices = await slicesOf(Math.ceil(bytes.length / 30));
    const joined = new ProfileSlices();
    for (const slice of slices) joined.add(slice);
    expect(slices.length).toBeGreaterThan(2);
    const middle = slices[Math.floor(slices.length / 2)]!.header;
    const before = joined.profile(middle.startNs)!;
    joined.dropBefore(middle.startNs);
    const after = joined.profile(middle.startNs)!;
    expect(toldSamples(after)).toEqual(toldSamples(before));
    expect(toldSpans(after)).toEqual(toldSpans(before));
    expect(joined.profile()!.samples.timeNs.length).toBeLessThan(whole.samples.timeNs.length);
    expect(after.header).toEqual(before.header);
  });
});

function toldSamples({ samples, threads, stacks, functions, libraries }: Profile): string[] {
  const text = (stack: number): string =>
    stack < 0
      ? ''
      : `${text(stacks.parent[stack]!)};${libraries[functions.library[stacks.function[stack]!]!]} ${functions.name[stacks.function[stack]!]}`;
  return Array.from(samples.timeNs, (timeNs, i) =>
    [timeNs, samples.cpu[i], threads.thread[samples.thread[i]!], text(samples.stack[i]!)].join(' '),
  );
}

function toldSpans({ spans, threads }: Profile): string[] {
  const { startNs, endNs, cpu, thread, left, waker, readyNs } = spans!;
  return Array.from(startNs, (start, i) => {
    const by = waker[i]! < 0 ? '' : threads.thread[waker[i]!];
    return [start, endNs[i], cpu[i], threads.thread[thread[i]!], left[i], by, readyNs[i]].join(' ');
  }).toSorted();
}

function pages(library: string, kind: Image['kind']): Image {
  const functions = new Map<number, ReturnType<Image['find']>>();
  return {
    library,
    kind,
    todo: null,
    addressOf: (offset) => offset,
    find: (address) => {
      const start = Math.floor(address / 4096) * 4096;
      const found = functions.get(start) ?? { name: `page ${start}`, source: 'unwind', start, end: start + 4096 };
      functions.set(start, found);
      return found;
    },
    instructionAt: () => 1,
  };
}

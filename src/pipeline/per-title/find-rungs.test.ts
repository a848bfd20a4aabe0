import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Settings } from '#core/settings';
import type { PerTitle } from '#core/title';
import { checkedSource } from '../../../test/pipeline/planned.ts';
import { findRungs, type RunProbe } from './find-rungs.ts';
import { placeRungs, type ProbePoint } from './place-rungs.ts';
import { probePieces } from './probe-pieces.ts';

const perTitle: PerTitle = {
  metric: 'xpsnr',
  encoders: [{ encoder: 'libx264', preset: 'fast' }],
  heights: [360, 720, 1080, 2160],
  rungs: 4,
  bitrate: [300_000, 4_800_000],
};
/** Small pictures are cheap and never get sharp; large ones are dear and can. */
const answer = (rung: Settings) => {
  const height = Number.parseInt(String(rung['resolution']), 10);
  const crf = Number(rung['crf']);
  const rate = 12 * height ** 1.6 * 2 ** ((38 - crf) / 6);
  const sharpest = 30 + 6 * Math.log2(height / 180);
  return { rate, quality: sharpest - 18 * 2 ** ((crf - 40) / 8) };
};
const probed: RunProbe = (rung) => Promise.resolve(answer(rung));

test('rungs rise in rate and size, each the best that was probed near its rate', async () => {
  const { rungs, probes } = await findRungs(checkedSource(), perTitle, probed);
  expect(rungs).toHaveLength(4);
  const rates = rungs.map((rung) => answer(rung).rate);
  const wanted = [300_000, 755_953, 1_904_881, 4_800_000];
  for (const [index, rate] of rates.entries()) expect(rate / wanted[index]!).toBeCloseTo(1, 1);
  const heights = rungs.map(({ resolution }) => Number.parseInt(String(resolution), 10));
  expect(heights).toEqual(heights.toSorted((a, b) => a - b));
  expect(new Set(heights).size).toBeGreaterThan(1);
  for (const rung of rungs) {
    const { rate, quality } = answer(rung);
    // Whatever another size reaches at no more bits looks no better.
    for (const height of [360, 720, 1080])
      for (let crf = 16; crf <= 42; crf++) {
        const other = answer({ resolution: `${height}p`, crf });
        if (other.rate <= rate) expect(other.quality).toBeLessThan(quality + 0.6);
      }
  }
  expect(probes[0]!.points.every(({ height }) => height <= 1080)).toBe(true);
  expect(rungs[0]).toMatchObject({ encoder: 'libx264', preset: 'fast', bufsize: expect.any(Number) });
  expect(Number(rungs[3]!['maxrate'])).toBe(7_200_000);
});

test('qualities far above the highest rung are not probed', async () => {
  const asked: Settings[] = [];
  await findRungs(checkedSource(), { ...perTitle, bitrate: [100_000, 400_000] }, (rung) => {
    asked.push(rung);
    return probed(rung, []);
  });
  expect(asked.filter(({ resolution }) => resolution === '1080p')).toHaveLength(1);
  expect(asked.filter(({ resolution }) => resolution === '360p').length).toBeGreaterThan(2);
});

test('a larger size is probed no further down than to where a smaller one looks better, and the rungs stay the same', async () => {
  const { rungs, probes } = await findRungs(checkedSource(), perTitle, probed);
  const { points } = probes[0]!;
  const all = [360, 720, 1080].flatMap((height) =>
    [40, 34, 28, 23, 18].map((crf) => ({ ...answer({ resolution: `${height}p`, crf }), height, crf })),
  );
  expect(points.length).toBeLessThan(all.length);
  expect(points.filter(({ height }) => height === 360)).toHaveLength(5);
  const placed = placeRungs(all, perTitle.rungs, perTitle.bitrate);
  for (const [index, { height, crf }] of placed.entries()) {
    expect(rungs[index]!['resolution']).toBe(`${height}p`);
    expect(Number(rungs[index]!['crf'])).toBeCloseTo(crf, 0);
  }
});

test('an easy title has fewer rungs: those that gain nothing are left out', async () => {
  const flat: RunProbe = (rung) => Promise.resolve({ ...answer(rung), quality: 45 + answer(rung).quality / 1000 });
  expect((await findRungs(checkedSource(), perTitle, flat)).rungs).toHaveLength(1);
});

test('a small source is probed at the smallest height alone', async () => {
  const checked = checkedSource({ video: { width: 320, height: 180 } });
  const { probes } = await findRungs(checked, perTitle, probed);
  expect(new Set(probes[0]!.points.map(({ height }) => height))).toEqual(new Set([360]));
});

test('an encoder without a known scale is refused', async () => {
  const encoders = [{ encoder: 'mpeg4' }];
  await expect(findRungs(checkedSource(), { ...perTitle, encoders }, probed)).rejects.toThrow(
    /scale of quality is not known/,
  );
});

test('rungs lie within the rates that were asked for and that were probed, whatever the probes say', () => {
  const anyPoint = fc.record({
    height: fc.constantFrom(180, 360, 720),
    crf: fc.double({ min: 10, max: 50, noNaN: true }),
    rate: fc.double({ min: 1e4, max: 1e7, noNaN: true }),
    quality: fc.double({ min: 20, max: 60, noNaN: true }),
  });
  fc.assert(
    fc.property(
      fc.array(anyPoint, { minLength: 1, maxLength: 20 }),
      fc.integer({ min: 1, max: 8 }),
      (points: ProbePoint[], count) => {
        const placed = placeRungs(points, count, [1e5, 5e6]);
        expect(placed.length).toBeGreaterThan(0);
        expect(placed.length).toBeLessThanOrEqual(count);
        const rates = points.map(({ rate }) => rate);
        for (const [index, rung] of placed.entries()) {
          expect(rung.rate).toBeGreaterThanOrEqual(Math.min(...rates) * 0.999);
          expect(rung.rate).toBeLessThanOrEqual(Math.max(...rates) * 1.001);
          expect(Number.isFinite(rung.crf) && Number.isFinite(rung.quality)).toBe(true);
          if (index > 0) expect(rung.quality).toBeGreaterThan(placed[index - 1]!.quality);
        }
      },
    ),
  );
});

test('pieces are one from each quarter, and the one that is like its quarter', () => {
  const checked = checkedSource({ frames: 4000 });
  // The second quarter begins with a still and goes on busily: a piece of it is taken from where it is busy.
  checked.frames.temporal.fill(0, 1000, 1200);
  const pieces = probePieces(checked, 48);
  expect(pieces).toHaveLength(4);
  for (const [part, [first, last]] of pieces.entries()) {
    expect(last - first).toBe(47);
    expect(first).toBeGreaterThanOrEqual(1000 * part);
    expect(last).toBeLessThan(1000 * (part + 1));
  }
  expect(pieces[1]![1]).toBeGreaterThanOrEqual(1200);
  expect(probePieces(checkedSource({ frames: 300 }), 48)).toEqual([[0, 299]]);
});

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EncoderInfo } from '#core/encoder';
import type { CheckedSource } from '#core/source-check';
import type { Ladder } from '#core/title';
import { checkSource } from '#media/check-source';
import { engineOf } from '#media/engine';
import { planTitle } from '../plan-title.ts';
import { encodeProbe } from './encode-probe.ts';
import { titleLadder } from './title-ladder.ts';

const SOURCE = 'lavfi:mandelbrot=size=320x180:rate=24,trim=duration=2';
const folder = mkdtempSync(join(tmpdir(), 'probe-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const ladder: Ladder = {
  version: 1,
  name: 'found',
  gopS: 1,
  rungs: [],
  perTitle: {
    metric: 'xpsnr',
    encoders: [{ encoder: 'libx264', preset: 'ultrafast' }],
    heights: [180],
    rungs: 2,
    bitrate: [100_000, 400_000],
  },
  audio: [],
  protection: 'none',
};

let checked: CheckedSource;
let encoders: EncoderInfo[];
beforeAll(async () => {
  checked = await checkSource(SOURCE);
  encoders = await engineOf('bundled').discover({ only: ['libx264'], cacheFolder: folder });
});
const context = (pieces: string) => ({
  checked,
  source: SOURCE,
  ladder,
  encoders,
  folder: join(folder, pieces),
  cacheFolder: folder,
  signal: new AbortController().signal,
});

test(
  'a probe tells rate and quality of its pieces, the same each time; a smaller picture is sharper at no rate',
  { timeout: 240_000 },
  async () => {
    const probe = encodeProbe(context('probes'));
    const pieces = [
      [0, 11],
      [24, 35],
    ] as const;
    const rung = (resolution: string, crf: number) => ({ encoder: 'libx264', preset: 'ultrafast', resolution, crf });
    const good = await probe(rung('180p', 15), pieces);
    const poor = await probe(rung('180p', 40), pieces);
    const small = await probe(rung('90p', 15), pieces);
    expect(good.rate).toBeGreaterThan(3 * poor.rate);
    expect(good.quality).toBeGreaterThan(poor.quality + 5);
    expect(good.quality).toBeLessThan(60);
    // What scaling took away does not come back: it is compared at the size of the source.
    expect(small.quality).toBeLessThan(good.quality - 5);
    expect(await probe(rung('180p', 40), pieces)).toEqual(poor);
  },
);

test(
  'a title gets rungs of its own, which can be planned, and nothing is left of the probes',
  { timeout: 240_000 },
  async () => {
    const notes: string[] = [];
    const found = await titleLadder({ ...context('title'), onNote: (text) => notes.push(text) });
    expect(notes.length).toBeGreaterThanOrEqual(found.rungs.length);
    expect(notes[0]).toMatch(/^probe 1: libx264 180p crf \d+: .*bit\/s, xpsnr \d+\.\d\d dB$/);
    expect(found.rungs.length).toBeGreaterThan(0);
    expect(existsSync(join(folder, 'title'))).toBe(false);
    const plan = planTitle({ checked, ladder: found, chunkS: null, encoders });
    expect(plan.renditions.filter(({ kind }) => kind === 'video')).toHaveLength(found.rungs.length);
    const fixed = { ...ladder, perTitle: null, rungs: found.rungs };
    expect(await titleLadder({ ...context('fixed'), ladder: fixed })).toBe(fixed);
  },
);

import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CheckedSource } from '#core/source-check';
import type { ItemResult, Ladder, PlannedItem, TitlePlan } from '#core/title';
import { UserError } from '#core/user-error';
import { openLab, type Lab } from '#lab/lab';
import { checkSource } from '#media/check-source';
import { ffmpeg, hashOf, pictureHashes } from '../../../test/media/chunk-sources.ts';
import { ItemRuns } from '#run/item-runs';
import type { ItemContext } from '../item-work.ts';
import { encodersOf } from '../plan-ladder.ts';
import { planTitle } from '../plan-title.ts';
import { TitleFolder } from '../title-folder.ts';
import type { EncodeFacts } from './encode-facts.ts';
import { encodeItem } from './encode.ts';

const base = mkdtempSync(join(tmpdir(), 'encode-item-'));
const source = join(base, 'source.mp4');
let runs: ItemRuns;
let lab: Lab;
let checked: CheckedSource;
let plan: TitlePlan;

const ladder: Ladder = {
  version: 1,
  name: 'tried',
  gopS: 1,
  rungs: [
    { encoder: 'libx264', preset: 'ultrafast', resolution: 'source', qp: 0 },
    { encoder: 'libvpx-vp9', 'cpu-used': 8, deadline: 'realtime', resolution: '96x64', crf: 40, bitrate: 100_000 },
  ],
  perTitle: null,
  audio: [],
  protection: 'none',
};

beforeAll(async () => {
  lab = await openLab(join(base, 'lab'));
  runs = await ItemRuns.start({ lab, version: 'test' });
  const pictures = ['-f', 'lavfi', '-i', 'testsrc2=size=192x128:rate=24:duration=5', '-c:v', 'libx264'];
  ffmpeg(base, ...pictures, '-g', '40', '-x264-params', 'open-gop=1', 'source.mp4');
  checked = await checkSource(source);
  const encoders = await encodersOf(ladder, { cacheFolder: lab.cacheFolder, signal: new AbortController().signal });
  plan = planTitle({ checked, ladder, chunkS: 2, encoders });
});
afterAll(async () => {
  await runs.close();
  await lab.close();
  rmSync(base, { recursive: true });
});

async function contextOf(item: PlannedItem, more: Partial<ItemContext> = {}): Promise<ItemContext> {
  const folder = new TitleFolder(join(base, 'title'));
  await folder.make();
  return {
    lab,
    title: 'title',
    folder,
    source,
    checked,
    plan,
    item,
    publishTo: join(base, 'published'),
    runs,
    threads: 1,
    resultOf: () => Promise.reject(new Error('an encode needs no other item')),
    fix: (value) => Promise.resolve(value),
    signal: new AbortController().signal,
    ...more,
  };
}

/** Each try is a run of its own. */
const filesOf = ({ outputs }: ItemResult) =>
  outputs.map(({ rendition, hash, frames }) => ({ rendition, hash, frames }));
const encodes = () => plan.items.filter(({ kind }) => kind === 'encode');

test('the items of a title make every frame of it once, and leave nothing unfinished behind', async () => {
  const lossless = plan.renditions.find((each) => each.kind === 'video' && each.width === 192)!;
  const hashes: string[] = [];
  for (const item of encodes()) {
    const context = await contextOf(item);
    const { outputs, cpuS, checkCpuS, facts } = await encodeItem(context);
    const chunk = plan.chunks[item.chunk!]!;
    expect(outputs.map(({ rendition, frames }) => ({ rendition, frames }))).toEqual(
      item.renditions.map((rendition) => ({ rendition, frames: chunk.last - chunk.first + 1 })),
    );
    expect(cpuS).toBeGreaterThan(0);
    expect(checkCpuS).toBeGreaterThan(0);
    expect(Object.keys(facts)).toEqual(item.renditions);
    for (const { pictures } of Object.values(facts) as EncodeFacts[]) {
      expect(pictures!.headHash).toMatch(/^[0-9a-f]{64}$/);
      expect(pictures!.edges).toMatchObject({ absent: null, first: { length: 8 }, last: { length: 8 } });
    }
    const output = outputs.find(({ rendition }) => rendition === lossless.id);
    if (output === undefined) continue;
    expect(hashOf(readFileSync(context.folder.pathOf(output)))).toBe(output.hash);
    hashes.push(...pictureHashes(context.folder.pathOf(output)));
  }
  expect(plan.chunks.length).toBeGreaterThan(1);
  expect(hashes).toEqual(pictureHashes(source));
  expect(readdirSync(join(base, 'title', 'work'))).toEqual([]);
});

test('the same item makes the same file again, also together with others', async () => {
  const [item] = encodes();
  const once = await encodeItem(await contextOf(item!));
  const again = await encodeItem(await contextOf(item!));
  expect(filesOf(again)).toEqual(filesOf(once));
  const all = plan.renditions.map(({ id }) => id);
  const together = await encodeItem(await contextOf({ ...item!, renditions: all }));
  expect(filesOf(together)).toContainEqual(filesOf(once)[0]);
});

test('an item that is told to stop rejects with the reason, and one that is not of the plan with a mistake', async () => {
  const [item] = encodes();
  const reason = new Error('the lease is lost');
  await expect(encodeItem(await contextOf(item!, { signal: AbortSignal.abort(reason) }))).rejects.toBe(reason);
  await expect(encodeItem(await contextOf({ ...item!, chunk: 99 }))).rejects.toThrow(UserError);
});

test('a source that became another one is noticed, and nothing is kept of it', async () => {
  const pictures = ['-f', 'lavfi', '-i', 'testsrc2=size=192x128:rate=25:duration=5', '-c:v', 'libx264'];
  ffmpeg(base, ...pictures, 'other.mp4');
  const item = encodes().find(({ chunk }) => chunk === 1)!;
  const kept = readdirSync(join(base, 'title', 'pieces'));
  await expect(encodeItem(await contextOf(item, { source: join(base, 'other.mp4') }))).rejects.toThrow(/has changed/);
  expect(readdirSync(join(base, 'title', 'pieces'))).toEqual(kept);
});

import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Settings } from '#core/settings';
import type { CheckedSource } from '#core/source-check';
import type { ItemOutput, ItemResult, PlannedItem, TitlePlan, VideoRendition } from '#core/title';
import { UserError } from '#core/user-error';
import type { PlannedChunk } from '#media/assemble/check-joined';
import { hashOf } from '../../../test/media/chunk-sources.ts';
import { ENCODERS, makeChunks, makeSource, seenChunks } from '../../../test/media/joined-chunks.ts';
import type { ItemContext } from '../item-work.ts';
import { TitleFolder } from '../title-folder.ts';
import type { AssembleFacts } from './assemble-facts.ts';
import { assembleItem } from './assemble.ts';
import { bufferStart } from './buffer-start.ts';
import { outputTimes } from './output-times.ts';

const root = mkdtempSync(join(tmpdir(), 'assemble-item-'));
const LENGTHS = [36, 24];
const FRAMES = 60;
const CAP = '-crf 2 -maxrate 300k -bufsize 300k';
const rendition: VideoRendition = {
  kind: 'video',
  id: 'v1-h264-72',
  codec: 'h264',
  width: 128,
  height: 72,
  settings: { encoder: 'libx264', 'x264-params': 'stitchable=1' },
  passes: 1,
  maxBitrate: 300_000,
  bufferBits: 300_000,
};
let source = '';
let chunks: PlannedChunk[] = [];
let folder: TitleFolder;

beforeAll(async () => {
  source = makeSource(root, FRAMES);
  const made = makeChunks(source, root, 'chunk', `${ENCODERS['x264 with a pyramid of B-frames']} ${CAP}`, LENGTHS);
  chunks = await seenChunks(source, root, made);
});
afterAll(() => rmSync(root, { recursive: true }));

let outputs: ItemOutput[] = [];
beforeEach(async () => {
  folder = new TitleFolder(mkdtempSync(join(root, 'title-')));
  await folder.make();
  outputs = await Promise.all(
    chunks.map(({ file, frames }, index) => {
      copyFileSync(file, join(folder.path, `chunk-${index}.mp4`));
      return folder.keep(join(folder.path, `chunk-${index}.mp4`), 'mp4', {
        rendition: rendition.id,
        frames,
        run: null,
      });
    }),
  );
});

const encodes = chunksOf(LENGTHS).map(({ index }): PlannedItem => ({
  key: `encode/0000${index}/${rendition.id}`,
  kind: 'encode',
  needs: [],
  chunk: index,
  renditions: [rendition.id],
  costS: null,
}));
const item: PlannedItem = {
  key: `assemble/${rendition.id}`,
  kind: 'assemble',
  needs: encodes.map(({ key }) => key),
  chunk: null,
  renditions: [rendition.id],
  costS: null,
};

function chunksOf(lengths: readonly number[]) {
  let first = 0;
  return lengths.map((frames, index) => {
    const keyframes = Array.from({ length: frames / 12 }, (_, gop) => first + 12 * gop);
    const chunk = { index, first, last: first + frames - 1, keyframes, spatial: 0, temporal: 0, sourceBytes: 0 };
    first += frames;
    return chunk;
  });
}

function context(change: Partial<ItemContext> = {}): ItemContext {
  const timeBase = { num: 1, den: 12_288 };
  const plan = {
    source: { stream: 0, frames: FRAMES, timeBase, frameRate: { num: 24, den: 1 } },
    chunks: chunksOf(LENGTHS),
    renditions: [rendition],
    // The queue gives results in any order, and so may a plan.
    items: [...encodes.toReversed(), item],
  } as unknown as TitlePlan;
  const checked = {
    info: { video: { averageFrameRate: 24 } },
    frames: {
      pts: Float64Array.from({ length: FRAMES }, (_, frame) => 512 * frame),
      duration: new Float64Array(FRAMES).fill(512),
      key: Uint8Array.from({ length: FRAMES }, (_, frame) => (frame % 20 === 0 ? 1 : 0)),
    },
  } as unknown as CheckedSource;
  const resultOf = (key: string): Promise<ItemResult> => {
    const index = encodes.findIndex((encode) => encode.key === key);
    const output = outputs[index]!;
    const facts = { [rendition.id]: { pictures: chunks[index]!.pictures } };
    const other = { ...output, rendition: 'v2-h264-36', file: 'none' };
    return Promise.resolve({ outputs: [other, output], cpuS: 1, checkCpuS: 1, facts });
  };
  const signal = new AbortController().signal;
  const base = { folder, checked, plan, item, threads: 1, resultOf, signal };
  return { ...(base as unknown as ItemContext), ...change };
}

test('joins what the encodes made, keeps it by its hash, and tells of seams, keyframes and the buffer', async () => {
  const result = await assembleItem(context());
  const [output] = result.outputs;
  expect(result.outputs).toHaveLength(1);
  expect(output).toMatchObject({ rendition: rendition.id, frames: FRAMES, run: null });
  const bytes = readFileSync(folder.pathOf(output!));
  expect(output).toMatchObject({ hash: hashOf(bytes), bytes: bytes.length });
  expect(result.cpuS).toBeGreaterThan(0);
  expect(result.checkCpuS).toBeGreaterThan(0);
  const facts = result.facts as unknown as AssembleFacts;
  expect(facts).toMatchObject({ version: 1, chunks: 2, keyframes: 5, durationS: 2.5, reordering: 2 });
  expect(facts.seams).toMatchObject({ absent: null, dips: [], seams: [{ frame: 36 }] });
  // 90 % of the buffer was taken for granted twice.
  expect(facts.bucket).toMatchObject({ maxBitrate: 300_000, bufferBits: 300_000, initialFullness: 0.9 });
  expect(facts.bucket!.underflows).toBeGreaterThan(0);
  expect(facts.warnings).toEqual([expect.stringMatching(/^\d+ of 60 frames arrive late at 300000 bit\/s/)]);
  expect(readdirSync(join(folder.path, 'work'))).toEqual([]);
});

test('an attempt that is broken off leaves nothing that counts, and the next one makes the same bytes', async () => {
  const stop = new AbortController();
  const broken = assembleItem(context({ signal: stop.signal }));
  // Its child has only begun by then.
  setTimeout(() => stop.abort(new Error('the lease is lost')), 20);
  await expect(broken).rejects.toThrow('the lease is lost');
  expect(readdirSync(join(folder.path, 'pieces'))).toHaveLength(2);
  const first = await assembleItem(context());
  const second = await assembleItem(context());
  expect(second.outputs).toEqual(first.outputs);
});

test('a chunk whose file is gone, or holds other bytes of the same length, is refused for good', async () => {
  const [kept] = outputs;
  const bytes = readFileSync(folder.pathOf(kept!));
  bytes[bytes.length - 100]! ^= 1;
  writeFileSync(folder.pathOf(kept!), bytes);
  const changed = await assembleItem(context()).catch((reason: unknown) => reason);
  expect(changed).toBeInstanceOf(UserError);
  expect((changed as Error).message).toContain('chunk 0: the file is not what was made');
  rmSync(folder.pathOf(kept!));
  const gone = await assembleItem(context()).catch((reason: unknown) => reason);
  expect(gone).toBeInstanceOf(UserError);
  expect((gone as Error).message).toContain('the file of chunk 0 is gone');
});

test('a chunk that no item made is told', async () => {
  const needs = item.needs.slice(1);
  await expect(assembleItem(context({ item: { ...item, needs } }))).rejects.toThrow('no item made chunk 0');
});

test.each<[string, Settings, number]>([
  ['x264 by itself', { encoder: 'libx264' }, 0.9],
  ['a share', { encoder: 'libx264', 'x264-params': 'stitchable=1:vbv-init=0.5' }, 0.5],
  ['kilobits', { encoder: 'libx265', 'x265-params': 'vbv-init=250' }, 0.25],
  ['bits', { encoder: 'libx264', rc_init_occupancy: 400_000 }, 0.4],
  ['another encoder by itself', { encoder: 'libvpx-vp9' }, 0.75],
])('the buffer begins as the encoder was told: %s', (_, settings, share) => {
  expect(bufferStart({ settings }, 1_000_000)).toBe(share);
});

test('at a variable rate times are those of the source from its first frame on', () => {
  const plan = { source: { frameRate: null, timeBase: { num: 1, den: 1000 } } } as unknown as TitlePlan;
  const frames = { pts: Float64Array.of(500, 520, 600), duration: Float64Array.of(20, 80, 0) };
  expect(outputTimes(plan, { frames } as unknown as CheckedSource)).toEqual({
    timeBase: { num: 1, den: 1000 },
    pts: Float64Array.of(0, 20, 100),
    endPts: 150,
    frameTicks: 50,
    frameRate: null,
  });
});

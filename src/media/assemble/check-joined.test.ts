import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { leakyBucket } from '#analysis/leaky-bucket';
import { UserError } from '#core/user-error';
import {
  ENCODERS,
  GOP,
  jobOf,
  joinedOf,
  makeChunks,
  makeSource,
  seenChunks,
} from '../../../test/media/joined-chunks.ts';
import { checkJoined, type JoinedFile, type PlannedChunk } from './check-joined.ts';
import { joinChunks } from './join-chunks.ts';

const folder = mkdtempSync(join(tmpdir(), 'check-joined-'));
const at = (name: string) => join(folder, name);
const X264 = ENCODERS['x264 with a pyramid of B-frames'];
const LENGTHS = [36, 36, 36];
let source = '';
let chunks: PlannedChunk[] = [];
let good: JoinedFile;

beforeAll(async () => {
  source = makeSource(folder, 108);
  chunks = await seenChunks(source, folder, makeChunks(source, folder, 'good', X264, LENGTHS));
  good = await joinedFrom(chunks, 'good.mp4');
});
afterAll(() => rmSync(folder, { recursive: true }));

async function joinedFrom(made: readonly PlannedChunk[], name: string): Promise<JoinedFile> {
  const job = jobOf(made, at(name));
  const { reordering } = await joinChunks(job);
  return joinedOf(job, made, reordering);
}

function failure(joined: JoinedFile): Promise<Error> {
  return checkJoined(joined).then(
    () => new Error('nothing was found'),
    (reason: unknown) => reason as Error,
  );
}

test('one wrong bit in a packet is found', async () => {
  const bytes = readFileSync(good.file);
  const packet = readFileSync(chunks[1]!.file).subarray(2000, 2040);
  const place = bytes.indexOf(packet);
  expect(place).toBeGreaterThan(0);
  bytes[place + 20]! ^= 1;
  writeFileSync(at('bit.mp4'), bytes);
  const error = await failure({ ...good, file: at('bit.mp4') });
  expect(error).not.toBeInstanceOf(UserError);
  expect(error).toMatchObject({ message: expect.stringMatching(/frame \d+ differs from what its chunk holds/) });
});

test('a chunk that is there at another time is found', async () => {
  const later = chunks.map((chunk, index) => (index === 2 ? { ...chunk, startPts: 73 } : chunk));
  expect(await failure({ ...good, chunks: later })).toMatchObject({
    message: 'checking: the joined file: frame 72 is at 72 ticks instead of 73',
  });
});

test('frames that belong to no chunk are found', async () => {
  expect(await failure({ ...good, chunks: chunks.slice(0, 2) })).toMatchObject({
    message: expect.stringContaining('it holds more than the 72 frames of the chunks'),
  });
});

test('a keyframe that is not where it was planned is the chunks’ fault', async () => {
  const wished = chunks.map((chunk, i) => (i === 1 ? { ...chunk, keyframes: [36, 36 + GOP, 36 + GOP + 5] } : chunk));
  const error = await failure({ ...good, chunks: wished });
  expect(error).toBeInstanceOf(UserError);
  expect(error.message).toContain(`no keyframe stands at frame ${36 + GOP + 5}`);
});

test('frames that are shown at other times than planned are the chunks’ fault', async () => {
  const pts = Float64Array.from(good.pts).map((each, frame) => (frame > 50 ? each + 1 : each));
  const error = await failure({ ...good, pts });
  expect(error).toBeInstanceOf(UserError);
  expect(error.message).toContain('frame 51 is shown at 51 ticks where 52 are planned');
});

test('two blurred frames in front of a seam are told, and only those', async () => {
  const blurred = makeChunks(source, folder, 'blurred', X264, LENGTHS, (chunk) =>
    chunk === 1 ? ",boxblur=6:enable='gte(n,34)'" : '',
  );
  const joined = await joinedFrom(await seenChunks(source, folder, blurred), 'blurred.mp4');
  const { seams, seamsAbsent, comparedFrames } = await checkJoined(joined);
  expect(seamsAbsent).toBeNull();
  expect(seams.dips).toEqual([72]);
  expect(seams.seams[1]!.dip).toBeGreaterThan(seams.limit + 2);
  const [before, after] = [seams.seams[1]!.xpsnr.slice(0, 2), seams.seams[1]!.xpsnr.slice(2)];
  expect(Math.max(...(before as number[]))).toBeLessThan(Math.min(...(after as number[])));
  // The GOP of twelve frames either side of each of the two seams.
  expect(comparedFrames).toBe(12 + 24 + 12);
});

test('chunks that were exchanged before they were joined are found by their pictures', async () => {
  const [first, second, third] = chunks as [PlannedChunk, PlannedChunk, PlannedChunk];
  const exchanged = [first, { ...second, file: third.file }, { ...third, file: second.file }];
  const error = await failure(await joinedFrom(exchanged, 'exchanged.mp4'));
  expect(error).toBeInstanceOf(UserError);
  expect(error.message).toContain('chunk 1: its frames 0 to 11 are not the pictures that were seen when it was made');
});

test('one wrong bit in a chunk, which was joined with it, is found by its pictures', async () => {
  const bytes = readFileSync(chunks[2]!.file);
  // In the pictures of its first GOP, where a decoder takes any bits.
  bytes[bytes.indexOf('mdat') + 4000]! ^= 1;
  writeFileSync(at('flipped.mp4'), bytes);
  const flipped = [chunks[0]!, chunks[1]!, { ...chunks[2]!, file: at('flipped.mp4') }];
  const error = await failure(await joinedFrom(flipped, 'flipped-joined.mp4'));
  expect(error.message).toMatch(/chunk 2: its frames 0 to 11 are not the pictures|can't be decoded|is damaged/);
});

test('chunks that were not scored leave the seams unjudged, with the reason, and everything else is checked', async () => {
  const edges = { first: [], last: [], absent: "the source's pictures were not kept" };
  const unscored = chunks.map((chunk) => ({ ...chunk, pictures: { ...chunk.pictures!, edges } }));
  const check = await checkJoined({ ...good, chunks: unscored });
  expect(check.seamsAbsent).toBe("chunk 0: the source's pictures were not kept");
  expect(check.seams.seams.map(({ dip }) => dip)).toEqual([null, null]);
  expect(check.comparedFrames).toBe(12 + 24 + 12);
  const unseen = chunks.map((chunk, i) => (i === 1 ? { ...chunk, pictures: null } : chunk));
  const half = await checkJoined({ ...good, chunks: unseen });
  expect(half).toMatchObject({ seamsAbsent: 'chunk 1: it was not scored when it was made', comparedFrames: 12 + 12 });
});

test('a chunk that has gone meanwhile is told', async () => {
  copyFileSync(chunks[2]!.file, at('moved.mp4'));
  const moved = await joinedFrom(
    [chunks[0]!, chunks[1]!, { ...chunks[2]!, file: at('moved.mp4') }],
    'moved-joined.mp4',
  );
  rmSync(at('moved.mp4'));
  expect(await failure(moved)).toMatchObject({ message: expect.stringContaining('chunk 2: the file is gone') });
});

test('chunks of x264 that each keep to their cap underflow when they are joined', async () => {
  const [maxBitrate, bufferBits] = [300_000, 300_000];
  const capped = '-crf 8 -maxrate 300k -bufsize 300k';
  const made = makeChunks(source, folder, 'capped', `${X264} ${capped}`, LENGTHS);
  const { packets } = await checkJoined(await joinedFrom(made, 'capped.mp4'));
  const limits = { maxBitrate, bufferBits, initialFullness: 0.9 };
  const bucket = (from: number, to: number) =>
    leakyBucket(
      packets.bytes.subarray(from, to),
      Array.from({ length: to - from }, (_, frame) => frame / 24),
      limits,
    );
  for (const from of [0, 36, 72]) expect(bucket(from, from + 36).underflows).toBe(0);
  const whole = bucket(0, 108);
  expect(whole.underflows).toBeGreaterThan(0);
  // Behind the first seam: the first chunk left its buffer nearly empty.
  expect(whole.first[0]!.frame).toBeGreaterThanOrEqual(36);
});

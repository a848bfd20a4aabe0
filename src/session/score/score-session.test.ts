import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Frame, Packet } from 'node-av/lib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { QualityMetric } from '#core/quality';
import type { QualityBatch } from '#core/recording';
import { SourceFrames } from '#media/bundled/source-frames';
import { openInput } from '#media/open-input';
import { KeptFileWriter } from '../kept-writer.ts';
import type { MediaConfig } from '../transport/media.ts';
import { CLIP, ffmpeg } from '../../../test/quality/clips.ts';
import { scoreSession, type SessionQualityJob } from './score-session.ts';

const folder = mkdtempSync(join(tmpdir(), 'encodelab-session-score-'));
const at = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const FRAMES = 24;
const ROUNDS = 2;
const [WIDTH, HEIGHT] = [426, 240];
const LOSSLESS = ['-c:v', 'libx264', '-preset', 'ultrafast', '-qp', '0', '-bf', '0', '-g', '12'];
const source = at('source.mkv');
/** Lossless, so that what it shows is known; played twice. */
const exact = at('exact.kept');
const damaged = at('damaged.kept');
/** Frames are numbered by ticks: every third number is one whose frame was never captured. */
const tick = (index: number) => index + Math.floor(index / 2);
const DAMAGED = [7, 8];

beforeAll(async () => {
  const part = ['-ss', '10.8', '-i', CLIP, '-frames:v', String(FRAMES), '-an', '-vf', `scale=${WIDTH}:${HEIGHT}`];
  await ffmpeg(...part, '-c:v', 'ffv1', source);
  const looped = ['-stream_loop', String(ROUNDS - 1), '-i', source];
  await ffmpeg(...looped, ...LOSSLESS, at('exact.h264'));
  const box = `drawbox=x=20:y=20:w=120:h=80:color=red:t=fill:enable='between(n,${DAMAGED[0]},${DAMAGED[1]})'`;
  await ffmpeg('-i', source, '-vf', box, ...LOSSLESS, at('damaged.h264'));
  await keep(exact, [{ file: 'exact.h264', codec: 'h264' }]);
  await keep(damaged, [{ file: 'damaged.h264', codec: 'h264' }]);
});

interface Part {
  readonly file: string;
  readonly codec: string;
  readonly width?: number;
  readonly height?: number;
}

/** Packets of encoded files as a receiver keeps them. */
async function keep(path: string, parts: readonly Part[]): Promise<void> {
  const writer = await KeptFileWriter.open(path, { what: 'bitstream', stream: 'video' }, 1e9);
  let index = 0;
  for (const [config, { file, codec, width = WIDTH, height = HEIGHT }] of parts.entries()) {
    const media: MediaConfig = { config, codec, width, height, frameRate: 24, extraData: null };
    writer.config(media);
    const input = openInput(at(file));
    const packet = new Packet();
    packet.alloc();
    while (input.format.readFrameSync(packet) >= 0) {
      const key = packet.isKeyframe;
      // Told again with every keyframe, as over a lossy transport.
      if (key) writer.config(media);
      writer.frame(tick(index), index % FRAMES, 1e6 + index * 41_667, key, Buffer.from(packet.data!));
      index++;
      packet.unref();
    }
    packet.free();
    input.close();
  }
  expect((await writer.close()).cut).toBe(false);
}

const METRICS: readonly QualityMetric[] = ['psnr', 'ssim', 'xpsnr'];

async function score(job: Partial<SessionQualityJob>) {
  const values = new Map<string, Map<number, number>>();
  const sourceOf = new Map<number, number>();
  const scores = ({ metric, frame, sourceFrame, value, stream }: QualityBatch) => {
    expect(stream).toBe('video 2');
    const known = values.get(metric) ?? new Map<number, number>();
    values.set(metric, known);
    for (const [i, number] of frame.entries()) {
      known.set(number, value[i]!);
      sourceOf.set(number, sourceFrame[i]!);
    }
  };
  const whole = { received: exact, source, keptSources: null, metrics: METRICS, vmaf: null, pictures: null, ...job };
  const result = await scoreSession(whole, { scores, progress: () => undefined }, { stream: 'video 2' });
  return { result, values, sourceOf };
}

test('a stream that lost nothing is perfect in every frame, also when its source is played again', async () => {
  const { result, values, sourceOf } = await score({});
  expect(result).toMatchObject({
    ok: true,
    header: {
      scores: METRICS.map((metric) => ({ metric, frames: FRAMES * ROUNDS })),
      match: { width: WIDTH, height: HEIGHT, compared: FRAMES * ROUNDS, of: FRAMES * ROUNDS },
    },
  });
  expect([...values.get('psnr')!.keys()]).toEqual(Array.from({ length: FRAMES * ROUNDS }, (_, i) => tick(i)));
  for (const value of values.get('psnr')!.values()) expect(value).toBe(Infinity);
  for (const value of values.get('ssim')!.values()) expect(value).toBe(1);
  expect(sourceOf.get(tick(FRAMES + 3))).toBe(3);
});

test('damage lowers the scores of exactly the frames that have it, and they are kept as the worst pictures', async () => {
  const { result, values } = await score({ received: damaged, pictures: { folder, count: 1 } });
  for (const metric of ['psnr', 'ssim', 'xpsnr']) {
    const lower = [...values.get(metric)!].filter(([, value]) => value !== (metric === 'ssim' ? 1 : Infinity));
    expect(lower.map(([frame]) => frame)).toEqual(DAMAGED.map(tick));
  }
  if (!result.ok) throw new Error(result.reason);
  expect(DAMAGED.map(tick)).toContain(result.header.pictures[0]!.frame);
  expect(statSync(at(result.header.pictures[0]!.output)).size).toBeGreaterThan(1000);
});

test('every tenth source picture that was kept gives scores of those frames only, and says of how many', async () => {
  const kept = at('sources.kept');
  const writer = await KeptFileWriter.open(kept, { what: 'pictures', stream: 'video' }, 1e9);
  writer.config({ pixelFormat: 'yuv420p', width: WIDTH, height: HEIGHT });
  const frames = new SourceFrames(source, null);
  const picture = new Frame();
  picture.alloc();
  for (let index = 0; frames.next(picture); index++) {
    if (index % 10 === 0) writer.frame(tick(index), -1, 1e6, false, picture.toBuffer());
    picture.unref();
  }
  picture.free();
  frames.close();
  await writer.close();
  const { result, values } = await score({ source: null, keptSources: kept, received: damaged });
  expect(result).toMatchObject({
    ok: true,
    header: { match: { compared: 3, of: FRAMES, surplus: { count: 0 } } },
  });
  expect([...values.get('psnr')!]).toEqual([0, 10, 20].map((index) => [tick(index), Infinity]));
});

test('many large kept pictures keep what they show, also those that are held as the worst to the end', async () => {
  const [count, size] = [48, '1023x767'];
  const moving = at('moving.mkv');
  const kept = at('moving.sources.kept');
  const graph = `testsrc2=size=${size}:rate=30,format=yuv444p`;
  await ffmpeg('-f', 'lavfi', '-i', graph, '-frames:v', String(count), '-c:v', 'ffv1', moving);
  const box = "drawbox=x=20:y=20:w=300:h=80:color=gray:t=fill:enable='lt(n,4)'";
  await ffmpeg('-i', moving, '-vf', box, ...LOSSLESS, at('moving.h264'));
  const received = at('moving.kept');
  await keep(received, [{ file: 'moving.h264', codec: 'h264', width: 1023, height: 767 }]);
  const writer = await KeptFileWriter.open(kept, { what: 'pictures', stream: 'video' }, 1e9);
  writer.config({ pixelFormat: 'yuv444p', width: 1023, height: 767 });
  const frames = new SourceFrames(moving, null);
  const picture = new Frame();
  picture.alloc();
  for (let index = 0; frames.next(picture); index++) {
    // The writer holds no more than so many bytes that wait for the disk.
    while (!writer.frame(tick(index), -1, 1e6, false, picture.toBuffer())) await setTimeout(5);
    picture.unref();
  }
  picture.free();
  frames.close();
  expect((await writer.close()).cut).toBe(false);

  const folders = ['of-kept', 'of-played'].map(at);
  const pictures = folders.map((one) => ({ folder: one, count: 4 }));
  const job = { received, metrics: ['psnr'] as const };
  const ofKept = await score({ ...job, source: null, keptSources: kept, pictures: pictures[0]! });
  expect(ofKept.result).toMatchObject({ ok: true, header: { match: { compared: count, of: count } } });
  const psnr = [...ofKept.values.get('psnr')!.values()];
  expect(psnr.map((value) => value === Infinity)).toEqual(psnr.map((_, index) => index >= 4));
  const ofPlayed = await score({ ...job, source: moving, pictures: pictures[1]! });
  if (!ofKept.result.ok) throw new Error(ofKept.result.reason);
  const worst = ofKept.result.header.pictures;
  expect(worst[0]!.frame).toBeLessThan(tick(4));
  for (const one of worst) {
    const [shown, expected] = folders.map((path) => readFileSync(join(path, one.source)));
    expect(shown!.equals(expected!)).toBe(true);
  }
  expect(psnr.slice(0, FRAMES)).toEqual([...ofPlayed.values.get('psnr')!.values()].slice(0, FRAMES));
});

test('codec and size may change midway: smaller pictures are compared at the size of the source', async () => {
  await ffmpeg(
    '-i',
    source,
    '-vf',
    'scale=214:120',
    '-c:v',
    'libvpx',
    '-deadline',
    'realtime',
    '-b:v',
    '400k',
    at('small.ivf'),
  );
  await ffmpeg(
    '-i',
    source,
    '-c:v',
    'libvpx-vp9',
    '-deadline',
    'realtime',
    '-cpu-used',
    '8',
    '-b:v',
    '2M',
    at('vp9.ivf'),
  );
  const changed = at('changed.kept');
  const small = { file: 'small.ivf', codec: 'vp8', width: 214, height: 120 };
  await keep(changed, [{ file: 'damaged.h264', codec: 'h264' }, small, { file: 'vp9.ivf', codec: 'vp9' }]);
  const { result, values } = await score({ received: changed });
  expect(result).toMatchObject({ ok: true, header: { match: { compared: 3 * FRAMES, width: WIDTH } } });
  const mean = (from: number) => {
    const part = Array.from({ length: FRAMES }, (_, i) => values.get('ssim')!.get(tick(from + i))!);
    return part.reduce((sum, value) => sum + value, 0) / FRAMES;
  };
  expect(mean(0)).toBeGreaterThan(0.98);
  expect(mean(FRAMES)).toBeGreaterThan(0.5);
  expect(mean(FRAMES)).toBeLessThan(mean(2 * FRAMES));
  expect(mean(2 * FRAMES)).toBeLessThan(1);
});

test('a file that breaks off is scored up to its last whole frame', async () => {
  const torn = at('torn.kept');
  writeFileSync(torn, readFileSync(damaged));
  truncateSync(torn, statSync(torn).size - 5);
  expect((await score({ received: torn })).result).toMatchObject({
    ok: true,
    header: { match: { compared: FRAMES - 1, of: FRAMES - 1 } },
  });
});

test('a frame that can not be decoded is missing, and the others keep their scores', async () => {
  const broken = at('broken.kept');
  const writer = await KeptFileWriter.open(broken, { what: 'bitstream', stream: 'video' }, 1e9);
  writer.config({ config: 1, codec: 'ffv1', width: WIDTH, height: HEIGHT, frameRate: 24, extraData: null });
  await ffmpeg('-i', source, '-c:v', 'ffv1', '-level', '1', '-g', '1', '-y', at('intra.avi'));
  const input = openInput(at('intra.avi'));
  const packet = new Packet();
  packet.alloc();
  for (let index = 0; input.format.readFrameSync(packet) >= 0; index++) {
    writer.frame(index, index, index, true, index === 5 ? Buffer.from([0, 0, 0]) : Buffer.from(packet.data!));
    packet.unref();
  }
  packet.free();
  input.close();
  await writer.close();
  const { result, values } = await score({ received: broken });
  expect(result).toMatchObject({
    ok: true,
    header: { match: { compared: FRAMES - 1, missing: { count: 1, first: [5] } } },
  });
  expect(values.get('psnr')!.has(5)).toBe(false);
});

test('what can not be scored is a reason, in words', async () => {
  const reason = async (job: Partial<SessionQualityJob>) => {
    const { result } = await score(job);
    return result.ok ? 'no reason' : result.reason;
  };
  writeFileSync(at('garbage'), 'nothing of the kind, and longer than a header');
  writeFileSync(at('empty'), '');
  expect(await reason({ source: null })).toMatch(/live/);
  expect(await reason({ received: at('garbage') })).toMatch(/damaged|no file of kept frames/);
  expect(await reason({ received: at('empty') })).toMatch(/no frame/);
  expect(await reason({ received: at('nowhere') })).toMatch(/can't be read/);
  expect(await reason({ source: at('nowhere.mkv') })).toMatch(/source can't be opened/);
  expect(await reason({ keptSources: exact })).toMatch(/no pictures/);
});

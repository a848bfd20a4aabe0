import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UserError } from '#core/user-error';
import { ffmpeg, hashOf, pictureHashes } from '../../../test/media/chunk-sources.ts';
import {
  ENCODERS,
  GOP,
  jobOf,
  joinedOf,
  makeChunks,
  makeSource,
  packetTimes,
  seenChunks,
} from '../../../test/media/joined-chunks.ts';
import { checkJoined, type PlannedChunk } from './check-joined.ts';
import { joinChunks } from './join-chunks.ts';

const folder = mkdtempSync(join(tmpdir(), 'assemble-'));
const at = (name: string) => join(folder, name);
const LENGTHS = [18, 12, 19];
const FRAMES = 49;
const X264 = ENCODERS['x264 with a pyramid of B-frames'];
let source = '';
let chunks: PlannedChunk[] = [];

beforeAll(() => {
  source = makeSource(folder, FRAMES);
  chunks = makeChunks(source, folder, 'plain', X264, LENGTHS);
});
afterAll(() => rmSync(folder, { recursive: true }));

describe.each(Object.entries(ENCODERS))('chunks of %s', (name, encoder) => {
  test('are joined frame by frame, with times that go on over the seams', async () => {
    const made = await seenChunks(
      source,
      folder,
      makeChunks(source, folder, name.replaceAll(' ', '-'), encoder, LENGTHS),
    );
    const job = jobOf(made, at('joined.mp4'));
    const joined = await joinChunks(job);
    expect(joined.frames).toBe(FRAMES);
    const packets = packetTimes(job.output, 512);
    expect(packets.map(({ pts }) => pts).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: FRAMES }, (_, k) => k),
    );
    // Evenly spread, from as far below zero as frames are reordered: composition offsets are those of one encode.
    expect(packets.map(({ dts }) => dts)).toEqual(Array.from({ length: FRAMES }, (_, k) => k - joined.reordering));
    expect(packets.filter(({ key }) => key).map(({ pts }) => pts)).toEqual(made.flatMap(({ keyframes }) => keyframes));
    expect(pictureHashes(job.output)).toEqual(made.flatMap(({ file }) => pictureHashes(file)));
    const check = await checkJoined(joinedOf(job, made, joined.reordering));
    // The last GOP of the first chunk has six frames; the second chunk is one GOP.
    expect(check.comparedFrames).toBe(6 + GOP + GOP);
    expect(check.packets.bytes.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(joined.bytes);
    expect(check.seams.seams.map(({ frame }) => frame)).toEqual([18, 30]);
    expect(check).toMatchObject({ seamsAbsent: null, seams: { dips: [] } });
    expect(check.seams.seams.every(({ xpsnr }) => xpsnr.every((value) => value !== null && value > 10))).toBe(true);
  });
});

test('joining again gives the same bytes, which say nothing of when or by what they were made', async () => {
  const outputs = [at('first.mp4'), at('second.mp4')];
  for (const output of outputs) await joinChunks(jobOf(chunks, output));
  const [first, second] = outputs.map((output) => readFileSync(output));
  expect(second!.equals(first!)).toBe(true);
  const entries = ['-show_entries', 'format_tags:stream_tags'];
  const tags = execFileSync('ffprobe', ['-v', 'error', ...entries, outputs[0]!], { encoding: 'utf8' });
  expect(tags).not.toMatch(/creation_time|Lavf/);
  // shaka-packager would hand an edit list on into the fragments.
  expect(first!.includes('elst')).toBe(false);
});

test('at a variable rate every frame keeps its time, where the encoders of the chunks decode at times that overlap', async () => {
  // Times of a phone: slow frames after quick ones, in milliseconds.
  const times = Array.from({ length: 48 }, (_, k) => (k < 24 ? 20 * k : 480 + 120 * (k - 24)));
  const made = [0, 1].map((index): PlannedChunk => {
    const first = 24 * index;
    const step = index === 0 ? 20 : 120;
    const filter = `trim=start_frame=${first}:end_frame=${first + 24},settb=1/1000,setpts=N*${step}`;
    const args = ['-vf', filter, '-fps_mode', 'passthrough', '-enc_time_base', '1/1000', ...X264.split(' ')];
    ffmpeg(folder, '-i', source, ...args, '-video_track_timescale', '1000', `vfr-${index}.mp4`);
    const keyframes = [first, first + GOP];
    return {
      file: at(`vfr-${index}.mp4`),
      hash: null,
      frames: 24,
      startPts: times[first]!,
      first,
      keyframes,
      pictures: null,
    };
  });
  const job = {
    ...jobOf(made, at('vfr.mp4')),
    timeBase: { num: 1, den: 1000 },
    lastPts: times.at(-1)!,
    endPts: times.at(-1)! + 120,
    frameTicks: 69,
    frameRate: null,
  };
  const joined = await joinChunks(job);
  // 1000 is multiplied by FFmpeg until it is above 10,000.
  const packets = packetTimes(job.output, 16);
  expect(packets.map(({ pts }) => pts).toSorted((a, b) => a - b)).toEqual(times);
  const dts = packets.map((packet) => packet.dts);
  expect(dts.slice(joined.reordering)).toEqual(times.slice(0, 48 - joined.reordering));
  expect(dts).toEqual(dts.toSorted((a, b) => a - b));
  const duration = execFileSync('ffprobe', [
    '-v',
    'error',
    '-of',
    'csv=p=0',
    '-show_entries',
    'stream=duration',
    job.output,
  ]);
  expect(Number(duration.toString())).toBeCloseTo(3.36, 2);
  await checkJoined({ ...joinedOf(job, made, joined.reordering), pts: times });
});

test('two thousand chunks take no more memory and descriptors than a few', async () => {
  const [tiny] = makeChunks(source, folder, 'tiny', X264, [2]);
  const many = Array.from({ length: 2000 }, (_, k) => ({ ...tiny!, startPts: 2 * k }));
  let descriptors = 0;
  let bytes = 0;
  const watch = setInterval(() => {
    for (const child of joiningChildren()) {
      descriptors = Math.max(descriptors, child.descriptors);
      bytes = Math.max(bytes, child.bytes);
    }
  }, 50);
  const joined = await joinChunks(jobOf(many, at('many.mp4'))).finally(() => clearInterval(watch));
  expect(joined.frames).toBe(4000);
  expect(descriptors).toBeGreaterThan(3);
  expect(descriptors).toBeLessThan(60);
  expect(bytes).toBeLessThan(250e6);
});

function joiningChildren(): { descriptors: number; bytes: number }[] {
  return readdirSync('/proc').flatMap((pid) => {
    try {
      if (!readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('assemble-child')) return [];
      const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
      return [{ descriptors: readdirSync(`/proc/${pid}/fd`).length, bytes: pages * 4096 }];
    } catch {
      return [];
    }
  });
}

describe('what can not be joined is refused, whoever tries it', () => {
  const x264 = (options: string) => `-c:v libx264 -preset veryfast -g ${GOP} -x264-params ${options}`;
  type Case = readonly [what: string, why: RegExp, change: (made: PlannedChunk[]) => void];
  const planned: readonly Case[] = [
    ['a chunk that is gone', /chunk 1: the file is gone/, (made) => (made[1] = { ...made[1]!, file: at('none.mp4') })],
    [
      'a chunk with a frame too many',
      /chunk 1: it holds more than the 11 frames/,
      (made) => (made[1] = { ...made[1]!, frames: 11 }),
    ],
    [
      'a chunk with a frame too few',
      /chunk 1: it holds 12 of 13 frames/,
      (made) => (made[1] = { ...made[1]!, frames: 13 }),
    ],
    [
      'chunks in the wrong order',
      /chunk 1: it is to begin at 0 ticks, and the chunk before it reaches 29/,
      (made) => made.splice(0, 2, made[1]!, made[0]!),
    ],
    [
      'two files that were exchanged',
      /chunk 0: the file is not what was made/,
      (made) => {
        const hashes = made.map(({ file }) => hashOf(readFileSync(file)));
        made.forEach((chunk, index) => (made[index] = { ...chunk, hash: hashes[index]! }));
        [made[0], made[2]] = [
          { ...made[0]!, file: made[2]!.file },
          { ...made[2]!, file: made[0]!.file },
        ];
      },
    ],
  ];
  const encoded: readonly Case[] = [
    [
      'a chunk of another codec',
      /chunk 1: its codec is hevc, and that of chunk 0 h264/,
      (made) => (made[1] = makeChunks(source, folder, 'other', ENCODERS.x265, [18, 12])[1]!),
    ],
    [
      'a chunk of another size',
      /chunk 1: its width is 64, and that of chunk 0 128/,
      (made) => (made[1] = makeChunks(source, folder, 'small', X264, [18, 12], () => ',scale=64:36')[1]!),
    ],
    [
      'a chunk with other headers, as x264 makes them for another quality',
      /chunk 1: its codec headers differ from those of chunk 0.*stitchable=1/,
      (made) => {
        const plain = x264('scenecut=0:bframes=3');
        made[0] = makeChunks(source, folder, 'low', `${plain}:crf=40`, [18])[0]!;
        made[1] = makeChunks(source, folder, 'high', `${plain}:crf=15`, [18, 12])[1]!;
      },
    ],
  ];
  const damaged: readonly Case[] = [
    [
      'a chunk that is cut off',
      /chunk 1: it can't be opened|chunk 1: it is cut off/,
      (made) => {
        copyFileSync(made[1]!.file, at('cut.mp4'));
        truncateSync(at('cut.mp4'), Math.floor(statSync(at('cut.mp4')).size / 2));
        made[1] = { ...made[1]!, file: at('cut.mp4') };
      },
    ],
    [
      'a chunk with its index in front that is cut off',
      /chunk 1: it is cut off or damaged at frame \d+|chunk 1: it holds \d+ of 12/,
      (made) => {
        ffmpeg(folder, '-i', made[1]!.file, '-c', 'copy', '-movflags', 'faststart', 'front.mp4');
        truncateSync(at('front.mp4'), Math.floor(statSync(at('front.mp4')).size * 0.8));
        made[1] = { ...made[1]!, file: at('front.mp4') };
      },
    ],
    [
      'times that lie between two ticks',
      /chunk 1: the time of frame \d lies between two ticks/,
      (made) => {
        ffmpeg(folder, '-itsscale', '1.1', '-i', made[1]!.file, '-c', 'copy', 'odd.mp4');
        made[1] = { ...made[1]!, file: at('odd.mp4') };
      },
    ],
  ];
  test.each<[string, readonly Case[]]>([
    ['chunks that are not those of the plan', planned],
    ['chunks that were encoded in another way', encoded],
    ['files that are damaged', damaged],
  ])('%s', async (_, cases) => {
    const refused = async ([what, why, change]: Case, index: number) => {
      const made = [...chunks];
      change(made);
      const error = await joinChunks(jobOf(made, at(`refused-${index}.mp4`))).catch((reason: unknown) => reason);
      expect(error, what).toBeInstanceOf(UserError);
      expect((error as UserError).message, what).toMatch(why);
    };
    await Promise.all(cases.map(refused));
  });

  test('a last frame at another time than planned', async () => {
    const job = { ...jobOf(chunks, at('refused.mp4')), lastPts: FRAMES };
    await expect(joinChunks(job)).rejects.toThrow(
      `the last frame is at ${FRAMES - 1} ticks where ${FRAMES} are planned`,
    );
  });
});

const small = at('small');
const mounted = mountSmall();
test.skipIf(!mounted)(
  'a full disk is an error that another try may mend (needs root, for a small file system)',
  async () => {
    try {
      const error = await joinChunks(jobOf(chunks, join(small, 'joined.mp4'))).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(Error);
      expect(error).not.toBeInstanceOf(UserError);
      expect((error as Error).message).toMatch(/can't be written: the disk is full/);
    } finally {
      execFileSync('umount', [small]);
    }
  },
);

function mountSmall(): boolean {
  mkdirSync(small);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', small], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

test('a folder that is not there is the system’s fault', async () => {
  const error = await joinChunks(jobOf(chunks, at('none/joined.mp4'))).catch((reason: unknown) => reason);
  expect(error).not.toBeInstanceOf(UserError);
  expect((error as Error).message).toMatch(/can't be written: No such file/);
});

test('stops when it is told to', async () => {
  const stop = AbortSignal.abort(new Error('the lease is lost'));
  await expect(joinChunks(jobOf(chunks, at('stopped.mp4')), { signal: stop })).rejects.toThrow('the lease is lost');
});

import { chmodSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FrameBatch, PhaseRow } from '#core/recording';
import {
  decoded,
  ffmpeg,
  hashOf,
  pictureHashes,
  rangeOf,
  type DecodedSource,
} from '../../../test/media/chunk-sources.ts';
import type { EncodeParameters } from '../encode-job.ts';
import type { EncodeSink } from '../running-encode.ts';
import { smallEncode } from '../small-encode.ts';
import { withThreads } from '../thread-settings.ts';
import { checkChunks, type ChunkToCheck } from './check-chunk.ts';
import type { ChunkJob, ChunkOptions, ChunkOutput, ChunkResult, Rotation } from './chunk-job.ts';
import { startChunk } from './start-chunk.ts';

const folder = mkdtempSync(join(tmpdir(), 'chunk-start-'));
const at = (name: string) => join(folder, name);
const GOP = 24;
const [FIRST, LAST] = [50, 109];
let source: DecodedSource;
let varying: DecodedSource;

beforeAll(() => {
  const pictures = ['-f', 'lavfi', '-i', 'testsrc2=size=192x108:rate=24:duration=6', '-c:v', 'libx264'];
  ffmpeg(folder, ...pictures, '-preset', 'veryfast', '-g', '48', 'source.mp4');
  const times = ['-vf', "setpts='(N+0.4*sin(N))/24/TB'", '-fps_mode', 'vfr', '-enc_time_base', '1/1000'];
  ffmpeg(folder, ...pictures, ...times, '-preset', 'veryfast', 'varying.mkv');
  source = decoded(at('source.mp4'));
  varying = decoded(at('varying.mkv'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** As a planner asks for closed GOPs. */
const CLOSED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  libx264: { preset: 'veryfast', sc_threshold: '0', keyint_min: String(GOP) },
  libx265: { preset: 'ultrafast', 'x265-params': `scenecut=0:open-gop=0:keyint=${GOP}:min-keyint=${GOP}:log-level=1` },
  'libvpx-vp9': { deadline: 'good', 'cpu-used': '5', keyint_min: String(GOP), crf: '40' },
  libsvtav1: { preset: '12', crf: '45', 'svtav1-params': 'scd=0' },
};

interface Wish
  extends
    Partial<Omit<ChunkOutput, 'parameters'>>,
    Partial<Pick<EncodeParameters, 'width' | 'height' | 'threads' | 'bitrate'>> {
  readonly engine?: string;
  readonly options?: Readonly<Record<string, string>>;
  readonly varies?: boolean;
}

function outputOf(encoder: string, wish: Wish = {}): ChunkOutput {
  const { engine = 'bundled', width = 128, height = 72, threads = 1, bitrate = null, varies = false } = wish;
  const timing = varies
    ? { frameRate: { num: 24, den: 1 }, variableFrameRate: true, timeBase: varying.timeBase }
    : { frameRate: { num: 24, den: 1 }, variableFrameRate: false, timeBase: { num: 1, den: 24 } };
  const options = withThreads(encoder, threads, { ...CLOSED[encoder], ...wish.options });
  return {
    parameters: smallEncode(
      { name: encoder, engine, pixelFormats: ['yuv420p'] },
      {
        ...timing,
        width,
        height,
        threads,
        gop: GOP,
        options,
        bitrate: bitrate ?? (encoder === 'libvpx-vp9' || encoder === 'libsvtav1' ? 0 : null),
      },
    ),
    passes: wish.passes ?? 1,
    keyframes: wish.keyframes ?? [0, 24, 48],
    output: wish.output ?? at('out.mp4'),
    stream: wish.stream ?? encoder,
    pictures: wish.pictures,
  };
}

interface Told {
  readonly frames: FrameBatch[];
  readonly phases: PhaseRow[];
  readonly progress: number[];
}

async function encode(
  outputs: readonly ChunkOutput[],
  more: Partial<ChunkJob> & { readonly options?: ChunkOptions; readonly onBegin?: (pid: number) => void } = {},
): Promise<ChunkResult & { readonly told: readonly Told[] }> {
  const told = outputs.map((): Told => ({ frames: [], phases: [], progress: [] }));
  const sinks = told.map(({ frames, phases, progress }): EncodeSink => ({
    frames: (batch) => void frames.push(batch),
    steps: () => undefined,
    phase: (row) => void phases.push(row),
    progress: (each) => void progress.push(each.frames),
  }));
  const job: ChunkJob = {
    source: at('source.mp4'),
    sourceStream: 0,
    timeBase: source.timeBase,
    rotation: 0,
    engine: outputs[0]!.parameters.engine,
    range: rangeOf(source, FIRST, LAST),
    ...more,
    outputs,
  };
  const running = startChunk(job, sinks, more.options);
  const pid = await running.ready;
  if (pid !== null) running.begin();
  if (pid !== null) more.onBegin?.(pid);
  return { ...(await running.result), told };
}

const ok = { outcome: 'ok', reason: null };
const toCheck = (output: ChunkOutput, more: Partial<ChunkToCheck> = {}): ChunkToCheck => ({
  path: output.output,
  width: output.parameters.width,
  height: output.parameters.height,
  frames: LAST - FIRST + 1,
  timeBase: output.parameters.timeBase,
  pts: null,
  keyframes: output.keyframes,
  frameRate: output.parameters.frameRate,
  kept: null,
  ...more,
});
const hashOfFile = (path: string) => hashOf(readFileSync(path));

test('one decode serves several outputs, each with its rows, and with its part of the CPU time', async () => {
  const outputs = [
    outputOf('libx264', { output: at('a.mp4'), stream: 'a' }),
    outputOf('libx264', { output: at('b.mp4'), stream: 'b', width: 96, height: 54 }),
    outputOf('libvpx-vp9', { output: at('c.mp4'), stream: 'c' }),
  ];
  const result = await encode(outputs);
  expect(result).toMatchObject({ ...ok, missedFrames: false });
  result.told.forEach(({ frames }, i) => {
    expect(frames.every(({ stream }) => stream === outputs[i]!.stream)).toBe(true);
    const shown = frames.flatMap(({ sourceFrame }) => [...sourceFrame]).toSorted((a, b) => a - b);
    expect(shown).toEqual(Array.from({ length: 60 }, (_, frame) => FIRST + frame));
    expect(frames.flatMap(({ bytes }) => [...bytes]).reduce((sum, bytes) => sum + bytes, 0)).toBe(
      result.outputs[i]!.bytes,
    );
  });
  const parts = result.outputs.reduce((sum, { cpuS }) => sum + cpuS!, 0);
  expect(parts).toBeGreaterThan(0);
  expect(parts, 'starting the child is nobody’s').toBeLessThanOrEqual(result.cpuS!);
  expect(result.told[0]!.phases.map(({ phase }) => phase)).toEqual(['open', 'encode', 'flush', 'mux']);
  const checked = await checkChunks(outputs.map((output) => toCheck(output)));
  expect(checked.map(({ problem, frames }) => ({ problem, frames }))).toEqual(
    outputs.map(() => ({ problem: null, frames: 60 })),
  );
  const alone = outputOf('libx264', { output: at('alone.mp4'), width: 96, height: 54 });
  expect(await encode([alone])).toMatchObject(ok);
  expect(hashOfFile(at('b.mp4')), 'company changes nothing').toBe(hashOfFile(at('alone.mp4')));
});

const DETERMINISTIC: readonly (readonly [engine: string, encoder: string, threads: number, passes: 1 | 2])[] = [
  ['bundled', 'libx264', 2, 1],
  ['bundled', 'libx264', 1, 2],
  ['bundled', 'libx265', 1, 2],
  ['bundled', 'libvpx-vp9', 1, 1],
  ['bundled', 'libsvtav1', 1, 1],
  ['ffmpeg', 'libx264', 2, 1],
  ['ffmpeg', 'libx264', 1, 2],
  ['ffmpeg', 'libvpx-vp9', 1, 2],
  ['ffmpeg', 'libsvtav1', 1, 1],
];

test.each(DETERMINISTIC)(
  'a chunk is as planned and has the same bytes each time: %s, %s, %i threads, %i passes',
  async (engine, encoder, threads, passes) => {
    const bitrate = passes === 2 ? 200_000 : null;
    const options: Record<string, string> =
      engine === 'ffmpeg' && encoder === 'libsvtav1' ? { 'svtav1-params': '' } : {};
    const wish = { engine, threads, passes, bitrate, options };
    const [once, again] = ['once.mp4', 'again.mp4'].map((name) => outputOf(encoder, { ...wish, output: at(name) }));
    for (const result of await Promise.all([encode([once!]), encode([again!])])) expect(result).toMatchObject(ok);
    const [checked] = await checkChunks([toCheck(once!)]);
    expect(checked).toMatchObject({ problem: null, frames: 60 });
    expect(checked!.packetHashes).toHaveLength(60);
    expect(hashOfFile(again!.output)).toBe(hashOfFile(once!.output));
    expect(
      readdirSync(folder).filter((name) => name.includes('.pass')),
      'statistics are taken away',
    ).toEqual([]);
  },
);

test('two passes come nearer to the rate than one', async () => {
  const rateOf = async (passes: 1 | 2) => {
    const result = await encode([outputOf('libx264', { passes, bitrate: 100_000 })]);
    expect(result).toMatchObject(ok);
    return (result.outputs[0]!.bytes * 8 * 24) / 60;
  };
  const [one, two] = [await rateOf(1), await rateOf(2)];
  expect(Math.abs(two - 100_000)).toBeLessThan(Math.abs(one - 100_000));
});

test('an encoder whose statistics the bundled engine does not get is refused for two passes', async () => {
  const result = await encode([outputOf('libvpx-vp9', { passes: 2, bitrate: 100_000 })]);
  expect(result).toMatchObject({ outcome: 'failed' });
  expect(result.reason).toContain('two passes');
});

test.each(['bundled', 'ffmpeg'])('a variable rate keeps every time, from 0 on: %s', async (engine) => {
  const output = outputOf('libx264', { engine, varies: true });
  const range = rangeOf(varying, FIRST, LAST);
  expect(await encode([output], { source: at('varying.mkv'), timeBase: varying.timeBase, range })).toMatchObject(ok);
  const pts = varying.pts.slice(FIRST, LAST + 1).map((each) => each - range.firstPts);
  const [right, wrong] = await checkChunks([
    toCheck(output, { pts }),
    toCheck(output, { pts: pts.map((each, i) => (i === 7 ? each + 1 : each)) }),
  ]);
  expect(right).toMatchObject({ problem: null });
  expect(wrong!.problem).toContain('frame 7 is shown at tick');
});

test.each<Rotation>([90, 180])('pictures are turned by %i° clockwise, by both engines alike', async (rotation) => {
  const upright = rotation % 180 === 0;
  const hashes: string[][] = [];
  for (const engine of ['bundled', 'ffmpeg']) {
    const size = upright ? { width: 192, height: 108 } : { width: 108, height: 192 };
    const output = outputOf('libx264', {
      engine,
      ...size,
      options: { preset: 'ultrafast', qp: '0' },
      output: at('turned.mp4'),
    });
    expect(await encode([output], { rotation })).toMatchObject(ok);
    hashes.push(pictureHashes(output.output));
  }
  const filter = { 90: 'transpose=clock', 180: 'hflip,vflip', 270: 'transpose=cclock', 0: 'null' }[rotation];
  ffmpeg(folder, '-i', 'source.mp4', '-vf', filter, '-c:v', 'libx264', '-qp', '0', '-preset', 'ultrafast', 'whole.mp4');
  expect(hashes[0]).toEqual(pictureHashes(at('whole.mp4')).slice(FIRST, LAST + 1));
  expect(hashes[1]).toEqual(hashes[0]);
});

test('the source’s pictures next to the ends are kept as the encoders get them, by both engines alike', async () => {
  const kept: Buffer[] = [];
  for (const engine of ['bundled', 'ffmpeg']) {
    const lossless = { engine, options: { preset: 'ultrafast', qp: '0' }, width: 192, height: 108 };
    const outputs = [
      outputOf('libx264', { ...lossless, output: at('kept-a.mp4'), pictures: at(`${engine}-a.raw`) }),
      outputOf('libx264', {
        engine,
        output: at('kept-b.mp4'),
        pictures: at(`${engine}-b.raw`),
        keyframes: [0, 24, 48],
      }),
    ];
    const result = await encode(outputs);
    expect(result).toMatchObject(ok);
    const files = outputs.map((output, i) => toCheck(output, { kept: result.outputs[i]!.pictures }));
    const [same, other, none] = await checkChunks([...files, { ...files[1]!, kept: null }]);
    // Lossless: each frame is its source's, which other frames of the chunk are not.
    expect(same!.pictures!.edges).toEqual({ first: Array(8).fill(100), last: Array(8).fill(100), absent: null });
    const { edges, headHash, tailHash } = other!.pictures!;
    expect(edges.absent).toBeNull();
    for (const score of [...edges.first, ...edges.last]) {
      expect(score).toBeGreaterThan(20);
      expect(score).toBeLessThan(70);
    }
    expect(headHash).not.toBe(tailHash);
    expect(none!.pictures).toEqual({
      headHash,
      tailHash,
      edges: { first: [], last: [], absent: "the source's pictures were not kept" },
    });
    kept.push(readFileSync(at(`${engine}-a.raw`)));
  }
  expect(kept[0]!.length).toBe(20 * 192 * 108 * 1.5);
  expect(kept[1]!.equals(kept[0]!)).toBe(true);
});

test('outputs of one form share their pictures, turned ones are kept as they were encoded, in two passes too', async () => {
  const size = { width: 108, height: 192, passes: 2, bitrate: 200_000 } as const;
  const outputs = ['a', 'b'].map((name) =>
    outputOf('libx264', { ...size, output: at(`shared-${name}.mp4`), pictures: at(`shared-${name}.raw`) }),
  );
  const result = await encode(outputs, { rotation: 90 });
  expect(result).toMatchObject(ok);
  expect(result.outputs.map(({ pictures }) => pictures!.file)).toEqual([at('shared-a.raw'), at('shared-a.raw')]);
  const checked = await checkChunks(outputs.map((output, i) => toCheck(output, { kept: result.outputs[i]!.pictures })));
  for (const { pictures } of checked) expect(Math.min(...pictures!.edges.first)).toBeGreaterThan(15);
});

test('a frame that never comes out of the decoder is replaced by the picture before it', async () => {
  const lossless = outputOf('libx264', { width: 192, height: 108, options: { preset: 'ultrafast', qp: '0' } });
  const { pts, hashes } = source;
  // What a check had found: two frames more than come out, one of them the chunk's first.
  const step = (pts[1]! - pts[0]!) / 2;
  const times = [pts[FIRST]! - step, pts[FIRST]!, pts[FIRST + 1]!, pts[FIRST + 1]! + step, pts[FIRST + 2]!];
  const range = { ...rangeOf(source, FIRST, FIRST + 2), frames: 5, firstPts: times[0]!, pts: times, seekPts: null };
  expect(await encode([{ ...lossless, keyframes: [0] }], { range })).toMatchObject(ok);
  const [before, a, b, c] = hashes.slice(FIRST - 1);
  expect(pictureHashes(lossless.output)).toEqual([before, a, b, b, c]);
});

test.each(['bundled', 'ffmpeg'])('a source that has changed is noticed: %s', async (engine) => {
  const range = rangeOf(source, FIRST, LAST);
  const output = outputOf('libx264', { engine });
  const more = await encode([output], { range: { ...range, frames: 59 } });
  expect(more).toMatchObject({ outcome: 'failed', missedFrames: true });
  const fewer = await encode([output], { range: { ...range, frames: 61 } });
  expect(fewer).toMatchObject({ outcome: 'failed', missedFrames: true });
  const elsewhere = await encode([output], { range: { ...range, firstPts: range.firstPts + 1 } });
  expect(elsewhere).toMatchObject({ outcome: 'failed', missedFrames: true });
});

test('an ffmpeg that hangs is killed, and said to have made no progress', async () => {
  const stuck = at('stuck-ffmpeg');
  writeFileSync(stuck, `#!/bin/sh\ncase "$*" in *progress*) exec sleep 600;; *) exec ffmpeg "$@";; esac\n`);
  chmodSync(stuck, 0o755);
  const output = outputOf('libx264', { engine: stuck });
  const result = await encode([output], { options: { stallMs: 1_000 } });
  expect(result).toMatchObject({ outcome: 'timeout', reason: 'it made no progress for 1 s and was killed' });
});

test('a bundled encoder that hangs is killed, and said to have made no progress', async () => {
  const range = { ...rangeOf(source, 0, 0), last: 99_999, frames: 100_000, lastPts: 99_999, counted: true };
  const result = await encode([outputOf('libx264')], {
    source: 'lavfi:testsrc2=size=192x108:rate=24',
    range,
    timeBase: { num: 1, den: 24 },
    options: { stallMs: 2_000 },
    // As a deadlock in an encoder: the process is there, and does nothing.
    onBegin: (pid) => void setTimeout(() => process.kill(pid, 'SIGSTOP'), 300),
  });
  expect(result).toMatchObject({ outcome: 'timeout' });
  expect(result.reason).toContain('made no progress for 2 s');
});

test('a folder that is gone says that the output could not be written', async () => {
  for (const engine of ['bundled', 'ffmpeg']) {
    const result = await encode([outputOf('libx264', { engine, output: at('gone/out.mp4') })]);
    expect(result, engine).toMatchObject({ outcome: 'failed', unwritable: true });
  }
});

test('what a chunk must not be is refused, and said', async () => {
  const made = (name: string, ...args: string[]) => {
    const pictures = ['-f', 'lavfi', '-i', 'testsrc2=size=128x72:rate=24:duration=2.5'];
    ffmpeg(folder, ...pictures, ...args, '-g', String(GOP), '-video_track_timescale', '24', name);
    return toCheck(outputOf('libx264', { output: at(name) }));
  };
  const x264 = (params: string) => ['-c:v', 'libx264', '-bf', '3', '-x264-params', `scenecut=0:${params}`];
  const whole = made('whole.mp4', ...x264('min-keyint=24'));
  const damaged = { ...whole, path: at('damaged.mp4') };
  const bytes = readFileSync(whole.path);
  bytes.fill(0x55, bytes.length >> 1, (bytes.length >> 1) + 400);
  writeFileSync(damaged.path, bytes);
  const cases: (readonly [file: ChunkToCheck, problem: RegExp | null])[] = [
    [whole, null],
    [made('open.mp4', ...x264('open-gop=1:min-keyint=24')), /none that a decoder can begin at|is open/],
    [made('early.mp4', ...x264('keyint=12:min-keyint=12')), /a keyframe stands at tick 12/],
    [made('late.mp4', ...x264('keyint=48:min-keyint=48')), /there is no keyframe at frame 24/],
    [{ ...whole, frames: 61 }, /60 frames in 60 packets, and 61 were to come/],
    [{ ...whole, frames: 59 }, /60 frames in 60 packets, and 59 were to come/],
    [{ ...whole, width: 130 }, /frame 0 is 128x72, and 130x72/],
    [{ ...whole, timeBase: { num: 1, den: 25 } }, /no tick of 1\/25/],
    [damaged, /can't be decoded|with errors|can't be read/],
    [{ ...whole, path: at('none.mp4') }, /no such file/],
    [made('sound.mp4', '-f', 'lavfi', '-i', 'sine=duration=1', ...x264('min-keyint=24')), /one stream of video/],
  ];
  const checked = await checkChunks(cases.map(([file]) => file));
  cases.forEach(([file, problem], i) => {
    if (problem === null) expect(checked[i]!.problem, file.path).toBe(null);
    else expect(checked[i]!.problem, file.path).toMatch(problem);
  });
  expect(existsSync(at('none.mp4'))).toBe(false);
});

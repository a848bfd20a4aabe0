// What is known of a piece of work before it runs, as words and numbers that tell pieces apart.

import { basename } from 'node:path';
import { BUNDLED_ENGINE, PATH_ENGINE, type EngineSetting } from '#core/engine';
import type { Environment } from '#core/environment';
import type { SettingValue } from '#core/settings';
import type { WorkFeatures } from '#core/shape';
import type { SourceInfo } from '#core/source';
import { parseNumber } from '#media/setting-value';
import type { RunWork } from './run-work.ts';

/** `AMD EPYC 7B13, 16 cores` */
export function machineName({ cpu }: Pick<Environment, 'cpu'>): string {
  return `${cpu.model}, ${cpu.cores} cores`;
}

/** `bundled`, or the executable's own name. */
export function engineName(engine: EngineSetting): string {
  return engine === BUNDLED_ENGINE || engine === PATH_ENGINE ? engine : basename(engine);
}

const CODECS: readonly (readonly [RegExp, codec: string])[] = [
  [/av1|aom|rav1e/, 'av1'],
  [/vp9/, 'vp9'],
  [/vpx|vp8/, 'vp8'],
  [/265|hevc/, 'hevc'],
  [/264|h264|avc/, 'h264'],
  [/mpeg2/, 'mpeg2video'],
  [/prores/, 'prores'],
];

/** The codec of an encoder by its name: encoders are called after what they make. Null where the name says nothing. */
export function codecOf(encoder: string): string | null {
  return CODECS.find(([pattern]) => pattern.test(encoder.toLowerCase()))?.[1] ?? null;
}

type Named = Readonly<Record<string, SettingValue | null | undefined>>;

/** What each encoder calls a constant quality; whichever is there says more than a bitrate beside it, which is its cap. */
const QUALITIES = ['crf', 'qp', 'cqp', 'cq', 'global_quality', 'quality'];

/** How bits are spent, from settings or options by their names. */
export function rateOf(settings: Named): Pick<WorkFeatures, 'rateControl' | 'rateValue'> {
  for (const name of [...QUALITIES, 'bitrate', 'b']) {
    const value = parseNumber(settings[name] ?? '');
    if (value === null || ((name === 'b' || name === 'bitrate') && value <= 0)) continue;
    return { rateControl: name === 'b' ? 'bitrate' : name, rateValue: value };
  }
  return { rateControl: null, rateValue: null };
}

/** How much trouble an encoder takes, as it calls that itself; null where nothing is said. */
export function presetOf(settings: Named): string | null {
  const value = settings['preset'] ?? settings['cpu-used'] ?? settings['speed'] ?? settings['deadline'];
  return value === undefined || value === null ? null : String(value);
}

/** Bits of a sample in FFmpeg's pixel format: `yuv420p10le` has 10. */
export function bitDepthOf(pixelFormat: string): number {
  return Number(/(9|10|12|14|16)(?:le|be)$/.exec(pixelFormat)?.[1] ?? 8);
}

/** What of a source tells how much work it makes; nulls where nothing is known of it. */
export function sourceFeatures(source: SourceInfo | null): Pick<WorkFeatures, 'sourcePixels' | 'sourceFrameBytes'> {
  if (source === null) return { sourcePixels: null, sourceFrameBytes: null };
  const { width, height, bitrate, averageFrameRate } = source.video;
  const frameBytes = bitrate / 8 / averageFrameRate;
  return { sourcePixels: width * height, sourceFrameBytes: Number.isFinite(frameBytes) ? frameBytes : null };
}

/** Of a benchmark's run. */
export function runFeatures(work: RunWork, source: SourceInfo | null, environment: Environment): WorkFeatures {
  const common = {
    ...sourceFeatures(source),
    kind: 'encode',
    passes: 1,
    spatial: null,
    temporal: null,
    outputs: work.concurrent,
    machine: machineName(environment),
  };
  const picture = work.kind === 'encode' ? work.parameters : work.picture;
  const pixels = picture === null ? null : picture.width * picture.height;
  const ofPicture = {
    width: picture?.width ?? null,
    height: picture?.height ?? null,
    outputPixels: pixels === null ? null : pixels * work.concurrent,
    frameRate: picture === null ? null : picture.frameRate.num / picture.frameRate.den,
    frames: picture?.expectedFrames ?? null,
    bitDepth: picture === null ? null : bitDepthOf(picture.pixelFormat),
  };
  if (work.kind === 'encode') {
    const { parameters } = work;
    const settings = { ...parameters.options, bitrate: parameters.bitrate };
    return {
      ...common,
      ...ofPicture,
      codec: codecOf(parameters.encoder),
      encoder: parameters.encoder,
      engine: engineName(parameters.engine),
      preset: presetOf(settings),
      ...rateOf(settings),
      threads: parameters.threads,
    };
  }
  const { settings, spec } = work;
  const encoder = settings['encoder'] === undefined ? null : String(settings['encoder']);
  return {
    ...common,
    ...ofPicture,
    codec: encoder === null ? null : codecOf(encoder),
    encoder,
    engine: basename(spec.argv[0] ?? ''),
    preset: presetOf(settings),
    ...rateOf(settings),
    threads: parseNumber(settings['threads'] ?? ''),
  };
}

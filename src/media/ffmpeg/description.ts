// What an ffmpeg tells about itself, and what can be learned from its version.

import type { EngineInfo, EngineSetting } from '#core/engine';
import { UserError } from '#core/user-error';
import { fileIdentity } from '../inspect-cache.ts';
import { buildHash } from './build-hash.ts';
import { askFfmpeg, findExecutable } from './executable.ts';

const QUALITY_FILTERS = ['psnr', 'ssim', 'xpsnr', 'libvmaf'];

export interface FfmpegDescription extends EngineInfo {
  readonly path: string;
  /** `--enable-gpl …` as it was built. */
  readonly configuration: string;
  readonly abilities: Abilities;
}

/** What one ffmpeg can do and others can't. */
export interface Abilities {
  /** `-benchmark_all` times the encoder's calls: up to 6.0, which worked in one thread. Later its clock is shared by threads. */
  readonly callTimes: boolean;
  /** `-stats_enc_pre` and `-stats_enc_post` (from 6.0) tell of each frame that goes in and each packet that comes out. */
  readonly frameStats: boolean;
  /** `-vstats_file` tells quantizers and picture types. */
  readonly videoStats: boolean;
  /** `-fps_mode` (from 5.1); before that it is called `-vsync`. */
  readonly frameRateMode: boolean;
}

/** By the executable's path; one that is replaced meanwhile has another identity. */
const known = new Map<string, { readonly identity: string; readonly description: Promise<FfmpegDescription> }>();

/**
 * Asks an ffmpeg what it is; once for each file.
 * @throws UserError where it is none: missing, not executable, another program, hanging
 */
export async function describeFfmpeg(setting: EngineSetting, signal?: AbortSignal): Promise<FfmpegDescription> {
  const path = findExecutable(setting);
  const identity = (await fileIdentity(path)) ?? '';
  const kept = known.get(path);
  if (kept?.identity === identity) return { ...(await kept.description), setting };
  const description = describe(setting, path, signal);
  known.set(path, { identity, description });
  // What failed is tried again the next time.
  description.catch(() => known.delete(path));
  return description;
}

async function describe(
  setting: EngineSetting,
  path: string,
  signal: AbortSignal | undefined,
): Promise<FfmpegDescription> {
  const told = parseVersion(await askFfmpeg(path, ['-version'], signal));
  if (told === null)
    throw new UserError({ what: 'it is no ffmpeg', where: path, todo: 'Name the ffmpeg executable itself.' });
  const filters = await askFfmpeg(path, ['-filters'], signal);
  const abilities = abilitiesOf(told.libraries, await askFfmpeg(path, ['-h', 'long'], signal));
  return {
    setting,
    kind: 'ffmpeg',
    path,
    ...told,
    build: await buildHash(path),
    absent: absentFrom(told.version, abilities),
    qualityFilters: QUALITY_FILTERS.filter((name) => new RegExp(`^ *[A-Z.]+ +${name} `, 'm').test(filters)),
    abilities,
  };
}

/** `ffmpeg -version`, as every version since 1.0 prints it; null where something else is printed. */
export function parseVersion(text: string): Pick<FfmpegDescription, 'version' | 'configuration' | 'libraries'> | null {
  const version = /^ffmpeg version (\S+)/m.exec(text)?.[1];
  if (version === undefined) return null;
  const libraries: Record<string, string> = {};
  for (const [, name, major, minor, micro] of text.matchAll(/^(lib\w+)\s+(\d+)\.\s*(\d+)\.\s*(\d+) \//gm))
    libraries[name!] = `${major}.${minor}.${micro}`;
  return { version, configuration: /^ *configuration: ?(.*)$/m.exec(text)?.[1] ?? '', libraries };
}

/** @param help what `-h long` prints */
export function abilitiesOf(libraries: Readonly<Record<string, string>>, help: string): Abilities {
  // libavcodec 60.3 came with FFmpeg 6.0, 60.31 with 6.1 (doc/APIchanges).
  const [major = NaN, minor = NaN] = (libraries['libavcodec'] ?? '').split('.').map(Number);
  const has = (option: string) => new RegExp(`^-${option}\\b`, 'm').test(help);
  return {
    callTimes: has('benchmark_all') && (major < 60 || (major === 60 && minor <= 3)),
    frameStats: has('stats_enc_pre') && has('stats_enc_post'),
    videoStats: has('vstats_file'),
    frameRateMode: has('fps_mode'),
  };
}

function absentFrom(version: string, { callTimes, frameStats, videoStats }: Abilities): string[] {
  const told = `ffmpeg ${version}`;
  return [
    ...(callTimes
      ? []
      : [`encode.time: ${told} encodes in several threads, and its -benchmark_all mixes up their times`]),
    ...(callTimes || frameStats ? [] : [`encode.delay: ${told} tells no times of single frames`]),
    ...(videoStats ? [] : [`quantizer: ${told} does not tell it`]),
    `decode.time: ${told} does not tell which of its calls decode which frame`,
    `scale.time: ${told} does not tell it`,
    `flush: ${told} does not tell when its encoder begins to drain`,
  ];
}

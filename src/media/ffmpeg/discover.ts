// Which video encoders the user's ffmpeg has, what they take, and which of them really work on this machine.

import type { EncoderInfo, EncoderParameter, SubOption } from '#core/encoder';
import type { EngineSetting } from '#core/engine';
import { encoderCacheKey, readEncoderCache, writeEncoderCache, type KnownEncoder } from '../encoder-cache.ts';
import type { DiscoveryOptions } from '../encoders.ts';
import { describedOptions, describedVersion, loggedVersion } from '../encoder-text.ts';
import { smallEncode } from '../small-encode.ts';
import { failureReason } from '../trial-log.ts';
import { describeFfmpeg, type FfmpegDescription } from './description.ts';
import { askFfmpeg } from './executable.ts';
import { deviceOf, uploadDeviceOf, UPLOADED_FORMATS } from './hardware.ts';
import {
  parseCommandFlags,
  parseEncoderHelp,
  parseEncoderList,
  parseGenericOptions,
  type ListedEncoder,
} from './help-text.ts';
import { runFfmpegTrials, type FfmpegTrial } from './trial-run.ts';

/** One encoder of the discovery may take this long for its two small frames. */
const DISCOVERY_TRIAL_MS = 8_000;
/** Questions asked at once. */
const AT_ONCE = 2;
/** Pixel formats that stand for pictures in a device's memory. */
const IN_DEVICE =
  /^(vaapi|vdpau|cuda|qsv|vulkan|opencl|drm_prime|d3d11|d3d12|dxva2_vld|mediacodec|videotoolbox_vld|amf)/;
/** The parameter that takes the names which a library tells about itself, by encoder. */
const TAKES_NAMES: Readonly<Record<string, string>> = {
  libx264: 'x264-params',
  libx264rgb: 'x264-params',
  libx265: 'x265-params',
};

/** Every video encoder of an ffmpeg, each tried with two frames. */
export async function discoverFfmpegEncoders(
  setting: EngineSetting,
  options: DiscoveryOptions = {},
): Promise<EncoderInfo[]> {
  const description = await describeFfmpeg(setting);
  const known = await knownEncoders(description, options);
  return known.map(({ info }) => ({ ...info, engine: setting }));
}

/**
 * Identifies the build of an encoder: `ffmpeg 5.1.9-0+deb12u1 f9cae85629901412, libx264 core 164 …`. Runs with equal builds
 * may be compared; the library's version is left out where the library does not tell it.
 */
export async function ffmpegEncoderBuild(
  setting: EngineSetting,
  encoder: string,
  options: Omit<DiscoveryOptions, 'only'> = {},
): Promise<string> {
  const description = await describeFfmpeg(setting);
  const [known] = await knownEncoders(description, { ...options, only: [encoder] });
  const library = known?.library ?? null;
  return `ffmpeg ${description.version} ${description.build}, ${encoder}${library === null ? '' : ` ${library}`}`;
}

/** In this process, by build and name: an encoder does not change while its file stays the same. */
const remembered = new Map<string, Map<string, KnownEncoder>>();

async function knownEncoders(description: FfmpegDescription, options: DiscoveryOptions): Promise<KnownEncoder[]> {
  const { path, version, build, libraries } = description;
  const key = await encoderCacheKey({ ffmpeg: version, nodeAv: `none, ffmpeg ${build}`, libraries, module: null });
  let inMind = remembered.get(key);
  if (inMind === undefined) remembered.set(key, (inMind = new Map()));
  const named = options.only;
  if (named?.every((name) => inMind.has(name))) return named.map((name) => inMind.get(name)!);
  const kept =
    options.cacheFolder === undefined
      ? new Map<string, KnownEncoder>()
      : await readEncoderCache(options.cacheFolder, key);
  for (const [name, known] of kept) inMind.set(name, known);
  if (named?.every((name) => inMind.has(name))) return named.map((name) => inMind.get(name)!);
  const listed = parseEncoderList(await askFfmpeg(path, ['-encoders'], options.signal));
  const wanted = listed.filter(({ name }) => named === undefined || named.includes(name));
  const missing = wanted.filter(({ name }) => !inMind.has(name));
  for (const known of await findOut(path, missing, options.signal)) inMind.set(known.info.name, known);
  if (options.cacheFolder !== undefined && wanted.some(({ name }) => !kept.has(name)))
    await writeEncoderCache(options.cacheFolder, key, inMind.values());
  return wanted.map(({ name }) => inMind.get(name)!);
}

type Described = Omit<EncoderInfo, 'available' | 'reason'>;

async function findOut(
  path: string,
  listed: readonly ListedEncoder[],
  signal: AbortSignal | undefined,
): Promise<KnownEncoder[]> {
  if (listed.length === 0) return [];
  const full = await askFfmpeg(path, ['-h', 'full'], signal);
  const generic = parseGenericOptions(full);
  const flags = parseCommandFlags(full);
  const described: Described[] = Array.from({ length: listed.length });
  let next = 0;
  const ask = async () => {
    while (next < listed.length) {
      const index = next++;
      const help = await askFfmpeg(path, ['-h', `encoder=${listed[index]!.name}`], signal);
      described[index] = describe(listed[index]!, help, generic, flags);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, ask));
  const trials = await runFfmpegTrials(
    path,
    described.map((one) => smallEncode({ ...one, engine: '' })),
    { timeoutMs: DISCOVERY_TRIAL_MS, signal },
  );
  return described.map((info, index) => judge(info, trials[index]!));
}

function describe(
  listed: ListedEncoder,
  text: string,
  generic: readonly EncoderParameter[],
  commandFlags: ReadonlySet<string>,
): Described {
  const help = parseEncoderHelp(text);
  const own = (help?.parameters ?? []).filter(({ name }) => !commandFlags.has(name));
  const names = new Set(own.map(({ name }) => name));
  const fillable = (help?.pixelFormats ?? []).filter((format) => !IN_DEVICE.test(format));
  const device = deviceOf(listed.name) ?? help?.devices[0] ?? null;
  return {
    name: listed.name,
    codec: listed.codec,
    description: listed.description,
    engine: '',
    hardware: device !== null || (help?.hardware ?? false),
    threads: help?.threads ?? listed.threads,
    pixelFormats: fillable.length === 0 && uploadDeviceOf(listed.name) !== null ? UPLOADED_FORMATS : fillable,
    parameters: [...own, ...generic.filter(({ name }) => !names.has(name) && !commandFlags.has(name))],
    subOptions: [],
    device,
  };
}

function judge(info: Described, { trial, log, hung, wholeLog }: FfmpegTrial): KnownEncoder {
  const description = trial.ok ? trial.description : null;
  return {
    info: {
      ...info,
      subOptions: description === null ? [] : subOptions(info.name, description),
      available: trial.ok,
      reason: trial.ok ? null : failureReason(trial.error, log),
    },
    library: (description === null ? null : describedVersion(description)) ?? loggedVersion(info.name, wholeLog),
    ...(hung ? { uncertain: true } : {}),
  };
}

/** The names that x264 and x265 write into the stream, with the values that they used unasked. */
function subOptions(encoder: string, description: string): SubOption[] {
  const parameter = TAKES_NAMES[encoder];
  if (parameter === undefined) return [];
  return [...describedOptions(description)].map(([name, value]) => ({
    parameter,
    name: name.replaceAll('_', '-'),
    default: value,
    description: '',
  }));
}

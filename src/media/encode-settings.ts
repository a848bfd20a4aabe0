// From settings as a person wrote them to an encode with everything decided, or to all that is wrong with them.

import type { EncoderInfo, EncoderParameter } from '#core/encoder';
import { BUNDLED_ENGINE, isEngineSetting, type EngineSetting } from '#core/engine';
import { nearestName } from '#core/nearest-name';
import { formatSettingValue, isReservedSetting, RESERVED_SETTINGS, type Settings } from '#core/settings';
import type { SourceInfo } from '#core/source';
import type { EncodeParameters } from './encode-job.ts';
import { checkParameterValue } from './parameter-value.ts';
import { nearestPixelFormat, needsEven } from './pixel-format.ts';
import {
  expectedFrames,
  resolveFrames,
  resolveRate,
  resolveSize,
  type Report,
  type SettingProblem,
} from './picture-settings.ts';
import { parseNumber } from './setting-value.ts';
import { withThreads } from './thread-settings.ts';

export type { EncodeJob, EncodeParameters } from './encode-job.ts';
export { normalizeSettings } from './normalize-settings.ts';
export type { SettingProblem } from './picture-settings.ts';

export type ResolvedEncode =
  | {
      readonly job: EncodeParameters;
      /** Encodes at once in one run. */
      readonly concurrent: number;
      readonly warnings: readonly string[];
    }
  | { readonly problems: readonly SettingProblem[] };

/** More encodes at once than any machine has cores for. */
const MAX_CONCURRENT = 1_024;
const HARDWARE_DECODERS = ['vaapi', 'cuda', 'qsv', 'vulkan', 'drm', 'videotoolbox'];
/** Chooses the pixel format; the source's own, or the nearest that the encoder takes, where it is left out. */
const PIXEL_FORMAT_SETTING = 'pix_fmt';
/** Settings that say the same as a reserved one. */
const GENERIC_TWINS: Readonly<Record<string, string>> = { b: 'bitrate', g: 'gop' };

/**
 * Decides every parameter of an encode.
 * @param labels names in `settings` that only name a group of others
 * @param source what is encoded; null where that is not known, which is enough for a trial
 * @param encoders as discovered, of every engine that a setting may name
 */
export function resolveEncode(
  settings: Settings,
  labels: readonly string[],
  source: SourceInfo | null,
  encoders: readonly EncoderInfo[],
): ResolvedEncode {
  const problems: SettingProblem[] = [];
  const warnings: string[] = [];
  const problem = (setting: string, what: string, todo?: string) => problems.push({ setting, what, todo });
  const value = (name: string) => (labels.includes(name) ? undefined : settings[name]);

  const engine = resolveEngine(value('engine') ?? BUNDLED_ENGINE, problem);
  for (const name of ['network', 'display'])
    if (value(name) !== undefined) warnings.push(`${name} is not honoured by an encode: only a streaming session can`);

  const encoder = engine === null ? null : findEncoder(value('encoder'), encodersOf(engine, encoders), problem);
  const size = resolveSize(value('resolution') ?? 'source', source, problem);
  const rate = resolveRate(value('framerate') ?? 'source', source, problem);
  const frames = resolveFrames(value('frames') ?? 'source', source, problem);
  const bitrate = resolveBitrate(value('bitrate'), problem);
  const gop = resolveGop(value('gop'), problem);
  const threads = resolveThreads(value('threads'), problem);
  const concurrent = resolveConcurrent(value('concurrent'));
  if (typeof concurrent !== 'number') problems.push(concurrent);
  const pixelFormat = resolvePixelFormat(value(PIXEL_FORMAT_SETTING), source, encoder, problem);
  const even = needsEven(pixelFormat);
  if (size !== null && ((even.width && size.width % 2 === 1) || (even.height && size.height % 2 === 1)))
    problem(
      'resolution',
      `${size.width}x${size.height} is odd, and the pixel format ${pixelFormat} needs an even size`,
    );
  const options = encoder === null ? {} : resolveOptions(settings, labels, encoder, problem);
  if (
    problems.length > 0 ||
    typeof concurrent !== 'number' ||
    engine === null ||
    encoder === null ||
    size === null ||
    rate === null
  )
    return { problems };
  return {
    warnings,
    concurrent,
    job: {
      engine,
      encoder: encoder.name,
      hwdecode: resolveHardwareDecoder(value('hwdecode') ?? 'none', problem),
      ...size,
      pixelFormat,
      frameRate: rate.frameRate,
      variableFrameRate: rate.variable,
      timeBase: rate.timeBase,
      frames,
      expectedFrames: expectedFrames(source, rate, frames),
      sourceFrames: source?.video.frames ?? null,
      sourceRate: source?.video.frameRate ?? null,
      sourceStream: source?.video.index ?? null,
      bitrate,
      gop,
      threads,
      options: withThreads(encoder.name, threads, options),
    },
  };
}

/** Encodes (or commands) at once in one run; one where nothing is said. */
export function resolveConcurrent(asked: Settings[string] | undefined): number | SettingProblem {
  const problems: SettingProblem[] = [];
  const report: Report = (setting, what, todo) => problems.push({ setting, what, todo });
  const count = positiveNumber('concurrent', asked, report, 'It counts encodes: 4', MAX_CONCURRENT) ?? 1;
  return problems[0] ?? count;
}

function resolveEngine(asked: Settings[string], problem: Report): EngineSetting | null {
  const engine = formatSettingValue(asked!);
  if (isEngineSetting(engine)) return engine;
  problem(
    'engine',
    `there is no engine "${engine}"`,
    'Engines are bundled, ffmpeg (the one on the PATH), and {path: /opt/ffmpeg/bin/ffmpeg, name: mine}.',
  );
  return null;
}

/** Encoders by engine, sorted out once for a list: a matrix asks for them a hundred thousand times. */
const byEngine = new WeakMap<readonly EncoderInfo[], Map<EngineSetting, EncoderInfo[]>>();

function encodersOf(engine: EngineSetting, encoders: readonly EncoderInfo[]): readonly EncoderInfo[] {
  let sorted = byEngine.get(encoders);
  if (sorted === undefined) {
    sorted = Map.groupBy(encoders, (encoder) => encoder.engine);
    byEngine.set(encoders, sorted);
  }
  return sorted.get(engine) ?? [];
}

function resolveHardwareDecoder(asked: Settings[string], problem: Report): string | null {
  const device = formatSettingValue(asked!);
  if (device === 'none') return null;
  if (HARDWARE_DECODERS.includes(device)) return device;
  problem('hwdecode', `there is no hardware decoder "${device}"`, `Possible: none, ${HARDWARE_DECODERS.join(', ')}.`);
  return null;
}

/** The encoder of that name; null where it told a problem. */
export function findEncoder(
  asked: Settings[string] | undefined,
  encoders: readonly EncoderInfo[],
  problem: Report,
): EncoderInfo | null {
  const found = asked === undefined ? undefined : encoders.find((encoder) => encoder.name === asked);
  if (found?.available === true) return found;
  const working = encoders.filter((encoder) => encoder.available).map((encoder) => encoder.name);
  if (asked === undefined) {
    problem(
      'encoder',
      'no encoder is named',
      `Add encoder: ${working.includes('libx264') ? 'libx264' : (working[0] ?? 'libx264')}.`,
    );
    return null;
  }
  const name = formatSettingValue(asked);
  if (found !== undefined) {
    problem('encoder', `${name} does not work on this machine: ${found.reason ?? 'the reason is not known'}`);
    return null;
  }
  const codec = name.toLowerCase().replace(/[.\- ]/g, '');
  const spelling: Readonly<Record<string, string>> = { h265: 'hevc', x264: 'h264', x265: 'hevc', avc: 'h264' };
  const ofCodec = encoders
    .filter((each) => each.available && each.codec === (spelling[codec] ?? codec))
    .map((each) => each.name);
  if (ofCodec.length > 0)
    problem(
      'encoder',
      `${name} is a codec and not an encoder: did you mean ${preferred(ofCodec)}?`,
      `Encoders for it here: ${ofCodec.join(', ')}.`,
    );
  else {
    const near = nearestName(name, working);
    problem(
      'encoder',
      `there is no encoder ${name}${near === null ? '' : `: did you mean ${near}?`}`,
      'encodelab encoders lists them.',
    );
  }
  return null;
}

/** Of several encoders for a codec the library made for it. */
function preferred(names: readonly string[]): string {
  return names.find((name) => name.startsWith('lib')) ?? names[0]!;
}

/** Largest values that mean anything: FFmpeg keeps a gop and a rate's buffer in 32 bits, and cuts off the rest. */
const MAX_GOP = 2 ** 31 - 1;
const MAX_BITRATE = 2_000_000_000;
const MAX_THREADS = 1_024;

/** Bits a second; null where nothing is asked for, or where it told a problem. */
export function resolveBitrate(asked: Settings[string] | undefined, problem: Report): number | null {
  return positiveNumber('bitrate', asked, problem, 'Write for example 2.5M or 800k.', MAX_BITRATE);
}

/** Frames between keyframes; null as for a bitrate. */
export function resolveGop(asked: Settings[string] | undefined, problem: Report): number | null {
  return positiveNumber('gop', asked, problem, 'It counts frames: 120', MAX_GOP);
}

/** Null for the encoder's own choice. */
export function resolveThreads(asked: Settings[string] | undefined, problem: Report): number | null {
  return asked === 'auto' ? null : positiveNumber('threads', asked, problem, 'Write a count or auto.', MAX_THREADS);
}

/** A whole number above zero; null where nothing is asked for, or where it told a problem. */
function positiveNumber(
  name: string,
  asked: Settings[string] | undefined,
  problem: Report,
  todo: string,
  max: number,
): number | null {
  if (asked === undefined) return null;
  const number = parseNumber(asked);
  if (number === null || number <= 0 || !Number.isInteger(number) || number > Number.MAX_SAFE_INTEGER) {
    problem(name, `"${formatSettingValue(asked)}" is no whole number above zero`, todo);
    return null;
  }
  if (number > max) {
    problem(name, `${formatSettingValue(asked)} is more than ${max}`, todo);
    return null;
  }
  return number;
}

function resolvePixelFormat(
  asked: Settings[string] | undefined,
  source: SourceInfo | null,
  encoder: EncoderInfo | null,
  problem: Report,
): string {
  const supported = encoder?.pixelFormats ?? [];
  if (asked === undefined)
    return nearestPixelFormat(source?.video.pixelFormat ?? 'yuv420p', supported) ?? supported[0] ?? 'yuv420p';
  const name = formatSettingValue(asked);
  if (supported.length > 0 && !supported.includes(name)) {
    const near = nearestName(name, supported);
    problem(
      PIXEL_FORMAT_SETTING,
      `${encoder?.name} does not take ${name}${near === null ? '' : `: did you mean ${near}?`}`,
      `Possible: ${supported.join(', ')}.`,
    );
  }
  return name;
}

/** Made once for an encoder: a matrix asks for it a hundred thousand times. */
const byName = new WeakMap<EncoderInfo, ReadonlyMap<string, EncoderParameter>>();

function parametersByName(encoder: EncoderInfo): ReadonlyMap<string, EncoderParameter> {
  let known = byName.get(encoder);
  if (known === undefined) {
    known = new Map(encoder.parameters.map((parameter) => [parameter.name, parameter]));
    byName.set(encoder, known);
  }
  return known;
}

/** The encoder's own parameters, checked against what it declares, as FFmpeg parses them. */
export function resolveOptions(
  settings: Settings,
  labels: readonly string[],
  encoder: EncoderInfo,
  problem: Report,
): Record<string, string> {
  const options: Record<string, string> = {};
  const known = parametersByName(encoder);
  for (const [name, value] of Object.entries(settings)) {
    if (labels.includes(name) || isReservedSetting(name) || name === PIXEL_FORMAT_SETTING) continue;
    const parameter = known.get(name);
    const twin = GENERIC_TWINS[name];
    if (parameter === undefined) problem(name, ...unknownParameter(name, encoder));
    else if (twin !== undefined && settings[twin] !== undefined)
      problem(name, `${name} and ${twin} say the same: one of them is enough`);
    else {
      const checked = checkParameterValue(parameter, value);
      if ('text' in checked) options[name] = checked.text;
      else problem(name, `${encoder.name}'s ${name} ${checked.what}`, checked.todo);
    }
  }
  return options;
}

function unknownParameter(name: string, encoder: EncoderInfo): [what: string, todo: string] {
  const own = encoder.parameters
    .filter((parameter) => parameter.scope === 'private')
    .map((parameter) => parameter.name);
  const generic = encoder.parameters
    .filter((parameter) => parameter.scope === 'generic')
    .map((parameter) => parameter.name);
  const near =
    name === 'codec'
      ? 'encoder'
      : (nearestName(name, own) ?? nearestName(name, RESERVED_SETTINGS) ?? nearestName(name, generic));
  return [
    `${encoder.name} has no parameter ${name}${near === null ? '' : `: did you mean ${near}?`}`,
    `encodelab encoders ${encoder.name} lists its parameters.`,
  ];
}

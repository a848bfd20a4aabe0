// Reads ffmpeg's help: encoders, their facts, and tables of options. Pure. The layout has been the same from version 4 to 8
// (libavutil/opt.c, fftools/opt_common.c), with words added.

import type { EncoderInfo, EncoderParameter, EnumValue, ParameterType } from '#core/encoder';

export interface ListedEncoder {
  readonly name: string;
  readonly codec: string;
  readonly description: string;
  readonly threads: 'frame' | 'slice' | 'none';
}

/** The video encoders of `-encoders`: ` VFS..D dnxhd                VC3/DNxHD` or `… (codec av1)`. */
export function parseEncoderList(text: string): ListedEncoder[] {
  const encoders: ListedEncoder[] = [];
  const rows = text.split(/^ -+$/m)[1] ?? '';
  for (const [, frame, slice, name, words] of rows.matchAll(/^ V([F.])([S.])[X.][B.][D.] (\S+) *(.*)$/gm)) {
    const codec = / \(codec (\S+)\)$/.exec(words!);
    encoders.push({
      name: name!,
      codec: codec?.[1] ?? name!,
      description: codec === null ? words! : words!.slice(0, codec.index),
      threads: frame === 'F' ? 'frame' : slice === 'S' ? 'slice' : 'none',
    });
  }
  return encoders;
}

export interface EncoderHelp {
  readonly hardware: boolean;
  readonly threads: EncoderInfo['threads'];
  readonly pixelFormats: readonly string[];
  /** Kinds of devices that it works with: `vaapi`, `cuda`. */
  readonly devices: readonly string[];
  readonly parameters: readonly EncoderParameter[];
}

/** `-h encoder=NAME`; null where the name is not known. */
export function parseEncoderHelp(text: string): EncoderHelp | null {
  if (!text.startsWith('Encoder ')) return null;
  const words = (label: string) =>
    (new RegExp(`^ +${label}: *(.*)$`, 'm').exec(text)?.[1] ?? '').split(/\s+/).filter((word) => word !== '');
  const threads = words('Threading capabilities').join(' ');
  return {
    hardware: words('General capabilities').some((word) => word === 'hardware' || word === 'hybrid'),
    threads: /frame/.test(threads)
      ? 'frame'
      : /slice/.test(threads)
        ? 'slice'
        : /other/.test(threads)
          ? 'other'
          : 'none',
    pixelFormats: words('Supported pixel formats'),
    devices: [...new Set(words('Supported hardware devices'))],
    parameters: parseOptionTables(text, 'private'),
  };
}

/** The generic options for video encoding of `-h full`: those of AVCodecContext. */
export function parseGenericOptions(text: string): EncoderParameter[] {
  const table = /^AVCodecContext AVOptions:\n((?: .*\n)+)/m.exec(text)?.[1] ?? '';
  return parseOptionTables(table, 'generic');
}

/**
 * Names of options of the command itself that take no value, so that they can't be given to an encoder: `-stats`.
 * They stand in `-h full` before the first table.
 */
export function parseCommandFlags(text: string): Set<string> {
  const own = text.slice(0, Math.max(0, text.search(/^\S.* AVOptions:$/m)));
  return new Set([...own.matchAll(/^-([\w-]+) {2,}\S/gm)].map(([, name]) => name!));
}

const OPTION = /^ {2}-(\S+) +<(\w+)> +(\S{10,12})(?: (.*))?$/;
const CONSTANT = /^ {5}(\S+) +(?:(-?\w+) +)?([E.][D.][F.]?[V.][A.][S.]\S{4,6})(?: (.*))?$/;

/** Tables of options, as `-h` prints them; only what concerns the encoding of video. */
export function parseOptionTables(text: string, scope: EncoderParameter['scope']): EncoderParameter[] {
  const rows: { name: string; type: string; rest: string; values: EnumValue[] }[] = [];
  let current: (typeof rows)[number] | null = null;
  for (const line of text.split('\n')) {
    const option = OPTION.exec(line);
    if (option !== null) {
      const [, name, type, flags, rest] = option;
      current = isForVideoEncoding(flags!) ? { name: name!, type: type!, rest: rest ?? '', values: [] } : null;
      if (current !== null && !rows.some((row) => row.name === name)) rows.push(current);
      continue;
    }
    const constant = CONSTANT.exec(line);
    if (constant === null || current === null) continue;
    const [, name, value, flags, description] = constant;
    if (flags![0] === 'E')
      current.values.push({
        name: name!,
        value: value === undefined ? NaN : Number(value),
        description: (description ?? '').trim(),
      });
  }
  return rows.map(({ name, type, rest, values }) => parameterOf(name, type, rest, values, scope));
}

/** `E..V.......`: encoding, decoding, filtering, video, audio, subtitle, export, read-only, bitstream, runtime, deprecated. */
function isForVideoEncoding(flags: string): boolean {
  return flags[0] === 'E' && flags[3] === 'V' && flags[7] !== 'R';
}

function parameterOf(
  name: string,
  written: string,
  rest: string,
  values: readonly EnumValue[],
  scope: EncoderParameter['scope'],
): EncoderParameter {
  const type = typeOf(written, values.length > 0);
  const range = / ?\(from (\S+) to (\S+)\)/.exec(rest);
  const standard = / ?\(default (.*)\)$/.exec(rest);
  const at = Math.min(range?.index ?? rest.length, standard?.index ?? rest.length);
  return {
    name,
    type,
    description: rest.slice(0, at).trim(),
    min: bound(range?.[1]),
    max: bound(range?.[2]),
    default: defaultOf(type, standard?.[1]),
    // The values of flags are not printed: bits that only FFmpeg knows.
    values: values.map((each) => (Number.isNaN(each.value) ? { ...each, value: 0 } : each)),
    live: { state: 'no', how: 'a running ffmpeg command takes no new values' },
    scope,
  };
}

function typeOf(written: string, named: boolean): ParameterType {
  switch (written) {
    case 'int':
    case 'int64':
    case 'uint':
    case 'uint64':
    case 'unsigned':
      return named ? 'enum' : 'int';
    case 'float':
    case 'double':
      return 'float';
    case 'boolean':
      return 'bool';
    case 'flags':
      return 'flags';
    case 'rational':
    case 'video_rate':
      return 'rational';
    case 'duration':
      return 'duration';
    default:
      return 'string';
  }
}

/** Limits that are only those of a number type say nothing: INT_MAX, UINT32_MAX, I64_MIN, -FLT_MAX. */
function bound(text: string | undefined): number | null {
  const number = text === undefined || text.includes('_M') ? NaN : Number(text);
  return Number.isFinite(number) && Math.abs(number) < 2 ** 31 - 1 ? number : null;
}

function defaultOf(type: ParameterType, text: string | undefined): EncoderParameter['default'] {
  if (text === undefined) return null;
  if (type === 'string') return text.replace(/^"(.*)"$/, '$1');
  if (type === 'bool') return text === 'true' ? true : text === 'false' ? false : text;
  if (text === 'INT_MIN' || text.endsWith('_MIN') || text.endsWith('_MAX')) return null;
  const number = Number(text);
  return Number.isFinite(number) ? number : text;
}

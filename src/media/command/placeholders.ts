// Placeholders in the arguments of a command: `{preset}`, `{bitrate:kbps}`. Text in, text out: no shell ever reads it.

import { formatSettingValue, type Settings, type SettingValue } from '#core/settings';
import { parseFrameRate, parseFrames, parseNumber, parseResolution } from '../setting-value.ts';

/** Names that stand for what a run is given; no setting may have them. */
export const RUN_PLACEHOLDERS = ['y4m', 'yuv', 'output', 'folder', 'bench', 'width', 'height', 'fps'] as const;
/** `frames` is a setting and here the number of frames that go in; `source` is its path. */
export type RunPlaceholder = (typeof RUN_PLACEHOLDERS)[number] | 'frames' | 'source';

/** Values of a run by placeholder; absent where the run has none (no source, no output). */
export type RunValues = Readonly<Partial<Record<RunPlaceholder, SettingValue>>>;

/** A piece of an argument: text as it stands, or the place of a value. */
export type TemplatePart =
  | string
  | {
      /** `bitrate` of `{bitrate:kbps}`. */
      readonly name: string;
      readonly converter: string | null;
      /** As written, with its braces. */
      readonly text: string;
    };

/** A name, then a converter behind the last colon where one of them stands there: setting names may hold colons too. */
const PLACEHOLDER = /^[A-Za-z0-9][A-Za-z0-9_.:=+/-]*$/;

/**
 * Takes an argument apart at its placeholders; `{{` and `}}` are braces.
 * @returns the parts, or a sentence about what is wrong
 */
export function parseTemplate(text: string): readonly TemplatePart[] | string {
  const parts: TemplatePart[] = [];
  let plain = '';
  for (let i = 0; i < text.length; i++) {
    const character = text[i]!;
    if (character !== '{' && character !== '}') plain += character;
    else if (text[i + 1] === character) {
      plain += character;
      i++;
    } else if (character === '}') return `a } without its { (a brace itself is written }})`;
    else {
      const end = text.indexOf('}', i);
      const inside = end < 0 ? '' : text.slice(i + 1, end);
      if (end < 0) return `a { without its } (a brace itself is written {{)`;
      if (!PLACEHOLDER.test(inside)) return `{${inside}} names no setting (a brace itself is written {{)`;
      if (plain !== '') parts.push(plain);
      plain = '';
      const colon = inside.lastIndexOf(':');
      const converter = inside.slice(colon + 1);
      parts.push({
        name: colon > 0 ? inside.slice(0, colon) : inside,
        converter: colon > 0 ? converter : null,
        text: `{${inside}}`,
      });
      i = end;
    }
  }
  if (plain !== '' || parts.length === 0) parts.push(plain);
  return parts;
}

const quantity = (unit: number) => (value: SettingValue) => {
  const number = parseNumber(value);
  return number === null ? null : Number((number / unit).toPrecision(15));
};

/** What stands behind the colon, and what it makes of a value; null where it does not fit the value. */
const CONVERTERS: Readonly<Record<string, (value: SettingValue) => number | null>> = {
  number: (value) => (typeof value === 'boolean' ? Number(value) : parseNumber(value)),
  bps: quantity(1),
  kbps: quantity(1e3),
  Mbps: quantity(1e6),
  width: (value) => parseResolution(value)?.width ?? null,
  height: (value) => parseResolution(value)?.height ?? null,
  num: (value) => parseFrameRate(value)?.num ?? null,
  den: (value) => parseFrameRate(value)?.den ?? null,
  first: (value) => parseFrames(value)?.[0] ?? null,
  last: (value) => parseFrames(value)?.[1] ?? null,
};

export const CONVERTER_NAMES: readonly string[] = Object.keys(CONVERTERS);

/** The placeholders of an argument that parses; none of one that does not. */
export function placeholdersOf(text: string): Exclude<TemplatePart, string>[] {
  const parts = parseTemplate(text);
  return typeof parts === 'string' ? [] : parts.filter((part) => typeof part !== 'string');
}

/** What is wrong with an argument for a run: the name that has no value, or the converter that does not fit. */
export interface UnfitPlaceholder {
  readonly text: string;
  readonly name: string;
  readonly converter: string | null;
  readonly why: 'no value' | 'no converter' | 'unfit';
  readonly value: SettingValue | null;
}

/**
 * Puts the values in. A value becomes a part of the one argument, whatever stands in it.
 * @returns the argument, or the first placeholder that can't be filled
 * @throws Error for a text that does not parse: it was checked when the benchmark was read
 */
export function fillTemplate(text: string, settings: Settings, run: RunValues): string | UnfitPlaceholder {
  const parts = parseTemplate(text);
  if (typeof parts === 'string') throw new Error(parts);
  let filled = '';
  for (const part of parts) {
    if (typeof part === 'string') {
      filled += part;
      continue;
    }
    const { name, converter } = part;
    const value = valueOf(name, converter, settings, run);
    const unfit = (why: UnfitPlaceholder['why']) => ({ text: part.text, name, converter, why, value });
    if (value === null) return unfit('no value');
    if (converter === null) filled += plainValue(name, value);
    else {
      const convert = Object.hasOwn(CONVERTERS, converter) ? CONVERTERS[converter]! : null;
      if (convert === null) return unfit('no converter');
      const number = convert(value);
      if (number === null) return unfit('unfit');
      filled += number;
    }
  }
  return filled;
}

/** `{frames}` counts what goes in, and `{frames:first}` is the first of the setting's two numbers. */
function valueOf(name: string, converter: string | null, settings: Settings, run: RunValues): SettingValue | null {
  const ofSettings = Object.hasOwn(settings, name) ? settings[name]! : null;
  if (name === 'frames' && (converter === 'first' || converter === 'last')) return ofSettings;
  const ofRun = Object.hasOwn(run, name) ? (run[name as RunPlaceholder] ?? null) : null;
  return isRunPlaceholder(name) || name === 'frames' ? ofRun : (ofRun ?? ofSettings);
}

/** True for a name that stands for what a run is given: a setting may not have it. */
export function isRunPlaceholder(name: string): boolean {
  return (RUN_PLACEHOLDERS as readonly string[]).includes(name);
}

/** `{fps}` is a decimal number for programs that know no fractions; `{fps:num}` and `{fps:den}` are exact. */
function plainValue(name: string, value: SettingValue): string {
  if (name !== 'fps') return formatSettingValue(value);
  const rate = parseFrameRate(value);
  return rate === null ? formatSettingValue(value) : String(Number((rate.num / rate.den).toPrecision(12)));
}

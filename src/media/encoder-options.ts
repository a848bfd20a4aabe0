// From FFmpeg's rows of options to an encoder's parameters (child only: the type numbers are node-av's).

import {
  AV_OPT_FLAG_AUDIO_PARAM,
  AV_OPT_FLAG_ENCODING_PARAM,
  AV_OPT_FLAG_READONLY,
  AV_OPT_FLAG_VIDEO_PARAM,
  AV_OPT_TYPE_BOOL,
  AV_OPT_TYPE_CONST,
  AV_OPT_TYPE_DOUBLE,
  AV_OPT_TYPE_DURATION,
  AV_OPT_TYPE_FLAGS,
  AV_OPT_TYPE_FLOAT,
  AV_OPT_TYPE_INT,
  AV_OPT_TYPE_INT64,
  AV_OPT_TYPE_RATIONAL,
  AV_OPT_TYPE_UINT,
  AV_OPT_TYPE_UINT64,
  AV_OPT_TYPE_VIDEO_RATE,
} from 'node-av/constants';
import type { EncoderParameter, EnumValue, ParameterType } from '#core/encoder';

export interface OptionRow {
  readonly name: string;
  readonly help: string | null;
  readonly type: number;
  readonly flags: number;
  readonly unit: string | null;
  readonly min: number;
  readonly max: number;
  readonly default: number | bigint | string | boolean | { readonly num: number; readonly den: number } | null;
}

/** From here on a bound is only what the number type holds: INT_MAX, UINT_MAX, INT64_MAX, FLT_MAX. */
const TYPE_LIMIT = 2 ** 31 - 1;

/**
 * The parameters that an encoder takes: its own, then the generic ones that concern video encoding.
 * @param own rows of the encoder's private options
 * @param generic rows of the codec context
 * @param defaultNow what a context made for this encoder holds before anything is set: encoders have defaults of their
 * own for generic options, which FFmpeg's table does not tell; null where it holds nothing of that name
 */
export function encoderParameters(
  own: readonly OptionRow[],
  generic: readonly OptionRow[],
  defaultNow: (name: string) => string | null,
): EncoderParameter[] {
  const isOption = (row: OptionRow) => row.type !== AV_OPT_TYPE_CONST && (row.flags & AV_OPT_FLAG_READONLY) === 0;
  const takes = (row: OptionRow) =>
    (row.flags & AV_OPT_FLAG_ENCODING_PARAM) !== 0 &&
    ((row.flags & AV_OPT_FLAG_VIDEO_PARAM) !== 0 || (row.flags & AV_OPT_FLAG_AUDIO_PARAM) === 0);
  const forVideo = (row: OptionRow) =>
    (row.flags & AV_OPT_FLAG_ENCODING_PARAM) !== 0 && (row.flags & AV_OPT_FLAG_VIDEO_PARAM) !== 0;
  const parameters = own
    .filter((row) => isOption(row) && takes(row))
    .map((row) => parameterOf(row, valuesOf(row, own, []), 'private'));
  const taken = new Set(parameters.map((parameter) => parameter.name));
  for (const row of generic)
    if (isOption(row) && forVideo(row) && !taken.has(row.name)) {
      // An encoder may add values to a generic option: SVT-AV1's levels and profiles.
      parameters.push(parameterOf(withDefault(row, defaultNow(row.name)), valuesOf(row, own, generic), 'generic'));
      taken.add(row.name);
    }
  return parameters;
}

/** The row with the default that the encoder really has, which FFmpeg tells as text. */
function withDefault(row: OptionRow, text: string | null): OptionRow {
  if (text === null || text === '') return row;
  if (typeof row.default === 'number' || typeof row.default === 'bigint' || typeof row.default === 'boolean') {
    // Flags come as 0x80000000, named values as numbers, switches as true, false or auto.
    const words: Readonly<Record<string, number>> = { true: 1, false: 0, auto: -1 };
    const value = words[text] ?? Number(text);
    return Number.isFinite(value) ? { ...row, default: value } : row;
  }
  const fraction = /^(-?\d+)[/:](\d+)$/.exec(text);
  if (typeof row.default === 'object' && fraction !== null)
    return { ...row, default: { num: Number(fraction[1]), den: Number(fraction[2]) } };
  return { ...row, default: text };
}

function valuesOf(row: OptionRow, own: readonly OptionRow[], generic: readonly OptionRow[]): EnumValue[] {
  if (row.unit === null) return [];
  const isValue = (each: OptionRow) =>
    each.type === AV_OPT_TYPE_CONST && each.unit === row.unit && (each.flags & AV_OPT_FLAG_ENCODING_PARAM) !== 0;
  const values = new Map<string, EnumValue>();
  for (const each of [...own.filter(isValue), ...generic.filter(isValue)])
    if (!values.has(each.name))
      values.set(each.name, { name: each.name, value: Number(each.default), description: each.help ?? '' });
  return [...values.values()];
}

function parameterOf(row: OptionRow, values: EnumValue[], scope: EncoderParameter['scope']): EncoderParameter {
  const type = typeOf(row.type, values.length > 0);
  const numeric = type === 'int' || type === 'float' || type === 'enum' || type === 'duration' || type === 'bool';
  return {
    name: row.name,
    type,
    description: row.help ?? '',
    min: numeric ? declaredBound(row.min) : null,
    max: numeric ? declaredBound(row.max) : null,
    default: defaultOf(row, type, values),
    values,
    live: null,
    scope,
  };
}

function typeOf(type: number, named: boolean): ParameterType {
  switch (type) {
    case AV_OPT_TYPE_INT:
    case AV_OPT_TYPE_INT64:
    case AV_OPT_TYPE_UINT:
    case AV_OPT_TYPE_UINT64:
      return named ? 'enum' : 'int';
    case AV_OPT_TYPE_FLOAT:
    case AV_OPT_TYPE_DOUBLE:
      return 'float';
    case AV_OPT_TYPE_BOOL:
      return 'bool';
    case AV_OPT_TYPE_FLAGS:
      return 'flags';
    case AV_OPT_TYPE_RATIONAL:
    case AV_OPT_TYPE_VIDEO_RATE:
      return 'rational';
    case AV_OPT_TYPE_DURATION:
      return 'duration';
    default:
      return 'string';
  }
}

function declaredBound(bound: number): number | null {
  return Math.abs(bound) >= TYPE_LIMIT ? null : bound;
}

function defaultOf(row: OptionRow, type: ParameterType, values: readonly EnumValue[]): EncoderParameter['default'] {
  const value = row.default;
  if (value === null || value === undefined) return null;
  if (typeof value === 'object') return value.den === 0 ? null : `${value.num}/${value.den}`;
  if (type === 'bool') return Number(value) < 0 ? 'auto' : Number(value) !== 0;
  if (type === 'flags') return flagNames(Number(value), values);
  if (type === 'enum') return values.find((each) => each.value === Number(value))?.name ?? Number(value);
  if (typeof value === 'bigint') return Number(value);
  return value;
}

/** `bitexact+cgop`; the number where a bit has no name, and where none is set. */
function flagNames(bits: number, values: readonly EnumValue[]): string | number {
  const names: string[] = [];
  let left = bits >>> 0;
  for (const { name, value } of values) {
    const bit = value >>> 0;
    // Some names stand for several bits: only single ones are taken apart.
    if (bit === 0 || (bit & (bit - 1)) !== 0 || (left & bit) === 0) continue;
    names.push(name);
    left = (left & ~bit) >>> 0;
  }
  return left !== 0 || names.length === 0 ? bits : names.join('+');
}

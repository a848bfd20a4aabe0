// Checks a value against what an encoder declares about a parameter, and writes it as FFmpeg parses it.

import type { EncoderParameter } from '#core/encoder';
import { nearestName } from '#core/nearest-name';
import { formatSettingValue, type SettingValue } from '#core/settings';
import { parseBool, parseNumber } from './setting-value.ts';

export type CheckedValue = { readonly text: string } | { readonly what: string; readonly todo?: string | undefined };

/** The value as text for FFmpeg, or what is wrong with it. Never throws. */
export function checkParameterValue(parameter: EncoderParameter, value: SettingValue): CheckedValue {
  if (Array.isArray(value)) return { what: `takes one value, not a list` };
  switch (parameter.type) {
    case 'int':
    case 'enum':
    case 'float':
      return checkNumber(parameter, value);
    case 'bool':
      return checkBool(parameter, value);
    case 'flags':
      return checkFlags(parameter, value);
    case 'rational':
    case 'duration':
    case 'string':
      return { text: String(value) };
  }
}

function checkNumber(parameter: EncoderParameter, value: SettingValue): CheckedValue {
  const named = typeof value === 'string' ? parameter.values.find((each) => each.name === value) : undefined;
  if (named !== undefined) return { text: named.name };
  const number = parseNumber(typeof value === 'boolean' ? Number(value) : value);
  if (number === null) return notAmong(parameter, value) ?? { what: `takes a number, not "${String(value)}"` };
  if (parameter.type !== 'float' && !Number.isInteger(number))
    return { what: `takes a whole number, not ${formatSettingValue(value)}` };
  const { min, max } = parameter;
  if ((min !== null && number < min) || (max !== null && number > max))
    return { what: `takes ${range(min, max)}, not ${formatSettingValue(value)}` };
  return { text: String(number) };
}

function checkBool(parameter: EncoderParameter, value: SettingValue): CheckedValue {
  const bool = parseBool(value);
  if (bool !== null) return { text: bool ? 'true' : 'false' };
  if (parameter.min === -1 && (value === 'auto' || value === -1 || value === '-1')) return { text: 'auto' };
  return { what: `takes true or false${parameter.min === -1 ? ' or auto' : ''}, not "${String(value)}"` };
}

/** `+a-b`, `a|b`, or a number. */
function checkFlags(parameter: EncoderParameter, value: SettingValue): CheckedValue {
  if (parseNumber(value) !== null) return { text: String(value) };
  if (typeof value !== 'string') return { what: `takes names of flags, not "${String(value)}"` };
  for (const word of value.split(/[+|-]/).filter((part) => part !== ''))
    if (!parameter.values.some((each) => each.name === word))
      return notAmong(parameter, word) ?? { what: `has no flag "${word}"` };
  return { text: value };
}

function notAmong(parameter: EncoderParameter, value: SettingValue): CheckedValue | null {
  if (parameter.values.length === 0) return null;
  const names = parameter.values.map((each) => each.name);
  const near = nearestName(String(value), names);
  return {
    what: `does not know "${String(value)}"${near === null ? '' : `: did you mean ${near}?`}`,
    todo: `Possible: ${names.join(', ')}.`,
  };
}

function range(min: number | null, max: number | null): string {
  if (min === null) return `${max} at most`;
  return max === null ? `${min} at least` : `${min} to ${max}`;
}

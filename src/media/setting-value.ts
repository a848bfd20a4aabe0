// Values of settings as people write them: `2.5M`, `1280x720`, `30000/1001`, `yes`.

import type { Fraction } from '#core/source';
import type { SettingValue } from '#core/settings';
import { fractionOfDecimal, reduced } from './fraction.ts';

/** Multipliers as FFmpeg reads them (libavutil/eval.c): decimal, or binary with an i. */
const MULTIPLIERS: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  K: 1e3,
  M: 1e6,
  G: 1e9,
  ki: 1024,
  Ki: 1024,
  Mi: 1024 ** 2,
  Gi: 1024 ** 3,
};

/** A number, or a text like `2.5M`; null for anything else. */
export function parseNumber(value: SettingValue): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'string') return null;
  const match = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)([kKMG]i?)?$/.exec(value.trim());
  if (match === null) return null;
  // 2.3M must be 2300000 and not 2299999.9999999995.
  const number = Number((Number(match[1]) * MULTIPLIERS[match[2] ?? '']!).toPrecision(15));
  return Number.isFinite(number) ? number : null;
}

/** `1280x720`; null for anything else. */
export function parseResolution(value: SettingValue): { readonly width: number; readonly height: number } | null {
  const match = typeof value === 'string' ? /^\s*(\d{1,6})\s*[xX×]\s*(\d{1,6})\s*$/.exec(value) : null;
  return match === null ? null : { width: Number(match[1]), height: Number(match[2]) };
}

/** `30`, `29.97`, `30000/1001`; null for anything else and for what is not above zero. */
export function parseFrameRate(value: SettingValue): Fraction | null {
  const text = typeof value === 'number' || typeof value === 'string' ? String(value).trim() : '';
  const match = /^(\d{1,9})\s*\/\s*(\d{1,9})$/.exec(text);
  const rate = match === null ? fractionOfDecimal(text) : reduced(Number(match[1]), Number(match[2]));
  return rate !== null && rate.num > 0 && rate.den > 0 ? rate : null;
}

/** `[first, last]`; null for anything else. */
export function parseFrames(value: SettingValue): readonly [first: number, last: number] | null {
  if (!Array.isArray(value) || value.length !== 2) return null;
  const [first, last] = value as readonly number[];
  return Number.isInteger(first) && Number.isInteger(last) && first! >= 0 && last! >= first! ? [first!, last!] : null;
}

/** Words that FFmpeg takes for yes and no (libavutil/opt.c); null for any other. */
export function parseBool(value: SettingValue): boolean | null {
  if (typeof value === 'boolean') return value;
  if (value === 1 || value === 0) return value === 1;
  if (typeof value !== 'string') return null;
  if (/^(true|y|yes|enable|enabled|on|1)$/i.test(value)) return true;
  return /^(false|n|no|disable|disabled|off|0)$/i.test(value) ? false : null;
}

// One spelling for each meaning, so that runs are recognised as the same whatever the file says: 1M or 1000000.

import type { Settings, SettingValue } from '#core/settings';
import { parseFrameRate, parseNumber, parseResolution } from './setting-value.ts';

/** What a setting means that is not written; `source` is left out of the result: its content hash stands for it. */
const DEFAULTS: Settings = {
  engine: 'bundled',
  resolution: 'source',
  framerate: 'source',
  frames: 'source',
  threads: 'auto',
};

/**
 * The settings of an encode in one spelling, with what is understood by itself, without labels and without the source's
 * path. Two spellings of one encode give equal results; use it for the key of the same run.
 */
export function normalizeSettings(settings: Settings, labels: readonly string[]): Settings {
  const names = Object.keys(settings).filter((name) => !labels.includes(name) && name !== 'source');
  return {
    ...DEFAULTS,
    ...Object.fromEntries(names.map((name) => [name, normalizeValue(name, settings[name]!)])),
  };
}

/** Values kept normalised: a matrix of a hundred thousand cells has a few hundred of them. */
const MAX_KEPT = 10_000;
const kept = new Map<string, Map<SettingValue, SettingValue>>();
let keptCount = 0;

function normalizeValue(name: string, asked: SettingValue): SettingValue {
  // 24 and "24" are one rate, which is kept as a fraction.
  const value = name === 'framerate' && typeof asked === 'number' ? String(asked) : asked;
  if (typeof value !== 'string') return value;
  const ofName = kept.get(name) ?? new Map<SettingValue, SettingValue>();
  const known = ofName.get(value);
  if (known !== undefined) return known;
  const normalized = normalizeText(name, value);
  if (keptCount++ < MAX_KEPT) kept.set(name, ofName.set(value, normalized));
  return normalized;
}

function normalizeText(name: string, value: string): SettingValue {
  if (name === 'resolution') {
    const size = parseResolution(value);
    if (size !== null) return `${size.width}x${size.height}`;
  }
  if (name === 'framerate') {
    const rate = parseFrameRate(value);
    if (rate !== null) return `${rate.num}/${rate.den}`;
  }
  const number = parseNumber(value);
  if (number !== null) return number;
  const text = value.trim();
  // YAML 1.1 words reach us as text; FFmpeg takes them for the same as true and false.
  if (/^(true|yes|on)$/i.test(text)) return true;
  return /^(false|no|off)$/i.test(text) ? false : text;
}

// One spelling for each meaning, so that runs are recognised as the same whatever the file says: 1M or 1000000.

import { isExecutableEngine, PATH_ENGINE } from '#core/engine';
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

/** The same as leaving them out: they came later, and runs that were recorded before stay the same. */
const UNSAID: Settings = { concurrent: 1, hwdecode: 'none' };

/**
 * The settings of an encode in one spelling, with what is understood by itself, without labels and without the source's
 * path. Two spellings of one encode give equal results; use it for the key of the same run.
 */
export function normalizeSettings(settings: Settings, labels: readonly string[]): Settings {
  const normalized: Record<string, SettingValue> = { ...DEFAULTS };
  for (const name in settings)
    if (!labels.includes(name) && name !== 'source') normalized[name] = normalizeValue(name, settings[name]!);
  for (const name in UNSAID) if (normalized[name] === UNSAID[name]) delete normalized[name];
  return normalized;
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
  // Where an executable lies says nothing: what it is stands in the encoder's build.
  if (name === 'engine' && isExecutableEngine(value)) return PATH_ENGINE;
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

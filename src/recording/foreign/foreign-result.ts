// A result that another tool measured: settings and numbers, without a recording of frames.

import type { Better, Metric, Metrics, Unit } from '#core/metric';
import type { Settings, SettingValue } from '#core/settings';

export interface ForeignResult {
  readonly settings: Settings;
  readonly metrics: Metrics;
  readonly outcome: 'ok' | 'failed';
  readonly reason: string | null;
  /** UTC, ISO 8601; null where the tool did not tell. */
  readonly startedAt: string | null;
  readonly durationS: number | null;
  /** What makes it a result of its own, besides its file: the number of its line, the path of its folder. */
  readonly part: string;
  /** What is not known of it. */
  readonly absent: readonly string[];
}

/** How a column or a number of a file is to be taken. */
export interface NamedMetric {
  readonly name: string;
  readonly unit: Unit;
  readonly better: Better;
}

/** `fps`, `fps:frame/s`, `fps:frame/s:higher`; null for anything else. */
export function parseNamedMetric(text: string): NamedMetric | null {
  const [name = '', unit = '1', better = '', ...rest] = text.split(':').map((part) => part.trim());
  if (name === '' || rest.length > 0 || !['', 'higher', 'lower'].includes(better)) return null;
  return { name, unit: unit === '' ? '1' : unit, better: better === '' ? null : (better as 'higher' | 'lower') };
}

/** A value as a setting: `12` is a number, `true` a truth, all else text. */
export function settingValue(text: string): SettingValue {
  if (/^-?(0|[1-9]\d*)(\.\d+)?$/.test(text)) return Number(text);
  return text === 'true' ? true : text === 'false' ? false : text;
}

/** A number as a metric; null where it is none. */
export function metricOf(text: string, { unit, better }: Omit<NamedMetric, 'name'>): Metric | null {
  const value = text.trim() === '' ? NaN : Number(text);
  return Number.isFinite(value) ? { value, unit, better } : null;
}

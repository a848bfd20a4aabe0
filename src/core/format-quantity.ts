// Numbers for people: three significant digits and the unit that fits them. Tables, charts and the terminal share it.

import type { Unit } from './metric.ts';

/** What stands where a value is absent. */
export const ABSENT = '–';

/** A unit as it is shown, and what a value in the stored unit is divided by to be shown in it. */
export interface DisplayUnit {
  readonly name: string;
  readonly divisor: number;
}

type Ladder = readonly DisplayUnit[];

const unit = (name: string, divisor: number): DisplayUnit => ({ name, divisor });

/** Units by stored unit, the smallest first. Byte and bit count in thousands, as SI has it. */
const LADDERS: Readonly<Record<string, Ladder>> = {
  s: [unit('µs', 1e-6), unit('ms', 1e-3), unit('s', 1)],
  ms: [unit('µs', 1e-3), unit('ms', 1), unit('s', 1e3)],
  us: [unit('µs', 1), unit('ms', 1e3), unit('s', 1e6)],
  'bit/s': [unit('bit/s', 1), unit('kbit/s', 1e3), unit('Mbit/s', 1e6), unit('Gbit/s', 1e9)],
  byte: [unit('B', 1), unit('kB', 1e3), unit('MB', 1e6), unit('GB', 1e9), unit('TB', 1e12)],
  'byte/s': [unit('B/s', 1), unit('kB/s', 1e3), unit('MB/s', 1e6), unit('GB/s', 1e9)],
  Hz: [unit('Hz', 1), unit('kHz', 1e3), unit('MHz', 1e6), unit('GHz', 1e9)],
};

/**
 * The unit in which a value (or the largest of a column or an axis) has one to three digits before its point.
 * @param largest in the stored unit; its sign does not matter
 */
export function displayUnit(stored: Unit, largest: number): DisplayUnit {
  const ladder = LADDERS[stored];
  if (ladder === undefined) return unit(stored === '1' ? '' : stored, 1);
  const size = Math.abs(largest);
  // Zero has no size of its own: it is shown in the unit that was stored.
  if (!(size > 0) || !Number.isFinite(size)) return ladder.find((step) => step.divisor === 1) ?? ladder[0]!;
  // 999.6 would be rounded to 1000: it belongs to the next unit already.
  return ladder.findLast((step) => size >= step.divisor * 0.9995) ?? ladder[0]!;
}

/** `1.49`, `14.9`, `149`, `1490`: three significant digits, whole numbers never shortened; absent is `–`. */
export function formatNumber(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return ABSENT;
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size >= 99.95 || Number.isInteger(value)) return minus(value.toFixed(0));
  if (size >= 9.995) return minus(value.toFixed(1));
  if (size >= 0.9995) return minus(value.toFixed(2));
  if (size >= 0.0005) return minus(String(Number(value.toPrecision(3))));
  return minus(value.toExponential(1));
}

/** `1.24 Mbit/s`, `149 frame/s`, `8.05 ms`, `0.9998` of scores and shares just below 1; seconds from a minute on as `3 min 05 s`; absent is `–`. */
export function formatQuantity(value: number | null | undefined, stored: Unit): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return ABSENT;
  const seconds = stored === 's' ? value : stored === 'ms' ? value / 1e3 : stored === 'us' ? value / 1e6 : null;
  if (seconds !== null && Math.abs(seconds) >= 60) return formatDuration(seconds);
  // Of a score or a share that is nearly 1 it is the distance from 1 that counts.
  if (stored === '1' && Math.abs(value) >= 0.99 && Math.abs(value) < 1) return minus(value.toFixed(4));
  const shown = displayUnit(stored, value);
  const number = formatNumber(value / shown.divisor);
  return shown.name === '' ? number : `${number} ${shown.name}`;
}

/** `12 s`, `3 min 05 s`, `2 h 07 min`, `3 d 4 h`: a duration in whole seconds, for clocks and estimates. */
export function formatDuration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return ABSENT;
  const sign = seconds < 0 ? '−' : '';
  const whole = Math.round(Math.abs(seconds));
  const two = (value: number) => String(value).padStart(2, '0');
  if (whole < 60) return `${sign}${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${sign}${minutes} min ${two(whole % 60)} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${sign}${hours} h ${two(minutes % 60)} min`;
  return `${sign}${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** A typographic minus has the width of a digit. */
function minus(text: string): string {
  return text.replace(/^-/, '−');
}

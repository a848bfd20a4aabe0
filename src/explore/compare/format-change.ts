// A change in words, the same in the terminal, in Markdown and on the page.

import { formatNumber, formatQuantity } from '#core/format-quantity';
import type { Unit } from '#core/metric';
import type { ChangeRow } from './compare-sides.ts';
import type { Limit } from './gate.ts';

/** Ratios beyond are told as factors: `+131 %` is read as twice too easily. */
const FACTOR_FROM = 2;

type Told = Pick<ChangeRow, 'effect' | 'interval' | 'scale' | 'unit'>;

/** `−4.7 %`, `2.31 x`, `−0.41 dB`. */
export function formatEffect({ effect, scale, unit }: Omit<Told, 'interval'>): string {
  if (scale === 'ratio') return formatRatio(effect);
  return signed(effect, (value) => formatQuantity(value, unit));
}

/** `−5.9 % to −3.4 %`; null where there is no interval. */
export function formatInterval({ interval, scale, unit }: Told): string | null {
  if (interval === null) return null;
  const [low, high] = interval.map((effect) => formatEffect({ effect, scale, unit }));
  return low === high ? low! : `${low} to ${high}`;
}

/** `−4.7 % (−5.9 % to −3.4 %)`. */
export function formatChange(row: Told): string {
  const interval = formatInterval(row);
  return interval === null ? `${formatEffect(row)} (no interval)` : `${formatEffect(row)} (${interval})`;
}

/** `5 %`, `0.5 dB`. */
export function formatLimit({ kind, value }: Limit, unit: Unit): string {
  return kind === 'share' ? `${formatNumber(Number((value * 100).toPrecision(12)))} %` : formatQuantity(value, unit);
}

/** `0.003`, `< 0.001`; a dash where nothing was tested. */
export function formatP(p: number): string {
  if (Number.isNaN(p)) return '–';
  return p < 0.001 ? '< 0.001' : p.toFixed(3);
}

function formatRatio(ratio: number): string {
  if (ratio >= FACTOR_FROM || ratio <= 1 / FACTOR_FROM) return `${formatNumber(ratio)} x`;
  return signed((ratio - 1) * 100, (value) => `${formatPercent(value)} %`);
}

function formatPercent(value: number): string {
  const size = Math.abs(value);
  const text = value.toFixed(size >= 9.95 ? 0 : size >= 0.995 || size === 0 ? 1 : 2);
  return text.replace(/^-/, '−');
}

function signed(value: number, format: (value: number) => string): string {
  const text = format(value);
  return value > 0 ? `+${text}` : text;
}

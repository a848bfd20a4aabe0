// Scores of picture quality for people: as many digits as tell two encodes apart, and names that are spelled out.

import { QUALITY_UNITS, type QualityMetric } from '#core/quality';

const DIGITS: Readonly<Record<QualityMetric, number>> = { psnr: 2, ssim: 4, xpsnr: 2, vmaf: 2 };

/** `psnr.y` is of the metric `psnr`. */
export function metricOf(name: string): QualityMetric {
  return name.split('.')[0] as QualityMetric;
}

/** `38.14`, `0.9712`; `identical` where the score has no bound. */
export function formatScore(value: number | null | undefined, name: string): string {
  if (value === null || value === undefined || Number.isNaN(value)) return '–';
  if (value === Infinity) return 'identical';
  return value.toFixed(DIGITS[metricOf(name)] ?? 2).replace('-', '−');
}

/** `38.14 dB`. */
export function formatScoreWithUnit(value: number | null | undefined, name: string): string {
  const unit = QUALITY_UNITS[metricOf(name)];
  const hasUnit = unit !== '1' && typeof value === 'number' && Number.isFinite(value);
  return `${formatScore(value, name)}${hasUnit ? ` ${unit}` : ''}`;
}

/** `PSNR`, `PSNR Y`: as papers write them. */
export function scoreName(name: string): string {
  return name.toUpperCase().replace('.', ' ');
}

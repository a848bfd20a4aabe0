// What makes runs cost alike, for forecasts: everything but the rate that is asked for.

import type { RunToCome } from '#analysis/time-left';
import { canonicalSettings, type Settings } from '#core/settings';
import { RATE_SETTINGS } from './rate-settings.ts';

/** The run as a forecast sees it: `sameKey` tells cells apart, settings without the rate tell groups apart. */
export function runToCome(sameKey: string, settings: Settings, labels: readonly string[]): RunToCome {
  const costly = Object.entries(settings).filter(([name]) => !changesBytesOnly(name) && !labels.includes(name));
  return { cell: sameKey, group: canonicalSettings(Object.fromEntries(costly)) };
}

/** Settings that change the bytes much and the time little. */
function changesBytesOnly(name: string): boolean {
  return RATE_SETTINGS.has(name) || name === 'gop';
}

// What makes runs cost alike, for forecasts: everything but the rate that is asked for.

import type { RunToCome } from '#analysis/time-left';
import { canonicalSettings, type Settings } from '#core/settings';

/** Settings that change the bytes much and the time little. */
const RATE_SETTINGS = new Set(['bitrate', 'crf', 'qp', 'cq', 'maxrate', 'minrate', 'bufsize', 'gop']);

/** The run as a forecast sees it: `sameKey` tells cells apart, settings without the rate tell groups apart. */
export function runToCome(sameKey: string, settings: Settings, labels: readonly string[]): RunToCome {
  const costly = Object.entries(settings).filter(([name]) => !RATE_SETTINGS.has(name) && !labels.includes(name));
  return { cell: sameKey, group: canonicalSettings(Object.fromEntries(costly)) };
}

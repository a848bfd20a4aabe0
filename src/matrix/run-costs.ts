// What makes runs cost alike, for forecasts: everything but the rate that is asked for; and what stands between two runs.

import type { Benchmark } from '#core/benchmark';
import type { RunRecord } from '#core/run';
import { RATE_SETTINGS } from '#core/rate-settings';
import { canonicalSettings, type Settings } from '#core/settings';
import { quantileSorted, sortedSample } from '#analysis/quantile';
import type { RunToCome } from '#analysis/time-left';
import { isStreaming } from './streaming-session.ts';

/** The run as a forecast sees it: `sameKey` tells cells apart, settings without the rate tell groups apart. */
export function runToCome(sameKey: string, settings: Settings, labels: readonly string[]): RunToCome {
  const costly = Object.entries(settings).filter(([name]) => !changesBytesOnly(name) && !labels.includes(name));
  return { cell: sameKey, group: canonicalSettings(Object.fromEntries(costly)) };
}

/** Settings that change the bytes much and the time little. */
function changesBytesOnly(name: string): boolean {
  return RATE_SETTINGS.has(name) || name === 'gop';
}

/** A longer pause between two runs is a night, and not a hook. */
const LONGEST_PAUSE_S = 15 * 60;
/** Until runs of it are recorded, so much is reckoned for a stream to start. */
const STREAM_START_S = 2;

/**
 * Seconds from a run's end to the next one's beginning, in the middle: hooks, settling, starting. Where no two runs are
 * recorded, of a stream what the file itself says.
 */
export function secondsBetween(runs: readonly RunRecord[], { session, settleS }: Benchmark): number {
  const spans = runs
    .flatMap(({ startedAt, durationS }) =>
      durationS === null ? [] : [{ startS: Date.parse(startedAt) / 1000, durationS }],
    )
    .toSorted((a, b) => a.startS - b.startS);
  const pauses = spans
    .slice(1)
    .map(({ startS }, i) => startS - spans[i]!.startS - spans[i]!.durationS)
    .filter((seconds) => seconds >= 0 && seconds <= LONGEST_PAUSE_S);
  if (pauses.length > 0) return quantileSorted(sortedSample(pauses), 0.5);
  return isStreaming(session) ? settleS + STREAM_START_S : 0;
}

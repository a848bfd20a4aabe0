// The rows that a piece of work leaves: what it took, whole and phase by phase, beside what was known of it before.

import type { PhaseRow } from '#core/recording';
import { WHOLE, type ShapeOutcome, type ShapeRow, type Used, type WorkFeatures } from '#core/shape';
import type { WorkMeter } from './work-meter.ts';

export interface ShapedWork extends Pick<ShapeRow, 'id' | 'title' | 'item' | 'source'> {
  readonly features: WorkFeatures;
  readonly outcome: ShapeOutcome;
  /** One after the other or not; they need not cover the whole. */
  readonly phases: readonly PhaseRow[];
  /** CPU seconds that its processes told themselves; null where they did not. */
  readonly toldCpuS: number | null;
}

/** Ends the meter. @returns a row for each phase, and the whole piece's last */
export function shapeRows(work: ShapedWork, meter: WorkMeter): ShapeRow[] {
  const { id, title, item, source, features, outcome, phases } = work;
  const endUs = meter.stop();
  const common = { ...features, id, title, item, source, outcome };
  const now = Date.now();
  const endedAt = (stopUs: number) => now - Math.max(0, Math.round((endUs - stopUs) / 1000));
  const used = (startUs: number, stopUs: number, cpuS: number | null): Used => {
    const all = meter.samples.used(startUs, stopUs, cpuS);
    return meter.isBlind ? { ...NOTHING_SEEN, durationS: all.durationS } : all;
  };
  // Two passes have each of their phases twice: one row stands for both.
  const named = [...Map.groupBy(phases, ({ phase }) => phase)];
  return [
    ...named.map(([phase, spans]) => ({
      ...common,
      phase,
      endedAt: endedAt(Math.max(...spans.map(({ endUs: stopUs }) => stopUs))),
      ...together(spans.map(({ startUs, endUs: stopUs, cpuS }) => used(startUs, stopUs, cpuS))),
    })),
    { ...common, phase: WHOLE, endedAt: now, ...wholeOf(used(meter.startUs, endUs, null), work, meter) },
  ];
}

function together(all: readonly Used[]): Used {
  return all.reduce((a, b) => ({
    durationS: a.durationS + b.durationS,
    cpuS: sum(a.cpuS, b.cpuS),
    cpuPeak: larger(a.cpuPeak, b.cpuPeak),
    memoryPeak: larger(a.memoryPeak, b.memoryPeak),
    diskRead: sum(a.diskRead, b.diskRead),
    diskWritten: sum(a.diskWritten, b.diskWritten),
    network: sum(a.network, b.network),
  }));
}

function sum(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a + b;
}

function larger(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b);
}

const NOTHING_SEEN = {
  cpuS: null,
  cpuPeak: null,
  memoryPeak: null,
  diskRead: null,
  diskWritten: null,
  network: null,
} as const;

function wholeOf(seen: Used, { toldCpuS }: ShapedWork, meter: WorkMeter): Used {
  if (meter.isBlind) return seen;
  // What ended between two samples of /proc was not seen to its end: what it told itself is more then.
  const told = meter.isExact ? null : toldCpuS;
  const cpuS = larger(seen.cpuS, told);
  // What is over within a second is as busy in its busiest one as on average.
  const cpuPeak = seen.cpuPeak ?? (cpuS === null || seen.durationS === 0 ? null : cpuS / seen.durationS);
  return { ...seen, cpuS, cpuPeak, memoryPeak: larger(seen.memoryPeak, meter.memoryPeak) };
}

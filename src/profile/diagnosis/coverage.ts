// Coverage: samples that came, as a share of those that should have come. Where it is low, nobody knows what ran, and it must not look idle.

import type { Profile } from '#core/profile';
import { findHidden, type Gaps } from '../occupancy-gaps.ts';
import type { Chosen } from './chosen.ts';
import { COVERAGE } from './limits.ts';
import { lostGaps } from './lost-gaps.ts';

export interface Coverage {
  readonly startNs: number;
  readonly windowNs: number;
  /** Share by window, about 1 where nothing is missing. */
  readonly share: Float64Array;
  /** Of all windows together. */
  readonly overall: number;
  /** By CPU: what the kernel lost, where the scheduler was watched and should have told of it. */
  readonly lost: ReadonlyMap<number, Gaps>;
}

/**
 * Where the scheduler was watched it says when CPUs were busy, and samples should have come then: not every kernel samples a CPU that idles. Where the
 * kernel lost both a CPU counts as busy. Null where
 * it can't be told: without a frequency, or where neither the scheduler was watched nor idle CPUs were sampled. A window is so long that a sample more or less for each CPU is far below what matters.
 */
export function coverageOf(profile: Profile, { cpus, watched, idle }: Chosen): Coverage | null {
  const { header, samples, spans } = profile;
  const hertz = header.frequencyHz;
  if (hertz === null || header.clock === 'none' || header.endNs <= header.startNs || watched === null) return null;
  const hasIdle = header.scope === 'system' && idle.includes(1);
  if (!hasIdle && spans === null) return null;
  const isBusy = Uint8Array.from(profile.threads.thread, (thread) => (thread === 0 ? 0 : 1));
  const windowNs = Math.max(COVERAGE.minWindowNs, (COVERAGE.windowSamples / (hertz * watched)) * 1e9);
  const windows = Math.floor((header.endNs - header.startNs) / windowNs);
  if (windows < 1) return null;

  const came = new Float64Array(windows);
  for (let i = 0; i < samples.timeNs.length; i++) {
    if (cpus !== null && !cpus.has(samples.cpu[i]!)) continue;
    if (spans !== null && isBusy[samples.thread[i]!] === 0) continue;
    const window = Math.floor((samples.timeNs[i]! - header.startNs) / windowNs);
    if (window >= 0 && window < windows) came[window]! += 1;
  }
  const lost = spans === null ? new Map<number, Gaps>() : lostGaps(profile, chosenCpus(header.cpus, cpus), 1e9 / hertz);
  const expected = new Float64Array(windows).fill(((hertz * windowNs) / 1e9) * watched);
  if (spans !== null) {
    expected.fill(0);
    for (let i = 0; i < spans.startNs.length; i++) {
      if (cpus !== null && !cpus.has(spans.cpu[i]!)) continue;
      spread(expected, spans.startNs[i]! - header.startNs, spans.endNs[i]! - header.startNs, windowNs, hertz / 1e9);
    }
    for (const { fromNs, toNs } of lost.values())
      for (const [gap, from] of fromNs.entries())
        spread(expected, from - header.startNs, toNs[gap]! - header.startNs, windowNs, hertz / 1e9);
    // What the scheduler told within them counts once.
    const told = findHidden(spans, lost);
    for (const [row, from] of told.startNs.entries())
      spread(expected, from - header.startNs, told.endNs[row]! - header.startNs, windowNs, -hertz / 1e9);
  }
  const share = came.map((count, i) => {
    // Too few to tell: one sample more or less would decide. What idles by the scheduler misses nothing.
    const should = expected[i]!;
    if (should >= COVERAGE.windowSamples / 4) return count / should;
    return spans === null ? NaN : 1;
  });
  let allCame = 0;
  let allExpected = 0;
  for (let i = 0; i < windows; i++) {
    allCame += came[i]!;
    allExpected += expected[i]!;
  }
  return { startNs: header.startNs, windowNs, share, overall: allExpected > 0 ? allCame / allExpected : NaN, lost };
}

function chosenCpus(watched: readonly number[], chosen: ReadonlySet<number> | null): readonly number[] {
  return chosen === null ? watched : watched.filter((cpu) => chosen.has(cpu));
}

/** Adds a stay's expected samples to the windows that it lies in. */
function spread(into: Float64Array, fromNs: number, toNs: number, windowNs: number, rate: number): void {
  const first = Math.max(0, Math.floor(fromNs / windowNs));
  const last = Math.min(into.length - 1, Math.floor(toNs / windowNs));
  for (let window = first; window <= last; window++) {
    const inside = Math.min(toNs, (window + 1) * windowNs) - Math.max(fromNs, window * windowNs);
    if (inside > 0) into[window]! += inside * rate;
  }
}

/** Of the window that a time lies in; NaN where it is not known. */
export function coverageAt(coverage: Coverage | null, timeNs: number): number {
  if (coverage === null) return NaN;
  return coverage.share[Math.floor((timeNs - coverage.startNs) / coverage.windowNs)] ?? NaN;
}

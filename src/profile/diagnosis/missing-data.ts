// Samples that should be there and are not: what happened then is not known, and must not be taken for idle.

import type { Profile, ProfileFinding } from '#core/profile';
import { lostSamples, lostWords } from '../lost-words.ts';
import { lengthOf, normalRanges } from '../selection-ranges.ts';
import type { Chosen } from './chosen.ts';
import type { DiagnosisContext } from './context.ts';
import type { Coverage } from './coverage.ts';
import { meanIn } from './host-series.ts';
import { COVERAGE, MIN_SHARE } from './limits.ts';
import { finding } from './make-finding.ts';
import { probablyBelow } from './proportion.ts';
import { RangeSet } from './ranges.ts';
import { duration, percent } from './words.ts';

export function findMissingData(
  profile: Profile,
  chosen: Chosen,
  coverage: Coverage | null,
  context: DiagnosisContext,
): ProfileFinding[] {
  if (coverage === null) return withoutCoverage(profile, chosen);
  const { share, startNs, windowNs } = coverage;
  const set = new RangeSet(chosen.ranges);
  const pairs: number[] = [];
  let came = 0;
  for (let window = 0; window < share.length; window++) {
    const from = startNs + window * windowNs;
    if (!(share[window]! < COVERAGE.enough) || set.overlapNs(from, from + windowNs) < windowNs / 2) continue;
    pairs.push(from, from + windowNs);
    came += share[window]!;
  }
  const ranges = normalRanges(pairs);
  const ns = lengthOf(ranges);
  if (pairs.length === 0 || ns < MIN_SHARE * lengthOf(chosen.ranges)) return [];
  const mean = came / (pairs.length / 2);
  const expected = ((profile.header.frequencyHz! * ns) / 1e9) * (chosen.watched ?? 1);
  const confidence = probablyBelow(mean, COVERAGE.enough, expected);
  if (confidence < COVERAGE.confidence) return [];
  const { throttled } = profile.header;
  const lost = lostWords(profile);
  const stolen = stealIn(context, ranges);
  const gap = longestGap(profile, chosen);
  return [
    finding(chosen, 'missing-data', {
      what: `for ${duration(ns)} only ${percent(mean)} of the samples came that should have`,
      ranges,
      confidence,
      evidence: [
        `over the whole profile ${percent(coverage.overall)} came`,
        ...(gap === null ? [] : [`the longest time without a sample of a CPU was ${duration(gap)}`]),
        ...lostSentences(coverage),
        ...(lost === null ? [] : [`the kernel lost ${lost}: its buffer was full`]),
        ...(throttled !== null && throttled > 0 ? [`the kernel slowed the sampling down ${throttled} times`] : []),
        ...(stolen > 0 ? [`the hypervisor gave ${stolen.toFixed(2)} CPUs to others meanwhile`] : []),
      ],
      todo: [
        ...(lost === null ? [] : ['a larger buffer, or a lower frequency']),
        'on a virtual machine the hypervisor may have taken the time: watch cpu.steal, repeat, or use a machine of your own',
        'read these times with care: what looks idle there may not be',
      ],
    }),
  ];
}

/** Nobody can tell how many samples should be there; what the tool itself says about it is told all the same. */
function withoutCoverage(profile: Profile, chosen: Chosen): ProfileFinding[] {
  const { header, samples } = profile;
  const lost = lostSamples(profile) ?? 0;
  const throttled = header.throttled ?? 0;
  const share = lost / Math.max(1, lost + samples.timeNs.length);
  if (share < 1 - COVERAGE.enough && throttled === 0) return [];
  return [
    finding(chosen, 'missing-data', {
      what:
        share >= 1 - COVERAGE.enough
          ? `${percent(share)} of the samples were lost`
          : `the kernel slowed the sampling down ${throttled} times`,
      ranges: chosen.ranges,
      confidence: 1,
      evidence: ['where in the profile they are missing is not known'],
      todo: ['a lower frequency, or a larger buffer'],
    }),
  ];
}

/** Of each CPU of which the kernel lost all for a while. */
function lostSentences({ lost }: Coverage): string[] {
  return [...lost].flatMap(([cpu, { fromNs, toNs }]) => {
    const ns = toNs.reduce((sum, to, gap) => sum + to - fromNs[gap]!, 0);
    return ns < TOLD_GAP_NS
      ? []
      : [`nothing is known of CPU ${cpu} for ${duration(ns)} of it: the kernel lost what it did`];
  });
}

/** Shorter ones hide in the noise of a sampler. */
const TOLD_GAP_NS = 50e6;

/** CPUs; 0 where it was not measured. */
function stealIn({ series }: DiagnosisContext, ranges: Float64Array): number {
  const steal = series?.find(({ name }) => name === 'cpu.steal');
  const mean = steal === undefined ? NaN : meanIn(steal, ranges);
  return Number.isNaN(mean) ? 0 : mean;
}

/** Between two samples of the same CPU, nanoseconds; only told where idle CPUs were sampled, else a gap may be idle. */
function longestGap({ samples, header }: Profile, { cpus, idle }: Chosen): number | null {
  if (!idle.includes(1)) return null;
  const last = new Map<number, number>(header.cpus.map((cpu) => [cpu, header.startNs]));
  let longest = 0;
  for (let i = 0; i < samples.timeNs.length; i++) {
    const cpu = samples.cpu[i]!;
    if (cpus !== null && !cpus.has(cpu)) continue;
    const time = samples.timeNs[i]!;
    longest = Math.max(longest, time - (last.get(cpu) ?? time));
    last.set(cpu, time);
  }
  return longest;
}

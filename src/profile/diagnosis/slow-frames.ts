// The slowest 1 % of the frames against all others: did they spend their time elsewhere, or did they wait?

import type { Profile, ProfileFinding } from '#core/profile';
import { quantile } from '#analysis/quantile';
import { countOfShare } from '../frame-ranges.ts';
import { lengthOf, normalRanges } from '../selection-ranges.ts';
import type { Chosen } from './chosen.ts';
import type { DiagnosisContext, DiagnosisFrames } from './context.ts';
import { functionPlace, labelSentences } from './hot-functions.ts';
import { SLOW } from './limits.ts';
import { finding } from './make-finding.ts';
import { bonferroniZ, differenceInterval, normalCdf } from './proportion.ts';
import { RangeSet } from './ranges.ts';
import type { Timeline } from './timeline.ts';
import { waitSentences, waitsIn } from './waits.ts';
import { duration, percent } from './words.ts';
import { workingThreads } from './working-threads.ts';

export function findSlowFrames(
  profile: Profile,
  chosen: Chosen,
  timeline: Timeline | null,
  { frames }: DiagnosisContext,
): ProfileFinding[] {
  if (frames === undefined) return [];
  const inside = framesInside(frames, new RangeSet(chosen.ranges));
  if (inside.length < SLOW.minFrames) return [];
  const times = Float64Array.from(inside, (row) => frames.endNs[row]! - frames.startNs[row]!);
  const count = countOfShare(inside.length, SLOW.share);
  const order = Array.from(inside.keys()).toSorted((a, b) => times[b]! - times[a]!);
  const slow = order.slice(0, count).map((position) => inside[position]!);
  const median = quantile(times, 0.5);
  const least = times[order[count - 1]!]!;
  if (!(least >= SLOW.times * median)) return [];
  const mean = order.slice(0, count).reduce((sum, position) => sum + times[position]!, 0) / count;

  const isSlow = new Set(slow);
  const rest = inside.filter((row) => !isSlow.has(row));
  const slowRanges = normalRanges(slow.flatMap((row) => [frames.startNs[row]!, frames.endNs[row]!]));
  const slowSet = new RangeSet(slowRanges);
  const restSet = new RangeSet(normalRanges(rest.flatMap((row) => [frames.startNs[row]!, frames.endNs[row]!])));
  const elsewhere = differences(profile, chosen, frames, inside, slowSet, restSet, 1 - median / mean);
  // A cell that is as long as a frame says nothing about it.
  const idle = timeline === null || 2 * timeline.cellNs > least ? null : waitedMore(timeline, frames, slow, rest);
  const isIdle = idle !== null && idle.confidence >= SLOW.confidence;
  if (elsewhere.sentences.length === 0 && !isIdle) return [];

  const working = timeline === null ? new Set<number>() : workingThreads(profile, chosen, timeline);
  const waits = isIdle ? waitsIn(profile, slowSet, (thread) => working.has(thread)) : [];
  const how = [
    ...(elsewhere.sentences.length > 0 ? ['spent their time elsewhere'] : []),
    ...(isIdle ? ['waited'] : []),
  ].join(' and ');
  return [
    finding(chosen, 'slow-frames', {
      what: `the slowest ${count} of ${inside.length} frames took ${duration(least)} and more, the median ${duration(median)}: they ${how}`,
      ranges: slowRanges,
      confidence: Math.max(elsewhere.confidence, isIdle ? idle.confidence : 0),
      evidence: [
        `frames ${frameList(frames, slow)}`,
        ...elsewhere.sentences,
        ...(isIdle
          ? [`${idle.slow.toFixed(2)} CPUs were busy during them, ${idle.rest.toFixed(2)} during the others`]
          : []),
        ...waitSentences(profile, waits, lengthOf(slowRanges)),
      ],
      todo: [
        ...(elsewhere.sentences.length > 0
          ? [
              'look at the flame graph of these frames against the others: their functions say which step of the encoder it is (keyframes, scene cuts, lookahead)',
            ]
          : []),
        ...(isIdle
          ? ['something outside of the code held them up: input, a full queue behind the encoder, or other programs']
          : []),
      ],
    }),
  ];
}

function framesInside({ startNs, endNs }: DiagnosisFrames, ranges: RangeSet): number[] {
  return Array.from(startNs.keys()).filter((row) => ranges.has(startNs[row]!) && endNs[row]! > startNs[row]!);
}

const FRAMES_TOLD = 8;

function frameList({ frame }: DiagnosisFrames, slow: readonly number[]): string {
  const numbers = slow.map((row) => frame[row]!).toSorted((a, b) => a - b);
  const more = numbers.length - FRAMES_TOLD;
  return `${numbers.slice(0, FRAMES_TOLD).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** A function is compared if it has this share on one of both sides. */
const COMPARED_SHARE = 0.01;
const MAX_COMPARED = 40;
/** A smaller difference is no reason, nor is one that may be smaller than this. */
const LEAST_DIFFERENCE = 0.02;
const LEAST_SURE_DIFFERENCE = 0.01;
/** Of the time that slow frames took beyond the median, what more of some functions must explain; the rest is more of the same. */
const LEAST_EXPLAINED = 0.15;
const DIFFERENCES_TOLD = 6;

/**
 * Functions whose share of self time differs, with the interval of the difference. Samples of one frame belong together, so they count for less than their
 * number: it is divided by the overdispersion of the shares from frame to frame (quasi-binomial; P. McCullagh and J. A. Nelder, Generalized Linear Models, 1989,
 * section 4.5); the intervals are for all comparisons together (Bonferroni). None where what the slow frames have more of is too little to be why they are slow.
 * @param beyond share of the slow frames' time that is beyond the median's
 */
function differences(
  profile: Profile,
  chosen: Chosen,
  frames: DiagnosisFrames,
  inside: readonly number[],
  slow: RangeSet,
  rest: RangeSet,
  beyond: number,
): { readonly sentences: string[]; readonly confidence: number } {
  const { samples, stacks, functions } = profile;
  const clusters = inside.toSorted((a, b) => frames.startNs[a]! - frames.startNs[b]!);
  const begins = Float64Array.from(clusters, (row) => frames.startNs[row]!);
  const rows = samplesOfFrames(samples.timeNs.length);
  const counts = [new Float64Array(functions.name.length), new Float64Array(functions.name.length)] as const;
  const totals: [number, number] = [0, 0];
  for (let i = 0; i < samples.timeNs.length; i++) {
    if (chosen.threads[samples.thread[i]!] !== 1 || samples.stack[i]! < 0) continue;
    const time = samples.timeNs[i]!;
    const isSlow = slow.has(time);
    if (!isSlow && !rest.has(time)) continue;
    const innermost = stacks.function[samples.stack[i]!]!;
    counts[isSlow ? 0 : 1][innermost]! += 1;
    totals[isSlow ? 0 : 1] += 1;
    rows.innermost[rows.count] = innermost;
    rows.cluster[rows.count] = lastBefore(begins, time);
    rows.isSlow[rows.count++] = isSlow ? 1 : 0;
  }
  const [inSlow, inRest] = totals;
  if (inSlow < SLOW.minSamples || inRest < SLOW.minSamples) return { sentences: [], confidence: 0 };
  const compared = Array.from(functions.name.keys())
    .filter((f) => counts[0][f]! / inSlow >= COMPARED_SHARE || counts[1][f]! / inRest >= COMPARED_SHARE)
    .toSorted((a, b) => counts[0][b]! / inSlow - counts[0][a]! / inSlow)
    .slice(0, MAX_COMPARED);
  const z = bonferroniZ(compared.length);
  const bySize = new Float64Array(clusters.length);
  const slowOf = new Float64Array(clusters.length);
  for (let row = 0; row < rows.count; row++) {
    bySize[rows.cluster[row]!]! += 1;
    slowOf[rows.cluster[row]!]! += rows.isSlow[row]!;
  }
  const found = compared.flatMap((f) => {
    const a = counts[0][f]! / inSlow;
    const b = counts[1][f]! / inRest;
    const phi = overdispersion(rows, f, bySize, slowOf, a, b);
    const between = differenceInterval(a, inSlow / phi, b, inRest / phi, z);
    const isDifferent = between.low >= LEAST_SURE_DIFFERENCE || between.high <= -LEAST_SURE_DIFFERENCE;
    if (!isDifferent || Math.abs(a - b) < LEAST_DIFFERENCE) return [];
    const signed = (share: number) => `${share < 0 ? '−' : '+'}${(Math.abs(share) * 100).toFixed(1)}`;
    return {
      position: f,
      more: a - b,
      sentence: `${functionPlace(profile, f)}: ${percent(a)} of their time, ${percent(b)} of the others’ (${signed(between.low)} to ${signed(between.high)} points)`,
    };
  });
  const explained = found.reduce((sum, { more }) => sum + Math.max(0, more), 0);
  if (explained < LEAST_EXPLAINED * beyond) return { sentences: [], confidence: 0 };
  const told = found.toSorted((a, b) => Math.abs(b.more) - Math.abs(a.more)).slice(0, DIFFERENCES_TOLD);
  const all = counts[0].map((count, position) => count + counts[1][position]!);
  const labels = labelSentences(
    profile,
    all,
    told.map(({ position }) => position),
  );
  const sentences = [...told.map(({ sentence }) => sentence), ...labels];
  return { sentences, confidence: sentences.length > 0 ? SLOW.confidence : 0 };
}

/** Samples that lie in frames: the function, the frame by its place in time, whether that is a slow one. */
interface FrameSamples {
  count: number;
  readonly innermost: Uint32Array;
  readonly cluster: Uint32Array;
  readonly isSlow: Uint8Array;
}

function samplesOfFrames(most: number): FrameSamples {
  return { count: 0, innermost: new Uint32Array(most), cluster: new Uint32Array(most), isSlow: new Uint8Array(most) };
}

/** Of a function's share from frame to frame, around the share of its side: 1 where it is just chance, more where frames differ. */
function overdispersion(
  rows: FrameSamples,
  f: number,
  sizes: Float64Array,
  slow: Float64Array,
  inSlow: number,
  inRest: number,
): number {
  const hits = new Float64Array(sizes.length);
  for (let row = 0; row < rows.count; row++) if (rows.innermost[row] === f) hits[rows.cluster[row]!]! += 1;
  let squares = 0;
  let count = 0;
  for (let cluster = 0; cluster < sizes.length; cluster++) {
    const size = sizes[cluster]!;
    if (size === 0) continue;
    const expected = slow[cluster]! * inSlow + (size - slow[cluster]!) * inRest;
    const variance = expected * (1 - expected / size);
    if (variance <= 0) continue;
    squares += (hits[cluster]! - expected) ** 2 / variance;
    count++;
  }
  return count < 2 ? 1 : Math.max(1, squares / (count - 1));
}

function lastBefore(begins: Float64Array, time: number): number {
  let low = 0;
  let high = begins.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (begins[middle]! <= time) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}

/** CPUs busy during slow frames against all others, by how much that scatters from frame to frame. */
function waitedMore(
  { busy, startNs, cellNs }: Timeline,
  frames: DiagnosisFrames,
  slow: readonly number[],
  rest: readonly number[],
): { readonly slow: number; readonly rest: number; readonly confidence: number } | null {
  const until = new Float64Array(busy.length + 1);
  for (let cell = 0; cell < busy.length; cell++) until[cell + 1] = until[cell]! + busy[cell]! * cellNs;
  const at = (time: number) => {
    const cell = Math.min(busy.length - 1, Math.max(0, Math.floor((time - startNs) / cellNs)));
    const part = Math.min(1, Math.max(0, (time - startNs - cell * cellNs) / cellNs));
    return until[cell]! + part * (until[cell + 1]! - until[cell]!);
  };
  const cpus = (row: number) =>
    (at(frames.endNs[row]!) - at(frames.startNs[row]!)) / (frames.endNs[row]! - frames.startNs[row]!);
  const ofSlow = slow.map(cpus);
  const ofRest = rest.map(cpus);
  const meanSlow = ofSlow.reduce((a, b) => a + b, 0) / ofSlow.length;
  const meanRest = ofRest.reduce((a, b) => a + b, 0) / ofRest.length;
  if (!(meanSlow < SLOW.busyRatio * meanRest)) return null;
  const variance = ofRest.reduce((sum, value) => sum + (value - meanRest) ** 2, 0) / Math.max(1, ofRest.length - 1);
  const error = Math.sqrt(variance / ofSlow.length + variance / ofRest.length);
  return { slow: meanSlow, rest: meanRest, confidence: normalCdf((meanRest - meanSlow) / Math.max(error, 1e-9)) };
}

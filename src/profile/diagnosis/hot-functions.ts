// Where the time of some ranges went: functions by self time, and the share of it in vector code.

import {
  FUNCTION_KINDS,
  INSTRUCTION_KINDS,
  SYMBOL_SOURCES,
  type InstructionKind,
  type Profile,
  type SymbolSource,
} from '#core/profile';
import type { Chosen } from './chosen.ts';
import { wilson, type Interval } from './proportion.ts';
import type { RangeSet } from './ranges.ts';
import { percent, percentBetween } from './words.ts';

export interface SelfTimes {
  /** Samples of the chosen threads in the ranges; effective, where they have weights. */
  readonly samples: number;
  /** By function: share of the time in which it was the innermost. */
  readonly share: Float64Array;
  /** Share of the time whose stack is not known. */
  readonly unknown: number;
  /** Of the samples of programs whose instruction is known; null where there are none. */
  readonly instructions: { readonly samples: number; readonly share: Readonly<Record<InstructionKind, number>> } | null;
}

export function selfTimes(profile: Profile, chosen: Chosen, ranges: RangeSet): SelfTimes {
  const { samples, stacks, functions } = profile;
  const share = new Float64Array(functions.name.length);
  const byInstruction = new Float64Array(INSTRUCTION_KINDS.length);
  const kernel = FUNCTION_KINDS.indexOf('kernel');
  let sum = 0;
  let squares = 0;
  let unknown = 0;
  for (let i = 0; i < samples.timeNs.length; i++) {
    if (chosen.threads[samples.thread[i]!] !== 1) continue;
    if (chosen.cpus !== null && !chosen.cpus.has(samples.cpu[i]!)) continue;
    if (!ranges.has(samples.timeNs[i]!)) continue;
    const weight = samples.weight === null ? 1 : samples.weight[i]!;
    sum += weight;
    squares += weight * weight;
    const stack = samples.stack[i]!;
    if (stack < 0) unknown += weight;
    else {
      const innermost = stacks.function[stack]!;
      share[innermost]! += weight;
      if (functions.kind[innermost] !== kernel) byInstruction[samples.instruction[i]!]! += weight;
    }
  }
  if (sum > 0) for (let i = 0; i < share.length; i++) share[i]! /= sum;
  const effective = squares > 0 ? (sum * sum) / squares : 0;
  byInstruction[0] = 0;
  const known = byInstruction.reduce((a, b) => a + b, 0);
  const instructions =
    known === 0
      ? null
      : {
          samples: (effective * known) / sum,
          share: Object.fromEntries(
            INSTRUCTION_KINDS.map((kind, code) => [kind, byInstruction[code]! / known]),
          ) as Record<InstructionKind, number>,
        };
  return { samples: effective, share, unknown: sum > 0 ? unknown / sum : 0, instructions };
}

/** Functions that a finding names. */
const MAX_FUNCTIONS_TOLD = 6;
/** A function with a smaller share is not hot. */
const HOT_SHARE = 0.02;

/** `31 % (29 to 33 %) x264_pixel_satd_8x4 in libx264.so.164`, the hottest first. */
export function hotSentences(profile: Profile, times: SelfTimes): string[] {
  const { functions } = profile;
  const nameless = namelessShare(profile, times);
  const hottest = Array.from(times.share, (share, position) => ({ share, position }))
    .filter(({ share }) => share >= HOT_SHARE)
    .toSorted((a, b) => b.share - a.share)
    .slice(0, MAX_FUNCTIONS_TOLD);
  const named = hottest.map(({ share, position }) => {
    const interval: Interval = wilson(share, times.samples);
    const kernel = FUNCTION_KINDS[functions.kind[position]!] === 'kernel' ? ' (kernel)' : '';
    return `${percentBetween(share, interval)} ${functionPlace(profile, position)}${kernel}`;
  });
  const positions = hottest.map(({ position }) => position);
  const told = [...named, ...labelSentences(profile, times.share, positions)];
  if (nameless < NAMELESS_TOLD) return told;
  return [
    ...told,
    `${percent(nameless)} of the time is in functions without a name: a profiling build has them (docs/profiling-encoders.md)`,
  ];
}

/** Of all the time in its library: a label that stands for code without one takes most of it. */
const LABEL_SHARE = 0.4;

/**
 * For each of the functions that may be no more than a label, that it may.
 * @param share of the time, or as many samples, by function
 */
export function labelSentences(profile: Profile, share: Float64Array, positions: readonly number[]): string[] {
  return positions
    .filter((position) => mayBeNearestLabel(profile, share, position))
    .map((position) => labelSentence(profile, position));
}

/**
 * Whether a function may be no more than the nearest label: perf calls by it all that lies behind it in a stripped library, and a profile that
 * perf named does not tell which are. Perf maps and programs have no such gaps.
 */
function mayBeNearestLabel({ header, functions, libraries }: Profile, share: Float64Array, position: number): boolean {
  if (functions.name[position]!.startsWith('[')) return false;
  if (!/^perf\b/.test(header.tool) || SYMBOL_SOURCES[functions.source[position]!] !== 'given') return false;
  const library = functions.library[position]!;
  if (!/\.so(\.|$)/.test(libraries[library]!)) return false;
  const ofLibrary = share.reduce((sum, one, other) => (functions.library[other] === library ? sum + one : sum), 0);
  return share[position]! >= LABEL_SHARE * ofLibrary;
}

function labelSentence({ functions, libraries }: Profile, position: number): string {
  const library = libraries[functions.library[position]!]!.replace(/^.*\//, '');
  return `the names in ${library} are perf’s: if it is stripped, ${functions.name[position]!} is only the nearest symbol of most of its code (docs/profiling-encoders.md)`;
}

/** From this share on it is said. */
const NAMELESS_TOLD = 0.1;

function namelessShare({ functions }: Profile, { share, unknown }: SelfTimes): number {
  const named = (position: number) => !NAMELESS.includes(SYMBOL_SOURCES[functions.source[position]!]!);
  return share.reduce((sum, one, position) => (named(position) ? sum : sum + one), unknown);
}

const NAMELESS: readonly SymbolSource[] = ['none', 'unwind'];

/** `x264_pixel_satd_8x4 in libx264.so.164`. */
export function functionPlace({ functions, libraries }: Profile, position: number): string {
  const library = (libraries[functions.library[position]!] ?? '').replace(/^.*\//, '');
  return library === '' ? functions.name[position]! : `${functions.name[position]!} in ${library}`;
}

/** What share of programs' instructions is vector code; null where that is not known. */
export function vectorSentence({ instructions }: SelfTimes): string | null {
  if (instructions === null) return null;
  const { scalar, sse, vex, evex } = instructions.share;
  const vector = sse + vex + evex;
  const interval = wilson(vector, instructions.samples);
  return `vector instructions: ${percentBetween(vector, interval)} of the samples in programs: SSE ${percent(sse)}, AVX and AVX2 ${percent(vex)}, AVX-512 ${percent(evex)}; scalar ${percent(scalar)}`;
}

// Which vector instructions an engine's encoders use on this CPU, from what they tell in the log of a trial encode.

import type { EncoderInfo } from '#core/encoder';
import { BUNDLED_ENGINE, type EngineSetting } from '#core/engine';
import { X86_LEVELS, type VectorLevel } from '#core/vector-level';
import { runFfmpegTrials } from './ffmpeg/trial-run.ts';
import { smallEncode } from './small-encode.ts';
import { runTrials } from './trial-runner.ts';

/** Encoders that tell; libvpx and libaom choose at run time as well and say nothing about it. */
const TELLING = ['libx264', 'libx265', 'libsvtav1'];

export interface VectorUse {
  readonly encoder: string;
  /** The widest level that it uses; null where it does not tell. */
  readonly level: VectorLevel | null;
}

/**
 * Of those encoders of an engine that tell; empty where it has none of them.
 * @param setting the engine's
 * @param path of the executable; null for the bundled engine
 * @param encoders that the engine has
 */
export async function vectorUse(
  setting: EngineSetting,
  path: string | null,
  encoders: readonly EncoderInfo[],
): Promise<VectorUse[]> {
  const telling = encoders.filter(({ name, available }) => available && TELLING.includes(name));
  const trials = telling.map((encoder) => smallEncode(encoder));
  const logs =
    setting === BUNDLED_ENGINE || path === null
      ? (await runTrials(trials)).map(({ log }) => log)
      : (await runFfmpegTrials(path, trials)).map(({ wholeLog }) => wholeLog);
  return telling.map(({ name }, i) => ({ encoder: name, level: loggedLevel(logs[i]!) }));
}

/**
 * x264 and x265: `using cpu capabilities: MMX2 SSE2Fast SSSE3 SSE4.2 AVX FMA3 BMI2 AVX2`, or `none!`; on ARM `ARMv8 NEON SVE`. SVT-AV1:
 * `[asm level selected : up to avx2]`. Null where a log has none of these.
 */
export function loggedLevel(log: string): VectorLevel | null {
  const selected = /asm level selected\s*:\s*(?:up to\s+)?([\w.-]+)/.exec(log)?.[1];
  const listed = /using cpu capabilities:\s*(.*)/.exec(log)?.[1];
  const words = (selected ?? listed)?.toLowerCase().split(/\s+/);
  if (words === undefined) return null;
  const has = (pattern: RegExp) => words.some((word) => pattern.test(word));
  const found = LEVEL_WORDS.find(([, pattern]) => has(pattern));
  return found?.[0] ?? (has(/^(none|c$|0$)/) || words[0] === '' ? X86_LEVELS[0] : null);
}

const LEVEL_WORDS: readonly (readonly [VectorLevel, RegExp])[] = [
  ['avx512', /^avx-?512/],
  ['avx2', /^avx2/],
  ['avx', /^avx$/],
  ['sse4', /^sse4/],
  ['ssse3', /^ssse3/],
  ['sse2', /^sse2/],
  ['sve2', /^sve2/],
  ['sve', /^sve$/],
  ['i8mm', /i8mm/],
  ['dotprod', /dotprod/],
  ['neon', /^neon/],
];

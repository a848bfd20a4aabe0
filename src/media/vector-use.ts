// Which vector instructions an engine's encoders use on this CPU, from what they tell in the log of a trial encode.

import type { EncoderInfo } from '#core/encoder';
import { BUNDLED_ENGINE, type EngineSetting } from '#core/engine';
import { X86_LEVELS, type VectorLevel } from '#core/vector-level';
import type { EncodeParameters } from './encode-job.ts';
import { runFfmpegTrials } from './ffmpeg/trial-run.ts';
import { smallEncode } from './small-encode.ts';
import { runTrials } from './trial-runner.ts';

/** The widest level that some leave out by default. */
const WIDEST = 'avx512' satisfies VectorLevel;
/** Encoders that tell, and how they are asked for WIDEST; libvpx and libaom choose at run time as well and say nothing about it. */
const ASKS: Readonly<Record<string, readonly [option: string, value: string]>> = {
  libx264: ['x264-params', 'asm=avx512'],
  libx265: ['x265-params', 'asm=avx512'],
  libsvtav1: ['svtav1-params', 'asm=avx512'],
};

export interface VectorUse {
  readonly encoder: string;
  /** The widest level that it uses; null where it does not tell. */
  readonly level: VectorLevel | null;
  /** What switches AVX-512 on, where it is left out by default: `asm=avx512 in x265-params`; null where the build can't use it, absent where it was not tried. */
  readonly switchedOnBy?: string | null;
}

/**
 * Of those encoders of an engine that tell; empty where it has none of them. Those that use less than AVX-512 are tried again with a wish for it, where the CPU has it.
 * @param setting the engine's
 * @param path of the executable; null for the bundled engine
 * @param encoders that the engine has
 * @param cpu what the CPU has; null where that is not known
 */
export async function vectorUse(
  setting: EngineSetting,
  path: string | null,
  encoders: readonly EncoderInfo[],
  cpu: VectorLevel | null,
): Promise<VectorUse[]> {
  const telling = encoders.filter(({ name, available }) => available && name in ASKS);
  const levelsOf = async (trials: readonly EncodeParameters[]) =>
    (await logsOf(setting, path, trials)).map(loggedLevel);
  const levels = await levelsOf(telling.map((encoder) => smallEncode(encoder)));
  const narrow = telling.filter((_, i) => levels[i] !== null && levels[i] !== WIDEST && cpu === WIDEST);
  const asked = await levelsOf(
    narrow.map((encoder) => smallEncode(encoder, { options: Object.fromEntries([ASKS[encoder.name]!]) })),
  );
  const switches = new Map(narrow.map(({ name }, i) => [name, asked[i] === WIDEST ? askedWith(name) : null]));
  return telling.map(({ name }, i) => ({
    encoder: name,
    level: levels[i]!,
    ...(switches.has(name) ? { switchedOnBy: switches.get(name)! } : {}),
  }));
}

function askedWith(encoder: string): string {
  const [option, value] = ASKS[encoder]!;
  return `${value} in ${option}`;
}

async function logsOf(
  setting: EngineSetting,
  path: string | null,
  trials: readonly EncodeParameters[],
): Promise<readonly string[]> {
  if (trials.length === 0) return [];
  return setting === BUNDLED_ENGINE || path === null
    ? (await runTrials(trials)).map(({ log }) => log)
    : (await runFfmpegTrials(path, trials)).map(({ wholeLog }) => wholeLog);
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

// Predictions before there is a model: pixels x frames x a rate, from the machine's calibration or, without one, a stated guess by codec. The bounds
// are wide on purpose, and nobody has proven them.

import { wordParts, type Interval, type Prediction, type WorkFeatures } from '#core/shape';
import type { Calibration, CalibrationRate } from './calibration.ts';
import { piecePixels } from './features.ts';
import { COVERAGE } from './held-out.ts';
import type { Sibling } from './model.ts';

/** Bounds are the median times and divided by these: a rate of the same preset, of another one, none at all. */
const SAME_PRESET = 3;
const OTHER_PRESET = 8;
const GUESSED = 20;

/** Finished pieces narrow the bounds, to no less than this. */
const NARROWEST = 1.5;

/** What one finished piece weighs: as much as two of the rate that was there before. */
const SIBLING_WEIGHT = 2;

/** Wall time falls with this power of the threads: less than in proportion (as a rule; `encodelab shapes` tells what was measured). */
const THREAD_POWER = 0.75;

/** CPU seconds for a megapixel of a frame at an encoder's middle preset, by codec; others as the slowest of them. */
const GUESSED_CPU: Readonly<Record<string, number>> = { h264: 0.03, hevc: 0.15, vp9: 0.2, av1: 0.2 };
const GUESSED_CPU_ELSE = 0.3;

/** A process without frames, and frames that it holds at a time, by codec; 1.5 bytes a pixel of 8 bits. */
const EMPTY_PROCESS_BYTES = 80e6;
const GUESSED_FRAMES: Readonly<Record<string, number>> = { h264: 100, hevc: 120, vp9: 80, av1: 250 };
const GUESSED_FRAMES_ELSE = 150;
const BYTES_A_PIXEL = 1.5;
const GUESSED_MEMORY = 4;

/** Median and the factor of its bounds. */
interface Rough {
  readonly value: number;
  readonly factor: number;
}

type Quantity = 'durationS' | 'cpuS' | 'memoryPeak';

/**
 * What a piece of work may take. @param calibration of this machine, null where there is none
 * @param siblings finished pieces of its title: from the first on, they tell more than the calibration does
 */
export function predictCold(
  calibration: Calibration | null,
  work: WorkFeatures,
  siblings: readonly Sibling[] = [],
): Prediction {
  const isMeasured = calibration !== null && sharesOf(work).every((share) => nearestRate(calibration, share) !== null);
  const of = (quantity: Quantity) => corrected(quantity, calibration, work, siblings);
  return {
    durationS: of('durationS'),
    cpuS: of('cpuS'),
    memoryBytes: of('memoryPeak'),
    coverage: COVERAGE,
    basis: isMeasured ? 'calibration' : 'guess',
  };
}

function corrected(
  quantity: Quantity,
  calibration: Calibration | null,
  work: WorkFeatures,
  siblings: readonly Sibling[],
): Interval | null {
  const rough = roughly(quantity, calibration, work);
  if (rough === null) return null;
  const residuals = siblings.flatMap((sibling) => {
    const used = sibling[quantity];
    const said = sibling.kind === work.kind ? roughly(quantity, calibration, sibling) : null;
    return said === null || used === null || !(used > 0) ? [] : [Math.log(used / said.value)];
  });
  const weight = SIBLING_WEIGHT * residuals.length;
  const offset =
    residuals.length === 0
      ? 0
      : (residuals.reduce((sum, each) => sum + each, 0) / residuals.length) * (weight / (1 + weight));
  const factor = Math.max(NARROWEST, rough.factor ** (1 / Math.sqrt(1 + weight)));
  const value = rough.value * Math.exp(offset);
  return { value, low: value / factor, high: value * factor };
}

/** Null where the work has no pictures to count. Of outputs by several encoders each has a share, and all are summed. */
function roughly(quantity: Quantity, calibration: Calibration | null, work: WorkFeatures): Rough | null {
  const shares = sharesOf(work).map((share) => roughlyOne(quantity, calibration, share));
  if (shares.some((share) => share === null)) return null;
  const factors = shares.map((share) => share!.factor);
  return { value: shares.reduce((sum, share) => sum + share!.value, 0), factor: Math.max(...factors) };
}

/** Of a piece by several encoders what each makes: as large a part of the pixels as any other, for nothing tells their sizes apart. */
function sharesOf(work: WorkFeatures): readonly WorkFeatures[] {
  const encoders = wordParts(work.encoder);
  if (encoders.length < 2) return [work];
  const pixels = piecePixels(work);
  const outputPixels = pixels === null ? null : pixels / encoders.length;
  const codecs = wordParts(work.codec);
  // Codecs are sorted as the encoders are; one that has several encoders stands once.
  const codecOf = (i: number) => (codecs.length === encoders.length ? codecs[i]! : null);
  return encoders.map((encoder, i) => ({
    ...work,
    encoder,
    codec: codecs.length === 1 ? work.codec : codecOf(i),
    outputPixels,
  }));
}

function roughlyOne(quantity: Quantity, calibration: Calibration | null, work: WorkFeatures): Rough | null {
  const pixels = piecePixels(work);
  if (pixels === null || work.frames === null) return null;
  const rate = calibration === null ? null : nearestRate(calibration, work);
  if (quantity === 'memoryPeak') return roughMemory(rate, work, pixels);
  const megapixels = (pixels * work.frames * work.passes) / 1e6;
  const threads = Math.max(1, work.threads ?? rate?.threads ?? 1);
  if (rate !== null) {
    const factor = isSamePreset(rate, work) ? SAME_PRESET : OTHER_PRESET;
    const seconds = rate.secondsPerMegapixel * (rate.threads / threads) ** THREAD_POWER;
    const perMegapixel = quantity === 'durationS' ? seconds : rate.cpuPerMegapixel;
    if (perMegapixel !== null) return { value: megapixels * perMegapixel, factor };
  }
  const cpuS = megapixels * (GUESSED_CPU[work.codec ?? ''] ?? GUESSED_CPU_ELSE);
  return { value: quantity === 'durationS' ? cpuS / threads ** THREAD_POWER : cpuS, factor: GUESSED };
}

function roughMemory(rate: CalibrationRate | null, work: WorkFeatures, pixels: number): Rough {
  const frames = GUESSED_FRAMES[work.codec ?? ''] ?? GUESSED_FRAMES_ELSE;
  const bytesAPixel = (work.bitDepth ?? 8) > 8 ? 2 * BYTES_A_PIXEL : BYTES_A_PIXEL;
  const guess = (each: number) => EMPTY_PROCESS_BYTES + each * frames * bytesAPixel;
  if (rate === null || rate.memoryPeak === null) return { value: guess(pixels), factor: GUESSED_MEMORY };
  const factor = isSamePreset(rate, work) ? SAME_PRESET : GUESSED_MEMORY;
  return { value: (rate.memoryPeak * guess(pixels)) / guess(rate.pixels), factor };
}

/** The same encoder's rate: of the same preset and the nearest count of threads where there is one. */
function nearestRate(calibration: Calibration, work: WorkFeatures): CalibrationRate | null {
  if (calibration.machine !== work.machine) return null;
  const distance = (rate: CalibrationRate) =>
    (rate.engine === work.engine ? 0 : 20) +
    (isSamePreset(rate, work) ? 0 : 10) +
    Math.abs(Math.log(rate.threads / Math.max(1, work.threads ?? rate.threads)));
  const rates = calibration.rates.filter((rate) => rate.encoder === work.encoder);
  return rates.sort((a, b) => distance(a) - distance(b))[0] ?? null;
}

/** Presets of different outputs are one word: it names them all. */
function isSamePreset(rate: CalibrationRate, work: WorkFeatures): boolean {
  return rate.preset === work.preset || (rate.preset !== null && wordParts(work.preset).includes(rate.preset));
}

// A piece of work as the model sees it: numbers, words from the most telling to the broadest, and its size. Nothing here is known only afterwards.

import type { Columns } from '#analysis/boosted-trees';
import type { WorkFeatures } from '#core/shape';
import type { LearnRow } from './interval-model.ts';

/** The model's columns of numbers, in this order. Stored with a model: one with other columns is not read. */
export const NUMBER_NAMES = [
  'log output pixels',
  'log source pixels',
  'log frames',
  'log width',
  'log height',
  'frame rate',
  'bit depth',
  'passes',
  'outputs',
  'threads',
  'rate value',
  'log bits a pixel',
  'spatial',
  'temporal',
  'spatial x temporal',
  'log source bytes a pixel',
] as const;

/** @returns NaN where a number does not apply or is not known */
export function learnRow(work: WorkFeatures): LearnRow {
  const pixels = piecePixels(work);
  const rate = work.rateControl === 'bitrate' ? work.rateValue : null;
  const numbers = [
    logOf(pixels),
    logOf(work.sourcePixels),
    logOf(work.frames),
    logOf(work.width),
    logOf(work.height),
    work.frameRate ?? NaN,
    work.bitDepth ?? NaN,
    work.passes,
    work.outputs,
    work.threads ?? NaN,
    // Steps of quality; bits a second are told by the next one.
    rate === null ? (work.rateValue ?? NaN) : NaN,
    logOf(rate) - logOf(pixels) - logOf(work.frameRate),
    work.spatial ?? NaN,
    work.temporal ?? NaN,
    (work.spatial ?? NaN) * (work.temporal ?? NaN),
    logOf(work.sourceFrameBytes) - logOf(work.sourcePixels),
  ];
  return { numbers, words: wordsOf(work) };
}

/** What a model must have seen to say anything: the same kind of work by the same encoder on the same machine. */
export function knownWord({ kind, engine, codec, encoder, machine }: WorkFeatures): string {
  return [kind, engine, codec, encoder, machine].join('|');
}

function wordsOf(work: WorkFeatures): string[] {
  const known = knownWord(work);
  const preset = `${known}|${work.preset}`;
  return [`${preset}|${work.rateControl}|${work.passes}|${work.threads}`, preset, known];
}

/** Natural logarithm of what time and CPU grow with: pixels x frames, as far as known. */
export function logWork(work: WorkFeatures): number {
  return Math.log((piecePixels(work) ?? 1) * (work.frames ?? 1));
}

/** Pixels' worth of memory that a process has before it holds a frame. */
const EMPTY_PROCESS_PIXELS = 1e6;

/** The same for memory, which holds frames but not all of them. */
export function logMemoryWork(work: WorkFeatures): number {
  return Math.log(EMPTY_PROCESS_PIXELS + (piecePixels(work) ?? 0) + (work.sourcePixels ?? 0));
}

/** Pixels that each frame of a piece has, all of its outputs together; null where it has none. */
export function piecePixels(work: WorkFeatures): number | null {
  if (work.outputPixels !== null) return work.outputPixels;
  return work.width !== null && work.height !== null ? work.width * work.height : work.sourcePixels;
}

/** Rows as columns. */
export function columnsOf(rows: readonly LearnRow[]): { columns: Columns; words: string[][] } {
  const width = rows[0]?.numbers.length ?? 0;
  const wordColumns = rows[0]?.words.length ?? 0;
  return {
    columns: Array.from({ length: width }, (_, column) => Float64Array.from(rows, (row) => row.numbers[column]!)),
    words: Array.from({ length: wordColumns }, (_, column) => rows.map((row) => row.words[column]!)),
  };
}

function logOf(value: number | null): number {
  return value === null || value <= 0 ? NaN : Math.log(value);
}

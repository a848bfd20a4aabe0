// The words of a piece that makes several outputs: theirs where they agree, all of them where they do not.

import { joinWords, type WorkFeatures } from '#core/shape';

/** What an output is made by and how, in the order in which words of several outputs are sorted. */
const NAMES = ['codec', 'encoder', 'engine', 'preset', 'rateControl'] as const;
export type OutputWords = Pick<WorkFeatures, (typeof NAMES)[number]>;

/** The order is that of the codecs' names, then of the encoders': whatever the ladder's, words of one place belong together. */
export function outputWords(outputs: readonly OutputWords[]): OutputWords {
  const keyOf = (output: OutputWords) => NAMES.map((name) => output[name] ?? '').join('\0');
  const sorted = outputs.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const words = NAMES.map((name) => [name, joinWords(sorted.map((output) => output[name]))] as const);
  return Object.fromEntries(words) as Record<(typeof NAMES)[number], string | null>;
}

// Words as numbers: how far the rows that carry a word are from the rest on average (target statistics), drawn to zero where few titles carry it.

/** Mean residual of each word. */
export type LevelMeans = Readonly<Record<string, number>>;

/**
 * Means over groups, each of which counts once.
 * @param words of each row
 * @param residuals of each row
 * @param counts rows to learn from; others are passed over
 * @param prior a word is believed by half once so many groups carry it
 */
export function levelMeans(
  words: readonly string[],
  residuals: Float64Array,
  groups: Int32Array,
  counts: (row: number) => boolean,
  prior: number,
): LevelMeans {
  const byWord = new Map<string, Map<number, { sum: number; rows: number }>>();
  for (let row = 0; row < words.length; row++) {
    if (!counts(row)) continue;
    const word = words[row]!;
    const parts = byWord.get(word) ?? new Map<number, { sum: number; rows: number }>();
    byWord.set(word, parts);
    const part = parts.get(groups[row]!) ?? { sum: 0, rows: 0 };
    parts.set(groups[row]!, part);
    part.sum += residuals[row]!;
    part.rows++;
  }
  const means: [string, number][] = [];
  for (const [word, parts] of byWord) {
    let sum = 0;
    for (const part of parts.values()) sum += part.sum / part.rows;
    means.push([word, sum / (parts.size + prior)]);
  }
  return Object.fromEntries(means);
}

/** The mean of a word; zero for one never seen. */
export function levelMean(means: LevelMeans, word: string): number {
  return Object.hasOwn(means, word) ? means[word]! : 0;
}

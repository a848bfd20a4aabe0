// Words as numbers: the mean target of the rows that carry the word (target statistics), drawn to the mean of all where few titles do.

/** A word is believed as much as the mean of all once so many titles carry it. */
const PRIOR_GROUPS = 2;

/** Mean target of each word; `''` is the mean of all, for words never seen. */
export type LevelMeans = Readonly<Record<string, number>>;

/**
 * Means over groups, each of which counts once.
 * @param words of each row
 * @param counts rows to learn from; others are passed over
 */
export function levelMeans(
  words: readonly string[],
  target: Float64Array,
  groups: Int32Array,
  counts: (row: number) => boolean,
): LevelMeans {
  const byWord = new Map<string, Map<number, { sum: number; rows: number }>>();
  for (let row = 0; row < words.length; row++) {
    if (!counts(row)) continue;
    const word = words[row]!;
    const groupsOfWord = byWord.get(word) ?? new Map<number, { sum: number; rows: number }>();
    byWord.set(word, groupsOfWord);
    const part = groupsOfWord.get(groups[row]!) ?? { sum: 0, rows: 0 };
    groupsOfWord.set(groups[row]!, part);
    part.sum += target[row]!;
    part.rows++;
  }
  const sums = [...byWord].map(([word, parts]) => {
    let sum = 0;
    for (const part of parts.values()) sum += part.sum / part.rows;
    return { word, sum, groups: parts.size };
  });
  const all = sums.reduce((mean, each) => mean + each.sum / each.groups / sums.length, 0);
  const means: Record<string, number> = { '': all };
  for (const each of sums) means[each.word] = (each.sum + PRIOR_GROUPS * all) / (each.groups + PRIOR_GROUPS);
  return means;
}

/** The mean of a word. */
export function levelMean(means: LevelMeans, word: string): number {
  return (Object.hasOwn(means, word) ? means[word] : means['']) ?? 0;
}

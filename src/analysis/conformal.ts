// Bounds that hold without a belief in the shape of errors: split-conformal quantiles, of rows that come in groups.

/**
 * The score that a row of a new group exceeds no more often than `1 - level`. Rows of a group are not independent, groups are: each group counts
 * once however many rows it has, and the new group counts as one that may be anywhere (pooled distribution functions: Dunn, Wasserman and Ramdas,
 * "Distribution-free prediction sets for two-layer hierarchical models", Journal of the American Statistical Association, 2023). What is promised
 * is the mean over new groups; within one group it may be far off.
 * @param scores finite
 * @param groups of each score
 * @param level 0 to 1
 * @returns Infinity where there are too few groups to promise it: fewer than level / (1 - level)
 */
export function groupedQuantile(scores: Float64Array, groups: ArrayLike<number>, level: number): number {
  const sizes = new Map<number, number>();
  for (let i = 0; i < scores.length; i++) sizes.set(groups[i]!, (sizes.get(groups[i]!) ?? 0) + 1);
  const order = new Uint32Array(scores.length);
  for (let i = 0; i < order.length; i++) order[i] = i;
  order.sort((a, b) => scores[a]! - scores[b]!);
  const wanted = level * (sizes.size + 1);
  let weight = 0;
  for (const index of order) {
    weight += 1 / sizes.get(groups[index]!)!;
    if (weight >= wanted - 1e-9) return scores[index]!;
  }
  return Infinity;
}

// Bounds that hold without a belief in the shape of errors: split-conformal quantiles, of rows that come in groups.

/** Scores between which a row of a new group lies. */
export interface GroupedBounds {
  /** -Infinity and Infinity where there are too few groups to promise it: fewer than (1 - tail) / tail. */
  readonly low: number;
  readonly high: number;
}

/**
 * The scores that a row of a new group falls below, and exceeds, no more often than the tails say. Rows of a group are not independent, groups are:
 * each group counts once however many rows it has, and the new group counts as one that may be anywhere (pooled distribution functions: Dunn,
 * Wasserman and Ramdas, "Distribution-free prediction sets for two-layer hierarchical models", Journal of the American Statistical Association,
 * 2023). What is promised is the mean over new groups; within one group it may be far off.
 * @param scores finite
 * @param groups of each score
 * @param tails shares, 0 to 1
 */
export function groupedBounds(
  scores: Float64Array,
  groups: ArrayLike<number>,
  tails: { readonly below: number; readonly above: number },
): GroupedBounds {
  const sizes = new Map<number, number>();
  for (let i = 0; i < scores.length; i++) sizes.set(groups[i]!, (sizes.get(groups[i]!) ?? 0) + 1);
  const order = new Uint32Array(scores.length);
  for (let i = 0; i < order.length; i++) order[i] = i;
  order.sort((a, b) => scores[a]! - scores[b]!);
  /** From one end of the order on, until the wanted share of the groups is passed. */
  const passed = (from: number, step: number, tail: number) => {
    const wanted = (1 - tail) * (sizes.size + 1);
    let weight = 0;
    for (let i = from; i >= 0 && i < order.length; i += step) {
      weight += 1 / sizes.get(groups[order[i]!]!)!;
      if (weight >= wanted - ROUNDING) return scores[order[i]!]!;
    }
    return null;
  };
  return {
    low: passed(order.length - 1, -1, tails.below) ?? -Infinity,
    high: passed(0, 1, tails.above) ?? Infinity,
  };
}

/** Sums of weights are off by less. */
const ROUNDING = 1e-9;

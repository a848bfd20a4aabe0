// Many tests at once: p-values corrected, so that of what is called significant few are false.

/**
 * Adjusted p-values of Benjamini and Hochberg (1995): among those at or below q, the expected share of false ones is at most q. Holds for independent and
 * for positively dependent tests (Benjamini and Yekutieli 2001), as metrics of one run are.
 * @param p each 0 to 1; NaN is no test: it stays NaN and does not count
 * @returns in the order of the input, never below the p that it came from
 */
export function benjaminiHochberg(p: ArrayLike<number>): Float64Array {
  const adjusted = new Float64Array(p.length).fill(NaN);
  const ranked = Array.from({ length: p.length }, (_, i) => i)
    .filter((i) => !Number.isNaN(p[i]!))
    .sort((a, b) => p[a]! - p[b]!);
  let least = 1;
  for (let rank = ranked.length; rank > 0; rank--) {
    const i = ranked[rank - 1]!;
    least = Math.min(least, (p[i]! * ranked.length) / rank);
    adjusted[i] = least;
  }
  return adjusted;
}

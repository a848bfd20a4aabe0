// Ranks of a sample, scaled so that the sum of products of two is their rank correlation (Spearman 1904).

/** Ranks less their mean, of length 1; equal values share their mean rank. All 0 where all values are the same. */
export function rankValues(values: ArrayLike<number>): Float64Array {
  const n = values.length;
  const order = Int32Array.from({ length: n }, (_, i) => i).sort((a, b) => values[a]! - values[b]!);
  const ranks = new Float64Array(n);
  for (let i = 0; i < n;) {
    let end = i;
    while (end < n && values[order[end]!] === values[order[i]!]) end++;
    for (let k = i; k < end; k++) ranks[order[k]!] = (i + end - 1) / 2 - (n - 1) / 2;
    i = end;
  }
  const length = Math.sqrt(squares(ranks));
  return length === 0 ? ranks : ranks.map((rank) => rank / length);
}

/** Autocorrelation of values of mean 0 and length 1. */
export function lagged(values: Float64Array, lag: number): number {
  let sum = 0;
  for (let i = lag; i < values.length; i++) sum += values[i]! * values[i - lag]!;
  return sum;
}

function squares(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return sum;
}

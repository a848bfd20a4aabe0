// Marks of an axis at numbers that people count in.

/** Most decimals that an axis shows. */
const MAX_DECIMALS = 6;

/**
 * Ticks at 1, 2 or 5 times a power of ten within a range.
 * @param count about how many
 */
export function niceTicks(low: number, high: number, count: number): number[] {
  if (!(high > low) || count < 1) return [low];
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough)!;
  const ticks: number[] = [];
  // Multiples, not sums: a sum of tenths drifts.
  for (let n = Math.ceil(low / step); n * step <= high + step * 1e-9; n++)
    ticks.push(Number((n * step).toPrecision(12)));
  return ticks;
}

/** Texts of an axis, all with as many decimals as the finest needs: 0, 0.5, 1.0, 1.5. */
export function tickTexts(ticks: readonly number[]): string[] {
  const decimals = Math.max(0, ...ticks.map(decimalsOf));
  return ticks.map((tick) => (tick === 0 ? '0' : tick.toFixed(decimals).replace('-', '−')));
}

function decimalsOf(tick: number): number {
  for (let decimals = 0; decimals < MAX_DECIMALS; decimals++) {
    if (Math.abs(tick - Number(tick.toFixed(decimals))) <= Math.abs(tick) * 1e-6) return decimals;
  }
  return MAX_DECIMALS;
}

// Which output frame shows which expected one: by the nearest time, so that a lost frame shifts nothing behind it. Pure.

/** What is known of the next frames on both sides; seconds from the first frame of each. */
export interface Times {
  /** Of the expected frame before; null where this is the first. */
  readonly previous: number | null;
  readonly expected: number;
  /** Of the expected frame behind; null where this is the last. */
  readonly next: number | null;
  readonly output: number;
  /** Times that differ by no more are the same: what the container rounds to (Matroska's millisecond). */
  readonly rounding: number;
}

/**
 * `pair`: the output frame shows the expected one; `missing`: nothing shows the expected one, try the next; `surplus`:
 * the output frame belongs to no expected one, try the next. An output frame belongs to the expected frame that it is
 * nearest to, and to none that is further away than half of the distance between expected frames.
 */
export function matchStep({ previous, expected, next, output, rounding }: Times): 'pair' | 'missing' | 'surplus' {
  const distance = Math.abs(output - expected);
  if (distance <= rounding) return 'pair';
  if (next !== null && Math.abs(output - next) < distance) return 'missing';
  const before = previous === null ? null : expected - previous;
  const behind = next === null ? null : next - expected;
  const gap = (output < expected ? (before ?? behind) : (behind ?? before)) ?? Infinity;
  if (distance <= gap / 2 + rounding) return 'pair';
  return 'surplus';
}

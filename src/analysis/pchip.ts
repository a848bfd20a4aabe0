// PCHIP: a smooth curve through points that never swings beyond them.

/** A curve through points: pieces of third degree with these slopes at the points. */
export interface Pchip {
  /** Strictly ascending. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly slope: Float64Array;
}

/**
 * Piecewise cubic Hermite interpolation that keeps the data's shape: Fritsch and Carlson (1980), with the slopes of Fritsch and
 * Butland (1984) inside and the three-point formula at the ends, as in Matlab, in SciPy and in the sheets of JCT-VC and JVET.
 * @param x strictly ascending, two or more
 */
export function pchip(x: ArrayLike<number>, y: ArrayLike<number>): Pchip {
  const count = x.length;
  const widths = new Float64Array(count - 1);
  const rises = new Float64Array(count - 1);
  for (let i = 0; i + 1 < count; i++) {
    widths[i] = x[i + 1]! - x[i]!;
    rises[i] = (y[i + 1]! - y[i]!) / widths[i]!;
  }
  const slope = new Float64Array(count);
  if (count === 2) slope.fill(rises[0]!);
  else {
    slope[0] = endSlope(widths[0]!, widths[1]!, rises[0]!, rises[1]!);
    slope[count - 1] = endSlope(widths.at(-1)!, widths.at(-2)!, rises.at(-1)!, rises.at(-2)!);
  }
  for (let i = 1; i + 1 < count; i++) {
    const [before, after] = [rises[i - 1]!, rises[i]!];
    // A point where the data turns is a peak of the curve too.
    if (before * after <= 0) continue;
    const weightBefore = 2 * widths[i]! + widths[i - 1]!;
    const weightAfter = widths[i]! + 2 * widths[i - 1]!;
    slope[i] = (weightBefore + weightAfter) / (weightBefore / before + weightAfter / after);
  }
  return { x: Float64Array.from(x), y: Float64Array.from(y), slope };
}

/** Height of the curve at a place; NaN outside of its points. */
export function valueAt(curve: Pchip, at: number): number {
  const { x } = curve;
  if (!(at >= x[0]! && at <= x.at(-1)!)) return NaN;
  const piece = Math.min(pieceOf(x, at), x.length - 2);
  const [y, rise, square, cube] = coefficients(curve, piece);
  const t = at - x[piece]!;
  return y + t * (rise + t * (square + t * cube));
}

/** Area below the curve from one place to another, both within its points: exact, not sampled. */
export function areaBetween(curve: Pchip, from: number, to: number): number {
  const { x } = curve;
  let area = 0;
  for (let piece = 0; piece + 1 < x.length; piece++) {
    const start = Math.max(from, x[piece]!);
    const end = Math.min(to, x[piece + 1]!);
    if (!(end > start)) continue;
    const [y, rise, square, cube] = coefficients(curve, piece);
    const upTo = (t: number) => t * (y + t * (rise / 2 + t * (square / 3 + (t * cube) / 4)));
    area += upTo(end - x[piece]!) - upTo(start - x[piece]!);
  }
  return area;
}

/** Of the polynomial of a piece, in the distance from its left point. */
function coefficients({ x, y, slope }: Pchip, piece: number): [number, number, number, number] {
  const width = x[piece + 1]! - x[piece]!;
  const rise = (y[piece + 1]! - y[piece]!) / width;
  const [left, right] = [slope[piece]!, slope[piece + 1]!];
  return [y[piece]!, left, (3 * rise - 2 * left - right) / width, (left + right - 2 * rise) / width ** 2];
}

/** The piece that a place lies in: the last point that is not past it. */
function pieceOf(x: Float64Array, at: number): number {
  let low = 0;
  let high = x.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (x[middle]! <= at) low = middle;
    else high = middle;
  }
  return low;
}

/** One-sided and limited, so that the curve keeps the shape of the data up to its ends (Moler 2004, pchiptx). */
function endSlope(width: number, nextWidth: number, rise: number, nextRise: number): number {
  const slope = ((2 * width + nextWidth) * rise - width * nextRise) / (width + nextWidth);
  if (Math.sign(slope) !== Math.sign(rise)) return 0;
  if (Math.sign(rise) !== Math.sign(nextRise) && Math.abs(slope) > 3 * Math.abs(rise)) return 3 * rise;
  return slope;
}

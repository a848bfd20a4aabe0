// Orthonormal columns: what a linear model is fitted by, when it is fitted some thousand times to the same design.

/** Of a column's length what must be left beyond the others for it to count as a column of its own. */
const LEAST_REST = 1e-6;

/**
 * Makes columns orthonormal to a basis and to each other (Gram and Schmidt, twice: once is not enough in floating point).
 * @param basis orthonormal columns
 * @returns what the columns add to it; those that add nothing are left out
 */
export function orthonormalBeyond(basis: readonly Float64Array[], columns: readonly Float64Array[]): Float64Array[] {
  const added: Float64Array[] = [];
  for (const column of columns) {
    const rest = Float64Array.from(column);
    const before = length(rest);
    for (let pass = 0; pass < 2; pass++) {
      for (const known of basis) subtractAlong(rest, known);
      for (const known of added) subtractAlong(rest, known);
    }
    const left = length(rest);
    if (!(left > LEAST_REST * before)) continue;
    for (let i = 0; i < rest.length; i++) rest[i]! /= left;
    added.push(rest);
  }
  return added;
}

/** The column of ones, of length 1. */
export function constantColumn(count: number): Float64Array {
  return new Float64Array(count).fill(1 / Math.sqrt(count));
}

/** Sum of squares of what orthonormal columns explain of values. */
export function explained(columns: readonly Float64Array[], values: Float64Array): number {
  let sum = 0;
  for (const column of columns) sum += dot(column, values) ** 2;
  return sum;
}

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** Takes out of values what lies along an orthonormal column. */
export function subtractAlong(values: Float64Array, column: Float64Array): void {
  const along = dot(column, values);
  for (let i = 0; i < values.length; i++) values[i]! -= along * column[i]!;
}

function length(values: Float64Array): number {
  return Math.sqrt(dot(values, values));
}

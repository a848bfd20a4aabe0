// The Cholesky factor of a symmetric positive matrix, inverted: all that regression with a few hundred points takes.

/**
 * @param matrix n x n, row by row; its lower triangle is read, and overwritten
 * @returns the inverse of its lower factor L (matrix = L times L transposed), lower triangle; so the inverse of the matrix is that transposed, times it
 */
export function invertedFactor(matrix: Float64Array, n: number): Float64Array {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= matrix[i * n + k]! * matrix[j * n + k]!;
      matrix[i * n + j] = i === j ? Math.sqrt(Math.max(sum, Number.EPSILON)) : sum / matrix[j * n + j]!;
    }
  }
  const inverse = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    // Row by row: each is a sum of the rows above it.
    for (let k = 0; k < i; k++) {
      const factor = matrix[i * n + k]!;
      for (let j = 0; j <= k; j++) inverse[i * n + j]! -= factor * inverse[k * n + j]!;
    }
    const pivot = matrix[i * n + i]!;
    for (let j = 0; j < i; j++) inverse[i * n + j]! /= pivot;
    inverse[i * n + i] = 1 / pivot;
  }
  return inverse;
}

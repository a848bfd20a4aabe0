import fc from 'fast-check';
import { expect, test } from 'vitest';
import { invertedFactor } from './cholesky.ts';

test('the inverted factor, transposed, times itself is the inverse of the matrix', () => {
  const number = fc.double({ min: -2, max: 2, noNaN: true });
  fc.assert(
    fc.property(fc.array(number, { minLength: 16, maxLength: 16 }), (root) => {
      const n = 4;
      const matrix = new Float64Array(n * n);
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) {
          for (let k = 0; k < n; k++) matrix[i * n + j]! += root[i * n + k]! * root[j * n + k]!;
        }
        matrix[i * n + i]! += 0.5;
      }
      const inverse = invertedFactor(matrix.slice(), n);
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) {
          let cell = 0;
          for (let k = 0; k < n; k++) {
            for (let l = Math.max(k, j); l < n; l++)
              cell += matrix[i * n + k]! * inverse[l * n + k]! * inverse[l * n + j]!;
          }
          expect(cell).toBeCloseTo(i === j ? 1 : 0, 8);
        }
      }
    }),
    { numRuns: 30 },
  );
});

import { expect, test } from 'vitest';
import { UserError } from '#core/user-error';
import { GrowingColumn, doubledCapacity } from './growing-column.ts';

test('a column grows while rows are added', () => {
  const column = new GrowingColumn(Uint8Array, 1);
  for (let row = 0; row < 9; row++) column.push(row);
  expect([...column.view()]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
});

test('a file of more rows than there is memory for is refused', () => {
  let capacity = 1024;
  expect(() => {
    for (let times = 0; times < 40; times++) capacity = doubledCapacity(capacity);
  }).toThrow(UserError);
  expect(capacity).toBe(2 ** 26);
});

import { expect, test } from 'vitest';
import { type BoostOptions, type BoostTable, boostTrees, treeValues } from './boosted-trees.ts';
import { binColumn, binEdges, binOf, MISSING_BIN } from './boosted-trees-bins.ts';
import { seededRandom } from './random.ts';

const options: BoostOptions = {
  trees: 60,
  patience: 10,
  leaves: 8,
  leafRows: 2,
  ridge: 0,
  shrinkage: 0.3,
  bins: 64,
  groupShare: 1,
  rowShare: 1,
  columnShare: 1,
  clip: Infinity,
  seed: 1,
};

test('a column of few values has a bin for each; a long one has bins of about as many rows', () => {
  const edges = binEdges(Float64Array.of(3, 1, 2, NaN, 2), 10);
  expect([...edges]).toEqual([1.5, 2.5]);
  expect([...binColumn(Float64Array.of(3, 1, 2, NaN, 99, -99), edges)]).toEqual([3, 1, 2, MISSING_BIN, 3, 1]);

  const skewed = Float64Array.from({ length: 10_000 }, (_, i) => (i < 5000 ? 0 : i ** 2));
  const long = binEdges(skewed, 11);
  const rows = new Uint32Array(12);
  for (const bin of binColumn(skewed, long)) rows[bin]!++;
  expect([...rows.subarray(1)]).toEqual([5000, ...Array<number>(10).fill(500)]);
  expect(binOf(NaN, long)).toBe(MISSING_BIN);
});

test('trees learn what no sum of single columns tells', () => {
  const { table, rows } = sampled(2000, (a, b) => (a > 0.5 === b > 0.3 ? 4 : -1));
  const { trees } = boostTrees(table, rows, new Int32Array(), options);
  const value = treeValues(trees);
  for (const [a, b, truth] of [
    [0.9, 0.9, 4],
    [0.9, 0.1, -1],
    [0.1, 0.9, -1],
    [0.1, 0.1, 4],
  ] as const) {
    expect(value([a, b, 0.5])).toBeCloseTo(truth, 1);
  }
});

test('rows without a value go where they belong, to either side', () => {
  for (const truth of [-3, 3]) {
    const { table, rows } = sampled(900, (a, _b, row) => (row % 3 === 0 ? truth : Math.sign(a - 0.5) * 3));
    const column = table.columns[0]!.map((value, row) => (row % 3 === 0 ? NaN : value));
    const { trees } = boostTrees({ ...table, columns: [column] }, rows, new Int32Array(), options);
    const value = treeValues(trees);
    expect([value([NaN]), value([0.1]), value([0.9])].map(Math.round)).toEqual([truth, -3, 3]);
  }
});

test('the same seed gives the same trees, another one others; trees survive being stored', () => {
  const { table, rows } = sampled(1000, (a, b) => a + 2 * b);
  const shares = { ...options, groupShare: 0.6, rowShare: 0.6, columnShare: 0.6 };
  const held = rows.slice(0, 200);
  const fit = () => boostTrees(table, rows.slice(200), held, shares);
  const { trees, heldValues } = fit();
  expect(fit().trees).toEqual(trees);
  expect(boostTrees(table, rows.slice(200), held, { ...shares, seed: 2 }).trees).not.toEqual(trees);
  const value = treeValues(JSON.parse(JSON.stringify(trees)) as typeof trees);
  for (const [index, row] of held.entries()) {
    expect(value(table.columns.map((column) => column[row]!))).toBeCloseTo(heldValues[index]!, 9);
  }
});

test('it ends where the held-out rows are served best: at once where there is nothing to learn', () => {
  const random = seededRandom(5);
  const { table, rows } = sampled(1000, () => random() / 2 ** 32);
  const { trees, heldValues } = boostTrees(table, rows.slice(300), rows.slice(0, 300), options);
  expect(trees.roots.length).toBeLessThan(5);
  expect(trees.column.length).toBeLessThan(5 * 15);
  expect(heldValues.every((value) => Math.abs(value - 0.5) < 0.2)).toBe(true);
});

test('a clip keeps single rows far off from drawing the rest of their leaf', () => {
  const { table, rows } = sampled(1000, (_a, _b, row) => (row % 50 === 0 ? 500 : 0));
  const single = { ...table, columns: [table.columns[0]!] };
  const middle = (clip: number) => {
    const { trees } = boostTrees(single, rows, new Int32Array(), { ...options, clip, leafRows: 100 });
    return Math.abs(treeValues(trees)([0.5]));
  };
  expect(middle(1)).toBeLessThan(middle(Infinity) / 2);
});

/** Three columns of random numbers from 0 to 1, and a target of the first two. */
function sampled(length: number, truth: (a: number, b: number, row: number) => number) {
  const random = seededRandom(3);
  const column = () => Float64Array.from({ length }, () => random() / 2 ** 32);
  const columns = [column(), column(), column()];
  const target = Float64Array.from({ length }, (_, row) => truth(columns[0]![row]!, columns[1]![row]!, row));
  const table: BoostTable = { columns, target, groups: Int32Array.from(target, (_, row) => row % 40) };
  return { table, rows: Int32Array.from(target.keys()) };
}

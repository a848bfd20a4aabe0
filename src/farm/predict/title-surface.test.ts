import { expect, test } from 'vitest';
import { seededRandom } from '#analysis/random';
import { fitSurface, surfaceValue } from './title-surface.ts';

const ROWS = 4;

/** Titles of {@link ROWS} rows: a fact of the title, its complexity; an option of each row; a column that is never known. */
function titlesOf(count: number, truth: (complexity: number) => number, noise = 0.05) {
  const random = seededRandom(8);
  const uniform = () => random() / 2 ** 32;
  const complexity = Float64Array.from({ length: count }, () => Math.exp(3 * uniform()));
  const groups = Int32Array.from({ length: count * ROWS }, (_, row) => Math.floor(row / ROWS));
  const columns = [
    Float64Array.from(groups, (title) => complexity[title]!),
    Float64Array.from(groups, () => uniform()),
    new Float64Array(groups.length).fill(NaN),
  ];
  const target = Float64Array.from(groups, (title) => truth(complexity[title]!) + noise * (uniform() - 0.5));
  return { columns, target, groups, rows: Int32Array.from(groups.keys()) };
}

const wave = (complexity: number) => Math.sin(2 * Math.log(complexity));

test('a surface says of titles that it never saw what varies smoothly with their facts, whatever else the rows carry', () => {
  const { columns, target, groups, rows } = titlesOf(120, wave);
  const { surface } = fitSurface(columns, target, groups, rows)!;
  expect(surface.facts.map(({ column }) => column)).toEqual([0]);
  const value = surfaceValue(JSON.parse(JSON.stringify(surface)) as typeof surface);
  for (const complexity of [1.5, 3, 6, 12, 18]) {
    expect(Math.abs(value([complexity, 0.5, NaN]) - wave(complexity))).toBeLessThan(0.1);
  }
  expect(Number.isFinite(value([NaN, NaN, NaN]))).toBe(true);
});

test('what is said of a title without that title does not know what that title took', () => {
  const { columns, target, groups, rows } = titlesOf(60, wave, 0.5);
  const odd = target.map((value, row) => value + (groups[row] === 7 ? 3 : 0));
  const facts = columns.map((column) => column[7 * ROWS]!);
  const plain = fitSurface(columns, target, groups, rows)!;
  const shifted = fitSurface(columns, odd, groups, rows)!;
  expect(Math.abs(shifted.without.get(7)! - plain.without.get(7)!)).toBeLessThan(0.08);
  expect(surfaceValue(shifted.surface)(facts) - surfaceValue(plain.surface)(facts)).toBeGreaterThan(0.16);
});

test('facts that tell nothing say about nothing; few titles and none that differ are no surface', () => {
  const random = seededRandom(2);
  const { columns, groups, rows } = titlesOf(100, () => 0);
  const noise = Float64Array.from({ length: 100 }, () => random() / 2 ** 31 - 1);
  const value = surfaceValue(
    fitSurface(
      columns,
      Float64Array.from(groups, (title) => noise[title]!),
      groups,
      rows,
    )!.surface,
  );
  for (const complexity of [1.5, 6, 18]) expect(Math.abs(value([complexity, 0, 0]))).toBeLessThan(0.35);
  const few = titlesOf(5, wave);
  expect(fitSurface(few.columns, few.target, few.groups, few.rows)).toBeNull();
  expect(
    fitSurface([new Float64Array(groups.length).fill(3)], new Float64Array(groups.length), groups, rows),
  ).toBeNull();
});

test('more titles than it can hold are thinned out, and each still has its value', () => {
  const { columns, target, groups, rows } = titlesOf(500, wave);
  const { surface, without, isWhole } = fitSurface(columns, target, groups, rows)!;
  expect(isWhole).toBe(false);
  expect(surface.weights.length).toBeLessThanOrEqual(400);
  expect(without.size).toBe(500);
});

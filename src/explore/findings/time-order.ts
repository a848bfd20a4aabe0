// Was a setting varied by chance, or one value after the other? Then a change of the machine looks like its effect.

import { propertyTitle } from '../data/dataset.ts';
import type { Study } from './study.ts';

const LEAST_RUNS = 12;
/** Of the variance of the order in which runs were made, as much is explained by the setting. */
const MOST_EXPLAINED = 0.6;

/** Notes settings whose values were measured one after the other. */
export function noteTimeOrder(study: Study): void {
  const { dataset, rows, cellOf, factors, names, notes } = study;
  if (rows.length < LEAST_RUNS) return;
  const order = Int32Array.from(rows.keys()).sort(
    (a, b) => dataset.startedAtMs[rows[a]!]! - dataset.startedAtMs[rows[b]!]!,
  );
  const middle = (rows.length - 1) / 2;
  const total = (rows.length * (rows.length ** 2 - 1)) / 12;
  for (const { name, origin, levels, codes } of factors) {
    if (origin === 'fact' || levels.length * 4 > rows.length) continue;
    const sums = new Float64Array(levels.length);
    const counts = new Float64Array(levels.length);
    for (const [place, run] of order.entries()) {
      const level = codes[cellOf[run]!]!;
      sums[level]! += place - middle;
      counts[level]!++;
    }
    const explained = sums.reduce((all, sum, level) => all + sum ** 2 / counts[level]!, 0) / total;
    if (explained > MOST_EXPLAINED)
      notes.add(
        `the values of ${propertyTitle(names, name)} were measured one after the other: a change of the machine meanwhile would look like its effect`,
      );
  }
}

// Names that two parts of a matrix would both set in one cell.

import type { Axis } from './axis.ts';
import { quoteName, type ProblemList } from '#system/yaml/problem-list';

/**
 * Tells a problem for each name that two parts of the matrix would both set in one cell: which of them wins would be
 * a guess. A named value may override what `settings` fixes.
 */
export function checkOverlaps(axes: readonly Axis[], fixed: ReadonlySet<string>, problems: ProblemList): void {
  for (const axis of axes)
    if (fixed.has(axis.property))
      problems.add(
        axis.at,
        `${quoteName(axis.property)} is fixed in settings and varies in the matrix`,
        'keep one of them',
      );
  collectNames(axes, problems);
}

/** Names that axes side by side may set, each with its place. */
function collectNames(axes: readonly Axis[], problems: ProblemList): Map<string, number> {
  const all = new Map<string, number>();
  const claim = (names: ReadonlyMap<string, number>, into: Map<string, number>) => {
    for (const [name, at] of names) {
      if (into.has(name))
        problems.add(at, `${quoteName(name)} is set in two places that meet in one cell`, 'keep one of them');
      else into.set(name, at);
    }
  };
  for (const axis of axes) {
    const ofAxis = new Map([[axis.property, axis.at]]);
    for (const value of axis.values) {
      const ofValue = new Map([[axis.property, axis.at]]);
      claim(new Map(value.fixed.map(({ property, at }) => [property, at])), ofValue);
      claim(collectNames(value.nested, problems), ofValue);
      for (const [name, at] of ofValue) if (!ofAxis.has(name)) ofAxis.set(name, at);
    }
    claim(ofAxis, all);
  }
  return all;
}

// What an axis offers to a cell: each of its values, with every combination of the properties nested in it.

import { formatSettingValue, type SettingValue } from '#core/settings';
import type { Axis, AxisValue } from './axis.ts';

/** One value of an axis with one choice for each property nested in it: what a cell takes from that axis. */
export interface Alternative {
  /** Value name of the axis itself. */
  readonly name: string;
  /** Properties nested in it, with the names of their values. */
  readonly nested: readonly (readonly [string, string])[];
  readonly settings: readonly (readonly [string, SettingValue])[];
  readonly labels: readonly string[];
}

/** All combinations within one axis. */
export function alternatives(axis: Axis, varying: ReadonlySet<string>): Alternative[] {
  return axisValues(axis).flatMap((value) => {
    const base: Alternative = {
      name: value.name,
      nested: value.fixed.flatMap(({ property, value: { name } }) =>
        varying.has(property) ? [[property, name] as const] : [],
      ),
      settings: [
        [axis.property, value.value],
        ...value.fixed.map(({ property, value: { value: setting } }) => [property, setting] as const),
      ],
      labels: value.label ? [axis.property] : [],
    };
    return value.nested.reduce(
      (combinations, nestedAxis) => {
        const choices = alternatives(nestedAxis, varying);
        return combinations.flatMap((left) => choices.map((right) => joinNested(left, nestedAxis.property, right)));
      },
      [base],
    );
  });
}

function joinNested(left: Alternative, property: string, right: Alternative): Alternative {
  return {
    name: left.name,
    nested: [...left.nested, [property, right.name], ...right.nested],
    settings: [...left.settings, ...right.settings],
    labels: right.labels.length === 0 ? left.labels : [...left.labels, ...right.labels],
  };
}

function axisValues(axis: Axis): readonly AxisValue[] {
  const { range } = axis;
  if (range === null) return axis.values;
  return Array.from({ length: range.count }, (_, index) => {
    const value = range.at(index);
    return { name: formatSettingValue(value), value, label: false, fixed: [], nested: [] };
  });
}

/** Properties that vary inside of a named value somewhere: where another value fixes one, it is shown as well. */
export function nestedProperties(axes: readonly Axis[]): Set<string> {
  const names = new Set<string>();
  for (const axis of axes) {
    for (const { nested } of axis.values) {
      for (const { property } of nested) names.add(property);
      for (const name of nestedProperties(nested)) names.add(name);
    }
  }
  return names;
}

/** How many cells the axes have, without building any. */
export function countCells(axes: readonly Axis[]): number {
  return axes.reduce((product, axis) => product * countAlternatives(axis), 1);
}

function countAlternatives(axis: Axis): number {
  return axis.range?.count ?? axis.values.reduce((sum, value) => sum + countCells(value.nested), 0);
}

// From axes to cells: counted first, then built.

import type { Cell } from '#core/benchmark';
import type { SettingValue } from '#core/settings';
import { UserError } from '#core/user-error';
import { alternatives, countCells, nestedProperties } from './alternatives.ts';
import type { Axis } from './axis.ts';
import { cellLabel, type CellDraft } from './cell-draft.ts';
import { exclude, type Exclusion } from './exclude.ts';
import { include, type Inclusion } from './include.ts';
import type { ProblemList } from '#system/yaml/problem-list';

/** Cells that a benchmark has without being asked twice. */
export const MAX_CELLS = 100_000;
/** More are refused whatever the user says: a cell takes up to a kilobyte, and the heap holds about 2 GB by default. */
export const MAX_CELLS_AT_ALL = 2_000_000;

export interface Matrix {
  readonly axes: readonly Axis[];
  /** Settings that all cells share. */
  readonly fixed: Readonly<Record<string, SettingValue>>;
  /** Names in `fixed` that are no settings of the encoder. */
  readonly fixedLabels: readonly string[];
  readonly exclusions: readonly Exclusion[];
  readonly inclusions: readonly Inclusion[];
}

export interface ExpandOptions {
  /** Allows more than {@link MAX_CELLS}. */
  readonly yes?: boolean | undefined;
  /** Place of the matrix, for the message. */
  readonly where: string;
}

/**
 * All cells of a matrix: every combination, less `exclude`, plus `include`; the first property varies slowest.
 * Within a value's own properties only that value's lists are crossed.
 * @throws UserError for too many cells, with their number, before any is built
 */
export function expand(matrix: Matrix, problems: ProblemList, options: ExpandOptions): Cell[] {
  refuseTooMany(countCells(matrix.axes), options);
  const kept = exclude(cross(matrix), matrix.exclusions, problems);
  const drafts = include(kept, matrix.inclusions, matrix, problems);
  return drafts.map(({ properties, settings, labels }, index) => ({
    index,
    label: cellLabel(properties),
    properties,
    settings,
    labels,
  }));
}

/** The whole product, the first axis slowest. */
function cross({ axes, fixed, fixedLabels }: Matrix): CellDraft[] {
  const varying = nestedProperties(axes);
  const choices = axes.map((axis) => alternatives(axis, varying));
  const labelLists = new Map<string, readonly string[]>();
  const total = choices.reduce((product, list) => product * list.length, 1);
  const position = new Int32Array(axes.length);
  const drafts: CellDraft[] = [];
  for (let n = 0; n < total; n++) {
    const properties: Record<string, string> = {};
    const settings: Record<string, SettingValue> = { ...fixed };
    let labels: readonly string[] = fixedLabels;
    for (let a = 0; a < axes.length; a++) properties[axes[a]!.property] = choices[a]![position[a]!]!.name;
    for (let a = 0; a < axes.length; a++) {
      const choice = choices[a]![position[a]!]!;
      for (const [property, name] of choice.nested) properties[property] = name;
      for (const [name, value] of choice.settings) settings[name] = value;
      if (choice.labels.length > 0) labels = sharedLabels(labelLists, labels, choice.labels);
    }
    drafts.push({ properties, settings, labels });
    for (let a = axes.length - 1; a >= 0 && ++position[a]! === choices[a]!.length; a--) position[a] = 0;
  }
  return drafts;
}

/** Few lists of labels serve all cells: cells with the same names share one. */
function sharedLabels(
  lists: Map<string, readonly string[]>,
  left: readonly string[],
  right: readonly string[],
): readonly string[] {
  const labels = [...left, ...right];
  const key = labels.join(' ');
  const known = lists.get(key);
  if (known !== undefined) return known;
  lists.set(key, labels);
  return labels;
}

function refuseTooMany(count: number, { yes, where }: ExpandOptions): void {
  if (count <= MAX_CELLS || (yes === true && count <= MAX_CELLS_AT_ALL)) return;
  const shown = count.toLocaleString('en');
  throw new UserError(
    count > MAX_CELLS_AT_ALL
      ? {
          what: `the matrix has ${shown} cells, more than the ${MAX_CELLS_AT_ALL.toLocaleString('en')} that can be planned`,
          where,
          todo: 'take values out, or split it into several benchmarks',
        }
      : {
          what: `the matrix has ${shown} cells, more than ${MAX_CELLS.toLocaleString('en')}`,
          where,
          todo: 'take values out, or say --yes if you mean it',
        },
  );
}

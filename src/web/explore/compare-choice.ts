// Which two sides the page compares: two values of a property, or a stored baseline against what the filters leave. It stands in the address.

import { distinctValues } from '#explore/arrange';
import { baselineSide, type Baseline } from '#explore/compare/baseline';
import { sideOf, type Side } from '#explore/compare/side';
import type { Dataset, Property } from '#explore/data/dataset';
import { codeOfValue } from '#explore/data/same-value';

/** Names of the options of a view. */
export const COMPARE_OPTIONS = { by: 'compare-by', a: 'compare-a', b: 'compare-b', metric: 'compare-metric' } as const;
/** Instead of a property: no property has such a name. */
export const BY_BASELINE = '(baseline)';

export interface CompareChoice {
  /** Null where nobody chose. */
  readonly by: string | null;
  readonly a: string | null;
  readonly b: string | null;
  /** Null for all. */
  readonly metric: string | null;
}

/** Properties with at least two values among the rows: facts that only tell one run from another have no two sides. */
export function comparable(dataset: Dataset, rows: Uint32Array): Property[] {
  return dataset.properties.filter((property) => property.name !== 'outcome' && distinctValues(property, rows) > 1);
}

/** What the options say, completed: of a property its first two values that occur, where none or others were chosen. */
export function readChoice(
  options: Readonly<Record<string, string>>,
  dataset: Dataset,
  rows: Uint32Array,
): CompareChoice {
  const by = options[COMPARE_OPTIONS.by] ?? null;
  const metric = options[COMPARE_OPTIONS.metric] ?? null;
  const asked = { a: options[COMPARE_OPTIONS.a] ?? null, b: options[COMPARE_OPTIONS.b] ?? null };
  if (by === BY_BASELINE) return { by, a: asked.a, b: null, metric };
  const property = comparable(dataset, rows).find(({ name }) => name === by);
  if (property === undefined) return { by: null, a: null, b: null, metric };
  const values = valuesAmong(property, rows);
  // In the spelling that is shown.
  const shown = (value: string | null) =>
    value === null ? null : (property.values[codeOfValue(property, value)] ?? null);
  const [a, b] = [shown(asked.a), shown(asked.b)];
  const first = a !== null && values.includes(a) ? a : values.find((value) => value !== b)!;
  const second = b !== null && b !== first && values.includes(b) ? b : values.find((value) => value !== first)!;
  return { by, a: first, b: second, metric };
}

/** Values that the rows have, in the property's order. */
export function valuesAmong({ values, codes }: Property, rows: Uint32Array): string[] {
  const seen = new Set(Array.from(rows, (row) => codes[row]!));
  return values.filter((_, code) => seen.has(code));
}

/** What is said of how the sides were chosen. */
export function choiceNotes({ by }: CompareChoice): string[] {
  return by === 'benchmark'
    ? [
        'each run is on the side of the benchmark that made it, with cells that its file no longer has; encodelab bench compare takes the cells as they are now, with runs taken over from other benchmarks',
      ]
    : [];
}

/** Both sides; null where there are none yet. */
export function sidesOf(
  choice: CompareChoice,
  dataset: Dataset,
  rows: Uint32Array,
  baseline: Baseline | null,
): readonly [Side, Side] | null {
  if (choice.by === BY_BASELINE)
    return baseline === null ? null : [baselineSide(baseline), sideOf(dataset, rows, 'the runs shown')];
  const property = dataset.properties.find(({ name }) => name === choice.by);
  if (property === undefined || choice.a === null || choice.b === null) return null;
  const side = (value: string) => {
    const code = property.values.indexOf(value);
    const own = rows.filter((row) => property.codes[row] === code);
    return sideOf(dataset, own, `${property.name}=${value}`, property.name);
  };
  return [side(choice.a), side(choice.b)];
}

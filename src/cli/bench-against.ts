// How much less CPU time each cell took than its neighbour with another value of one property: what a level of vector code is worth.

import { nearestName } from '#core/nearest-name';
import { UserError } from '#core/user-error';
import { summarizeMetric, type BenchResults } from '#matrix/bench-results';

/** CPU time bears a busy machine better than wall time does. */
const METRIC = 'cpu.time';

/** The column of a report: its title, and the text of each cell by its label. */
export interface AgainstColumn {
  readonly title: string;
  readonly text: ReadonlyMap<string, string>;
}

/**
 * For each cell the CPU time of the cell that differs from it in this property alone, over its own: `3.10 x`. Empty text where there is no such cell or
 * one of both has no result.
 * @param against `level=lowest`: a property of the matrix, and one of its values
 * @throws UserError where the benchmark has no such property or value
 */
export function againstColumn(results: BenchResults, against: string): AgainstColumn {
  const at = against.indexOf('=');
  const [property, value] = at < 0 ? [against, ''] : [against.slice(0, at), against.slice(at + 1)];
  checkChoice(results, property, value, against);
  const time = new Map<string, number>();
  for (const result of results.cells) {
    const { properties } = result.cell;
    const median = summarizeMetric(result, METRIC)?.median;
    if (properties[property] === value && median !== undefined) time.set(othersOf(properties, property), median);
  }
  const text = new Map<string, string>();
  for (const result of results.cells) {
    const own = summarizeMetric(result, METRIC)?.median;
    const reference = time.get(othersOf(result.cell.properties, property));
    if (own === undefined || reference === undefined || own <= 0) continue;
    text.set(result.cell.label, `${(reference / own).toFixed(2)} x`);
  }
  return { title: `speed-up by CPU time (${against})`, text };
}

function othersOf(properties: Readonly<Record<string, string>>, without: string): string {
  return JSON.stringify(Object.entries(properties).filter(([name]) => name !== without));
}

function checkChoice({ cells }: BenchResults, property: string, value: string, against: string): void {
  const values = new Map<string, Set<string>>();
  for (const { cell } of cells)
    for (const [name, one] of Object.entries(cell.properties))
      values.set(name, (values.get(name) ?? new Set()).add(one));
  const known = values.get(property);
  if (known?.has(value) === true) return;
  const near = nearestName(known === undefined ? property : value, [...(known ?? values.keys())]);
  const what = known === undefined ? `no cell has a property "${property}"` : `no cell has "${against}"`;
  const there =
    known === undefined ? [...values.keys()].join(', ') : [...known].map((one) => `${property}=${one}`).join(', ');
  throw new UserError({
    what,
    where: '--against',
    todo: near === null ? `there are: ${there}` : `did you mean ${known === undefined ? near : `${property}=${near}`}?`,
  });
}

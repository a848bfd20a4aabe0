// Which two sides `bench compare` is asked for: two benchmarks, a baseline and a benchmark, or one benchmark split by a property.

import type { Dataset } from '#explore/data/dataset';
import { codeOfValue } from '#explore/data/same-value';
import { baselineSide, type Baseline } from '#explore/compare/baseline';
import type { Comparison } from '#explore/compare/compare-sides';
import { sideOf, type Side } from '#explore/compare/side';
import { nearestName } from '#core/nearest-name';
import { UserError } from '#core/user-error';
import { readBaseline, readBaselineFile } from '#lab/baselines';
import type { Lab } from '#lab/lab';
import { readDataset } from '#lab/read-dataset';
import { readResults } from '#matrix/bench-results';

export interface SideOptions {
  readonly by?: string;
  readonly a?: string;
  readonly b?: string;
  readonly baseline?: string;
  readonly baselineFile?: string;
}

/**
 * @param benchmarks one or two names: as {@link namesTwoSides} wants them
 * @throws UserError where a side is not there
 */
export async function readSides(
  lab: Lab,
  benchmarks: readonly string[],
  options: SideOptions,
): Promise<readonly [Side, Side]> {
  const [first, second] = benchmarks;
  if (options.by !== undefined) return splitSides(lab, first!, options.by, options.a, options.b);
  const stored = await storedBaseline(lab, options);
  if (stored !== null) return [baselineSide(stored), await benchmarkSide(lab, first!)];
  return [await benchmarkSide(lab, first!), await benchmarkSide(lab, second!)];
}

/**
 * What both sides took from each other shows no change, whatever was changed on the machine.
 * @throws UserError where every run of the pairs is on both sides
 */
export function checkSharedRuns({ a, b, sharedRuns: { shared, all } }: Comparison): void {
  if (shared === 0 || shared < all) return;
  throw new UserError({
    what: `${a} and ${b} have the same ${shared} runs: their cells are the same, so they were measured once, and nothing can have changed`,
    todo: `to measure again: \`encodelab bench baseline save before ${b}\`, \`encodelab runs exclude --benchmark ${b} --reason TEXT\`, \`encodelab bench run\` with its file, \`encodelab bench compare --baseline before ${b}\``,
  });
}

/** Whether the words name exactly two sides. */
export function namesTwoSides(benchmarks: readonly string[], options: SideOptions): boolean {
  const { by, baseline, baselineFile } = options;
  const others = [by, baseline, baselineFile].filter((option) => option !== undefined).length;
  return benchmarks.length + others === 2 && benchmarks.length > 0;
}

/** @throws UserError where the lab has no benchmark of that name */
export async function benchmarkRows(lab: Lab, name: string): Promise<Dataset> {
  const { dataset, missing, benchmarks } = await readDataset(lab, [name]);
  if (missing.length === 0) return dataset;
  const near = nearestName(name, benchmarks);
  const there = benchmarks.length > 0 ? `the lab has: ${benchmarks.join(', ')}` : '`encodelab bench run` makes some';
  throw new UserError({
    what: `the lab has no benchmark "${name}"`,
    where: lab.path,
    todo: near === null ? there : `did you mean ${near}?`,
  });
}

/** The results of a benchmark as `bench report` has them: of its cells as they are now, with the build and the machine that it last ran with. */
export async function benchmarkSide(lab: Lab, name: string): Promise<Side> {
  const dataset = await benchmarkRows(lab, name);
  const record = await lab.catalogue.benchmark(name);
  const { cells } = record === null ? { cells: [] } : await readResults(lab.catalogue, record);
  const current = new Set(cells.flatMap(({ runs }) => runs.map(({ id }) => id)));
  // What was imported has no cells of its own: then every run counts.
  const rows = current.size === 0 ? rowsOf(dataset) : rowsOf(dataset).filter((row) => current.has(dataset.ids[row]!));
  return sideOf(dataset, rows, name);
}

async function storedBaseline(lab: Lab, { baseline, baselineFile }: SideOptions): Promise<Baseline | null> {
  if (baselineFile !== undefined) return readBaselineFile(baselineFile);
  return baseline === undefined ? null : readBaseline(lab, baseline);
}

async function splitSides(
  lab: Lab,
  benchmark: string,
  by: string,
  a: string | undefined,
  b: string | undefined,
): Promise<readonly [Side, Side]> {
  const dataset = await benchmarkRows(lab, benchmark);
  const property = dataset.properties.find(({ name }) => name === by);
  if (property === undefined) {
    const names = dataset.properties.map(({ name }) => name);
    const near = nearestName(by, names);
    throw new UserError({
      what: `no run of ${benchmark} has a property "${by}"`,
      where: '--by',
      todo: near === null ? `there are: ${names.join(', ')}` : `did you mean ${near}?`,
    });
  }
  const side = (option: string, value: string | undefined): Side => {
    const code = value === undefined ? -1 : codeOfValue(property, value);
    if (code < 0)
      throw new UserError({
        what: value === undefined ? `which ${by}?` : `no run has ${by}=${value}`,
        where: option,
        todo: `there are: ${property.values.join(', ')}`,
      });
    const rows = rowsOf(dataset).filter((row) => property.codes[row] === code);
    return sideOf(dataset, rows, `${by}=${value}`, by);
  };
  return [side('--a', a), side('--b', b)];
}

function rowsOf({ count }: Dataset): number[] {
  return Array.from({ length: count }, (_, row) => row);
}

// Imported runs that belong together are a benchmark of the lab: its cells are their settings.

import type { BenchmarkRecord, CellRecord } from '#core/catalogue';
import type { RunRecord } from '#core/run';
import { formatSettingValue } from '#core/settings';
import type { Lab } from '#lab/lab';

/**
 * Enters the benchmark, with the cells that it has already and those of these runs.
 * @param file where the study came from, for people
 */
export async function saveStudy(lab: Lab, name: string, file: string, runs: readonly RunRecord[]): Promise<void> {
  const before = await lab.catalogue.benchmark(name);
  const cells = new Map((await lab.catalogue.cells(name)).map((cell) => [cell.sameKey, cell]));
  for (const run of runs) if (!cells.has(run.sameKey)) cells.set(run.sameKey, { ...cellOf(run), index: cells.size });
  const properties = new Map<string, Set<string>>();
  for (const cell of cells.values())
    for (const [property, value] of Object.entries(cell.properties)) {
      const values = properties.get(property) ?? new Set<string>();
      properties.set(property, values.add(value));
    }
  await lab.catalogue.saveBenchmark(
    {
      name,
      file,
      properties: [...properties].map(([property, values]) => ({ name: property, values: [...values] })),
      repeat: runs.reduce((most, { repeat }) => Math.max(most, repeat), before?.repeat ?? 1),
      seed: null,
      thresholds: [],
      startedAt: runs.map(({ startedAt }) => startedAt).toSorted()[0]!,
    },
    [...cells.values()],
  );
}

/** Whether a benchmark of that name is one that was imported, or there is none: a benchmark of the user's stays as it is. */
export async function isStudy(lab: Lab, name: string): Promise<boolean> {
  const benchmark = await lab.catalogue.benchmark(name);
  return benchmark === null || isImported(benchmark);
}

/** Whether it was imported: nobody planned its runs. */
export function isImported({ file }: Pick<BenchmarkRecord, 'file'>): boolean {
  return !/\.ya?ml$/.test(file);
}

function cellOf(run: RunRecord): Omit<CellRecord, 'index'> {
  const properties = Object.entries(run.settings).map(([name, value]) => [name, formatSettingValue(value)]);
  return {
    label: run.cell ?? '',
    properties: Object.fromEntries(properties) as Record<string, string>,
    settings: run.settings,
    sameKey: run.sameKey,
  };
}

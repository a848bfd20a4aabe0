// Cells that encode: every setting resolved, every parameter value tried once before anything is measured.

import type { EngineSetting } from '#core/engine';
import { normalizeSettings, resolveEncode } from '#media/encode-settings';
import { engineOf } from '#media/engine';
import type { EncodeWork } from '#run/run-work';
import { sameKey } from '#run/same-key';
import { askEngines } from './bench-engines.ts';
import { sourceOf, type BenchSources } from './bench-sources.ts';
import type { CellProblems } from './cell-problems.ts';
import { coverValues } from './cover-values.ts';
import type { PreparedBench, PreparedCell, PrepareOptions } from './prepare-bench.ts';

type PreparedEncode = PreparedCell & { readonly work: EncodeWork };

/** @throws UserError with all that is wrong, each problem once */
export async function prepareEncodes(
  options: PrepareOptions,
  sources: BenchSources,
  problems: CellProblems,
): Promise<PreparedBench> {
  const { benchmark } = options;
  const engines = await askEngines(options);
  const warnings = new Set<string>();
  const cells: PreparedEncode[] = [];
  for (const cell of benchmark.cells) {
    const source = sourceOf(cell, sources, problems);
    if (source === null) continue;
    const resolved = resolveEncode(cell.settings, cell.labels, source.info, engines.encoders);
    if ('problems' in resolved) {
      for (const problem of resolved.problems) problems.add(cell, problem);
      continue;
    }
    for (const warning of resolved.warnings) warnings.add(warning);
    const { job: parameters, concurrent } = resolved;
    const environment = engines.environment(parameters.engine);
    const key = sameKey(
      {
        kind: 'encode',
        // A label counts as well: it may stand for what a hook has set up.
        settings: normalizeSettings(cell.settings, []),
        sourceHash: source.info.hash,
        encoderBuild: await engines.encoderBuild(parameters.engine, parameters.encoder),
      },
      environment,
    );
    cells.push({
      cell,
      work: { kind: 'encode', parameters, source: source.info.path, concurrent },
      environment,
      source: source.info,
      sourceIdentity: source.identity,
      sameKey: key,
      program: engines.program(parameters.engine),
    });
  }
  problems.throwIfAny();
  await tryParameters(cells, problems, options);
  problems.throwIfAny();
  return { cells, warnings: [...warnings] };
}

/** Each value of each parameter is tried once, with values of the others that stand beside it in some cell. */
async function tryParameters(
  cells: readonly PreparedEncode[],
  problems: CellProblems,
  options: PrepareOptions,
): Promise<void> {
  const chosen = coverValues(
    cells.map(({ cell, work: { parameters } }) => ({
      group: JSON.stringify([parameters.engine, parameters.encoder]),
      settings: cell.settings,
    })),
  );
  const tried = chosen.slice(0, options.maxTrials).map((index) => cells[index]!);
  if (tried.length < chosen.length) {
    options.onNote(
      `${chosen.length - tried.length} combinations of parameters are not tried now: bench run tries them before it begins`,
    );
  }
  const byEngine = Map.groupBy(tried, ({ work }): EngineSetting => work.parameters.engine);
  for (const [engine, ofEngine] of byEngine) {
    const results = await engineOf(engine).tryEncodes(
      ofEngine.map(({ work }) => work.parameters),
      { signal: options.signal },
    );
    for (const [i, result] of results.entries()) {
      if (result.ok) continue;
      for (const problem of result.problems) problems.add(ofEngine[i]!.cell, problem);
    }
  }
}

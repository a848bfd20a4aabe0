// Everything that can be checked before the first encode: sources, encoders, parameters. What is wrong ends here.

import type { Benchmark, Cell } from '#core/benchmark';
import type { Environment } from '#core/environment';
import type { SourceInfo } from '#core/source';
import { nearestName } from '#core/nearest-name';
import { UserError, type Problem } from '#core/user-error';
import { encodeMetricNames } from '#analysis/run-metrics';
import type { Lab } from '#lab/lab';
import { readEnvironment } from '#measure/environment';
import { normalizeSettings, resolveEncode, type EncodeParameters, type SettingProblem } from '#media/encode-settings';
import { discoverEncoders, encoderBuild, describeBundled } from '#media/encoders';
import { fileIdentity, inspectSourceOnce } from '#media/inspect-cache';
import { tryEncodes } from '#media/trial';
import { sameKey } from '#run/same-key';
import { coverValues } from './cover-values.ts';
import { agentCommands } from './session-warnings.ts';
import { settingPosition } from './setting-position.ts';

export interface PreparedCell {
  readonly cell: Cell;
  readonly parameters: EncodeParameters;
  readonly source: SourceInfo;
  /** Of the source's file when it was inspected; null for a generated one. */
  readonly sourceIdentity: string | null;
  readonly sameKey: string;
}

export interface PreparedBench {
  readonly cells: readonly PreparedCell[];
  readonly environment: Environment;
  readonly warnings: readonly string[];
}

export interface PrepareOptions {
  readonly benchmark: Benchmark;
  readonly lab: Lab;
  /** Version of encodelab. */
  readonly version: string;
  readonly signal?: AbortSignal | undefined;
  /** Trial encodes at the most; those beyond are left out and told by `onNote`. */
  readonly maxTrials: number;
  readonly onNote: (text: string) => void;
}

/** Problems told at once: of a thousand cells with the same slip nobody wants a thousand lines. */
const MAX_PROBLEMS = 20;

/**
 * Inspects every source, resolves every cell, and tries every parameter value once in an encode of two frames.
 * @throws UserError with all that is wrong, each problem once
 */
export async function prepareBench(options: PrepareOptions): Promise<PreparedBench> {
  const { benchmark, lab, signal } = options;
  if (benchmark.session !== 'encode') {
    throw new UserError({
      what: `sessions of kind "${benchmark.session}" can't run yet`,
      where: benchmark.file,
      todo: 'session: encode runs here',
    });
  }
  refuseHooksOfAgents(benchmark);
  refuseUnknownMetrics(benchmark);
  const [sources, encoders, engine] = await Promise.all([
    inspectSources(benchmark, lab.cacheFolder, signal),
    discoverEncoders({ cacheFolder: lab.cacheFolder }),
    describeBundled(),
  ]);
  const environment = await readEnvironment({
    encodelab: options.version,
    node: process.versions.node,
    ffmpeg: engine.version,
  });
  const builds = new Map<string, string>();
  const identities = new Map<string, string | null>();
  for (const { path } of sources.values()) identities.set(path, await fileIdentity(path));
  const problems = new ProblemSet(benchmark);
  const warnings = new Set<string>(benchmark.warnings);
  const cells: PreparedCell[] = [];
  for (const cell of benchmark.cells) {
    const source = sources.get(String(cell.settings['source']));
    if (source === undefined) {
      problems.add(cell, {
        setting: 'source',
        what: 'this cell has no source',
        todo: 'write source: clip.mp4, a path relative to the file',
      });
      continue;
    }
    const resolved = resolveEncode(cell.settings, cell.labels, source, encoders);
    if ('problems' in resolved) {
      for (const problem of resolved.problems) problems.add(cell, problem);
      continue;
    }
    for (const warning of resolved.warnings) warnings.add(warning);
    const parameters = resolved.job;
    const { encoder } = parameters;
    const build = builds.get(encoder) ?? (await encoderBuild(encoder, { cacheFolder: lab.cacheFolder }));
    builds.set(encoder, build);
    const key = sameKey(
      {
        kind: 'encode',
        // A label counts as well: it may stand for what a hook has set up.
        settings: normalizeSettings(cell.settings, []),
        sourceHash: source.hash,
        encoderBuild: build,
      },
      environment,
    );
    cells.push({ cell, parameters, source, sourceIdentity: identities.get(source.path) ?? null, sameKey: key });
  }
  problems.throwIfAny();
  await tryParameters(cells, problems, options);
  problems.throwIfAny();
  return { cells, environment, warnings: [...warnings] };
}

async function inspectSources(
  benchmark: Benchmark,
  cacheFolder: string,
  signal: AbortSignal | undefined,
): Promise<Map<string, SourceInfo>> {
  const paths = new Set(
    benchmark.cells.flatMap(({ settings }) => (settings['source'] === undefined ? [] : [String(settings['source'])])),
  );
  const sources = new Map<string, SourceInfo>();
  for (const path of paths) sources.set(path, await inspectSourceOnce(path, cacheFolder, { signal }));
  return sources;
}

/** Each value of each parameter is tried once, with values of the others that stand beside it in some cell. */
async function tryParameters(
  cells: readonly PreparedCell[],
  problems: ProblemSet,
  options: PrepareOptions,
): Promise<void> {
  const chosen = coverValues(
    cells.map(({ cell, parameters }) => ({ group: parameters.encoder, settings: cell.settings })),
  );
  const tried = chosen.slice(0, options.maxTrials).map((index) => cells[index]!);
  if (tried.length < chosen.length) {
    options.onNote(
      `${chosen.length - tried.length} combinations of parameters are not tried now: bench run tries them before it begins`,
    );
  }
  const results = await tryEncodes(
    tried.map(({ parameters }) => parameters),
    { signal: options.signal },
  );
  for (const [i, result] of results.entries()) {
    if (result.ok) continue;
    for (const problem of result.problems) problems.add(tried[i]!.cell, problem);
  }
}

function refuseUnknownMetrics({ thresholds }: Benchmark): void {
  const known = encodeMetricNames();
  const unknown = thresholds.filter(
    ({ metric, statistic }) => !known.includes(metric) && !known.includes(`${metric} ${statistic}`),
  );
  if (unknown.length === 0) return;
  throw new UserError(
    unknown.map(({ metric, where }) => {
      const near = nearestName(metric, known);
      const what = `an encode has no metric "${metric}"${near === null ? '' : `: did you mean ${near}?`}`;
      return { what, where, todo: 'docs/metrics.md lists them' };
    }),
  );
}

function refuseHooksOfAgents(benchmark: Benchmark): void {
  const foreign = agentCommands(benchmark);
  if (foreign.length === 0) return;
  throw new UserError(
    foreign.slice(0, MAX_PROBLEMS).map(({ role, where }) => ({
      what: `this hook is for the ${role}, and an encode has no agent there`,
      where,
      todo: 'a hook without a role runs on this machine',
    })),
  );
}

/** Problems of cells, each told once and at the place of the value in the file. */
class ProblemSet {
  readonly #benchmark: Benchmark;
  readonly #problems = new Map<string, Problem>();

  constructor(benchmark: Benchmark) {
    this.#benchmark = benchmark;
  }

  add(cell: Cell, { setting, what, todo }: SettingProblem): void {
    const where = settingPosition(this.#benchmark, setting, cell.settings[setting]);
    const problem = { what, where, todo };
    this.#problems.set(JSON.stringify(problem), problem);
  }

  throwIfAny(): void {
    if (this.#problems.size === 0) return;
    const all = [...this.#problems.values()];
    const more = all.length - MAX_PROBLEMS;
    throw new UserError(more > 0 ? [...all.slice(0, MAX_PROBLEMS), { what: `and ${more} more of the kind` }] : all);
  }
}

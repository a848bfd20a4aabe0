// Cells that run a command: what goes in resolved, the program found, every placeholder known.

import type { Benchmark } from '#core/benchmark';
import type { CommandSpec } from '#core/command';
import { canonicalSettings, type Settings } from '#core/settings';
import { UserError } from '#core/user-error';
import { readEnvironment } from '#measure/environment';
import { resolveConcurrent } from '#media/encode-settings';
import { PICTURE_SETTINGS, resolvePicture } from '#media/command/command-picture';
import { fillTemplate, placeholdersOf } from '#media/command/placeholders';
import { programBuild, resolveProgram } from '#media/command/program';
import { fileIdentity } from '#media/inspect-cache';
import type { CommandWork } from '#run/run-work';
import { sameKey } from '#run/same-key';
import { sourceOf, type BenchSource, type BenchSources } from './bench-sources.ts';
import type { CellProblems } from './cell-problems.ts';
import type { BenchProgram, PreparedBench, PreparedCell, PrepareOptions } from './prepare-bench.ts';

/** @throws UserError with all that is wrong, each problem once */
export async function prepareCommands(
  options: PrepareOptions,
  sources: BenchSources,
  problems: CellProblems,
): Promise<PreparedBench> {
  const { benchmark } = options;
  const spec = benchmark.command!;
  const programs = new Map<string, BuiltProgram>();
  const unused = unusedProperties(benchmark, spec);
  const warnings = new Set<string>();
  const environment = await readEnvironment({ encodelab: options.version, node: process.versions.node });
  const cells: PreparedCell[] = [];
  for (const cell of benchmark.cells) {
    const source = cell.settings['source'] === undefined ? null : sourceOf(cell, sources, problems);
    const resolved = resolveInput(cell.settings, cell.labels, source);
    if ('problems' in resolved) {
      for (const problem of resolved.problems) problems.add(cell, problem);
      continue;
    }
    for (const warning of resolved.warnings) warnings.add(warning);
    const name = programOf(spec, cell.settings);
    const known = programs.get(name) ?? (await findProgram(name, spec));
    programs.set(name, known);
    const { program, build } = known;
    const versions = { ...environment.versions, command: build };
    cells.push({
      cell,
      work: {
        kind: 'command',
        spec,
        settings: cell.settings,
        source: source?.info.path ?? null,
        picture: resolved.picture,
        pictures: {},
        concurrent: resolved.concurrent,
      },
      environment: { ...environment, versions },
      source: source?.info ?? null,
      sourceIdentity: source?.identity ?? null,
      program,
      sameKey: sameKey(
        {
          kind: 'command',
          settings: { ...cell.settings, ...spelling(spec) },
          sourceHash: source?.info.hash ?? '',
          encoderBuild: build,
        },
        environment,
      ),
    });
  }
  problems.throwIfAny();
  return { cells, warnings: [...unused, ...warnings] };
}

/** Properties that vary and change nothing: a forgotten placeholder gives two cells of one command. */
function unusedProperties({ properties, cells, hooks }: Benchmark, { argv, env }: CommandSpec): string[] {
  const named = [...argv, ...Object.values(env)].flatMap(placeholdersOf).map(({ name }) => name);
  const labels = new Set(cells.flatMap((cell) => cell.labels));
  const used = new Set([...named, ...PICTURE_SETTINGS, 'source', ...labels, ...hooks.map(({ property }) => property)]);
  return properties
    .filter(({ name, values }) => values.length > 1 && !used.has(name))
    .map(({ name }) => `${name} varies, and the command does not use it: there is no {${name}} in it`);
}

type ResolvedInput = Pick<CommandWork, 'picture' | 'concurrent'> & { readonly warnings: readonly string[] };

function resolveInput(settings: Settings, labels: readonly string[], source: BenchSource | null) {
  if (source !== null) return resolvePicture(settings, labels, source.info);
  const concurrent = resolveConcurrent(labels.includes('concurrent') ? undefined : settings['concurrent']);
  return typeof concurrent === 'number'
    ? ({ picture: null, concurrent, warnings: [] } satisfies ResolvedInput)
    : { problems: [concurrent] };
}

/** The program may be a setting itself: `command: ["{encoder}", …]`. */
function programOf({ argv, folder }: CommandSpec, settings: Settings): string {
  const filled = fillTemplate(argv[0]!, settings, { bench: folder });
  return typeof filled === 'string' ? filled : argv[0]!;
}

interface BuiltProgram {
  readonly program: BenchProgram;
  readonly build: string;
}

/** @throws UserError where there is no such program */
async function findProgram(name: string, spec: CommandSpec): Promise<BuiltProgram> {
  const found = await resolveProgram(name, spec.folder, spec.env['PATH']);
  if ('path' in found) {
    const program = { path: found.path, identity: await fileIdentity(found.path) };
    return { program, build: await programBuild(found.path) };
  }
  throw new UserError({
    what: found.why,
    where: spec.where,
    todo: 'install it, or write its path, relative to this file',
  });
}

/** What the command is, beside the settings that are put into it. */
function spelling({ argv, env, output, gstreamer }: CommandSpec): Settings {
  return { 'command ': JSON.stringify([argv, canonicalSettings(env), output, gstreamer]) };
}
